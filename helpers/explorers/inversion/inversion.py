"""A spectrogram that lost its phases becomes sound again, step by step, and every step can be heard.

Notebook: 07a_autoencoders. Concept: helpers/concepts/inversion.py. The sounds: helpers/explorers/inversion/guesses.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.audio import RATE
from helpers.concepts.inversion import SIZE, STARTS
from helpers.datasets.notes import FAMILIES
from helpers.explorers.base import Explorer
from helpers.explorers.inversion import guesses
from helpers.explorers.inversion.guesses import FLOOR, ROWS, STEPS, Run
from helpers.explorers.parts.dial import Slider
from helpers.explorers.parts.numerals import number, plural, short
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Grid, Panel, Path, Plane, Stage, Track

HOPS = {"half": 512, "three quarters": 256, "seven eighths": 128}
HERE, SHOWN = 4800, 320  # samples: where the piece of the wave begins that is shown, and how long it is (20 ms)
LIMITS = {"momentum": (0, 0.99), "seed": (0, 9), "position": (0, STEPS)}
LOWEST = -40.0  # dB: the misfit's axis ends there
HERTZ = [f"{4 * (row + 0.625) * RATE / SIZE:,.0f} Hz" for row in range(ROWS)]


class Inversion(Explorer):
    """Griffin-Lim on a real note's magnitudes: the sound after each step, its spectrogram, and how far it is off.

    State: family (the note), start (the phases to begin with: random, zero, or the true ones), momentum (how far to go beyond
    each step), overlap (of neighbouring windows of 64 ms), seed (of random phases), position (steps made).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "family": "guitar", "start": "random", "momentum": 0.0, "overlap": "three quarters", "seed": 0, "position": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "random phases": {},
        "zero phases: a buzz": {"start": "zero"},
        "the true phases": {"start": "true"},
        "forty steps with momentum": {"momentum": 0.99, "position": STEPS},
        "windows that overlap by half": {"overlap": "half", "momentum": 0.99, "position": STEPS},
        "a struck bar": {"family": "mallet", "momentum": 0.99, "position": STEPS},
    }

    def build(self) -> None:
        self.control("family", widgets.Dropdown(options=list(FAMILIES), description="a note of"))
        self.control("start", widgets.ToggleButtons(options=list(STARTS), description="phases", style={"button_width": "90px"}))
        self.control("momentum", Slider(min=0, max=0.99, step=0.01, description="momentum", continuous_update=False))
        self.control("overlap", widgets.Dropdown(options=list(HOPS), description="overlap"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed", continuous_update=False))
        self.player.together = True

    def impossible(self, state: dict) -> str | None:
        for name, known in (("family", FAMILIES), ("start", STARTS), ("overlap", HOPS)):
            if state[name] not in known:
                return f"{name}={state[name]!r} is unknown; there are {', '.join(known)}."
        return beyond(state, LIMITS)

    def count(self) -> int:
        return STEPS + 1

    def compute(self) -> None:
        state, here = self._state, self._run()
        sounds, off = guesses.run(here)
        wanted, loudest = guesses.wanted_decibels(state["family"])
        got = guesses.decibels(sounds[state["position"]], loudest)
        piece = slice(HERE, HERE + SHOWN)
        self.result_ = {
            "misfit": off,
            "misfit now": off[state["position"]],
            "wanted": wanted,
            "got": got,
            "difference": got - wanted,
            "wave": guesses.recorded(state["family"])[piece].numpy(),
            "wave now": sounds[state["position"]][piece].numpy(),
        }
        if state["momentum"]:
            self.result_["misfit without momentum"] = guesses.run(here._replace(momentum=0.0))[1]

    def _run(self) -> Run:
        """The present run; a seed or a momentum that makes no difference is not told apart."""
        state, true = self._state, self._state["start"] == "true"
        seed = state["seed"] if state["start"] == "random" else 0
        return Run(state["family"], state["start"], 0.0 if true else state["momentum"], HOPS[state["overlap"]], seed)

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([*self._pictures(), self._curve(), self._waves()])
            self.grid.count, self.grid.position = self.count(), self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, tuple(self._state.items()))

    def _pictures(self) -> list[Panel]:
        """The spectrogram that is wanted, that of the sound now, and the difference."""
        looks = {"y": 34, "cell": (4.8, 1.55), "flip": True, "coarse": True, "hover": True, "unit": " dB", "digits": 0}
        looks |= {"row_names": HERTZ, "column_names": [f"{1000 * t * SIZE / 4 / RATE:.0f} ms" for t in range(64)]}
        level = {"lo": FLOOR, "hi": 0.0}
        result, after = self.result_, plural(self._state["position"], "step")
        return [
            Panel("wanted", result["wanted"], x=30, title="wanted: the note's magnitudes, dB", **level, **looks),
            Panel("got", result["got"], x=368, live=True, title=f"got, after {after}", **level, **looks),
            Panel(
                "difference", result["difference"], x=706, live=True, lo=-20.0, hi=20.0, palette="diverging",
                title="difference, −20 to 20 dB", **looks,
            ),
        ]  # fmt: skip

    def _curve(self) -> Plane:
        """How far the magnitudes are off after each step."""
        steps = np.arange(STEPS + 1.0)
        layers = [Path("this run", _curve_of(steps, self.result_["misfit"]), ink=0, timed=True, legend=True, size=3)]
        if "misfit without momentum" in self.result_:
            other = _curve_of(steps, self.result_["misfit without momentum"])
            layers.append(Path("without momentum", other, ink=1, dash=True, legend=True))
        return Plane(
            "misfit", x=70, y=292, cell=(440, 150), x_range=(0, STEPS), y_range=(LOWEST, 3.0), scrub=True, ticks=True,
            layers=layers, title="how far the magnitudes are off, dB", column_axis="steps",
        )  # fmt: skip

    def _waves(self) -> Plane:
        ms = 1000 * (HERE + np.arange(SHOWN)) / RATE
        waves = {"recorded": self.result_["wave"], "now": self.result_["wave now"]}
        high = 1.9 * max(float(np.abs(x).max()) for x in waves.values())
        return Plane(
            "waves", x=590, y=292, cell=(410, 150), x_range=(ms[0], ms[-1]), y_range=(-high, high), ticks=True,
            title="20 ms of the wave", column_axis="ms", live=True,
            layers=[
                Path("recorded", np.stack([ms, waves["recorded"]], 1), ink="faint", size=3.5, legend=True),
                Path("now", np.stack([ms, waves["now"]], 1), ink=0, size=2, legend=True),
            ],
        )  # fmt: skip

    def verdict(self) -> str:
        """How near the magnitudes are, and how far this way goes on."""
        result, at = self.result_, self._state["position"]
        if self._state["start"] == "true":
            return "With its own phases the spectrogram gives the note back: nothing is off, whatever is done next."
        said = f"After {plural(at, 'step')} the magnitudes are off by {_decibels(result['misfit now'])}"
        last = f"; after {STEPS} by {_decibels(result['misfit'][-1])}" if at < STEPS else ""
        if "misfit without momentum" in result:
            last += f", without momentum by {_decibels(result['misfit without momentum'][-1])}"
        heard = {
            "zero": "every window begins its partials together: a buzz",
            "random": "windows disagree: a hiss, and a hollow tone",
        }
        return f"{said}{last}." + (f" Listen: {heard[self._state['start']]}." if at == 0 else "")

    def alt(self) -> str:
        state = self._state
        how = f"{state['start']} phases, momentum {short(state['momentum'])}, windows that overlap by {state['overlap']}"
        return f"A note of the {state['family']} family out of its magnitudes, from {how}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        state, here = self._state, self._run()
        at, key = state["position"], str(here)
        after = lambda n: guesses.run(here)[0][n].numpy()  # noqa: E731
        return [
            Track(f"after {plural(at, 'step')}", lambda: after(at), key=f"{at} {key}"),
            Track("the recorded note", lambda: guesses.recorded(state["family"]).numpy(), key=state["family"]),
            Track("the start: no step", lambda: after(0), key=key),
            Track(f"the end: {STEPS} steps", lambda: after(STEPS), key=key),
        ]

    def question(self) -> Question:
        off = guesses.run(self._run())[1]
        options = ["by less than 3 dB", "by 3 to 10 dB", "by more than 10 dB"]
        gained = 20 * np.log10(off[0] / off[10])
        truth = options[int(gained > 3) + int(gained > 10)]
        return Question(
            "How much nearer do ten steps bring the magnitudes to those that are wanted?",
            options, lambda: truth, f"By {number(gained, 1)} dB. Is it as much nearer to the ear?",
        )  # fmt: skip


def _curve_of(steps: np.ndarray, off: np.ndarray) -> np.ndarray:
    return np.stack([steps, 20 * np.log10(np.maximum(off, 10 ** (LOWEST / 20)))], 1)


def _decibels(off: float) -> str:
    return f"{number(20 * np.log10(max(off, 1e-12)), 1)} dB"
