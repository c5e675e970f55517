"""One note for a whole choir: the constant that each loss likes best, what each singer's error costs, and how hard it pulls.

Notebook: 02_loss_functions. Concept: helpers/concepts/losses.py. The picture: helpers/explorers/minimiser/choir.py.
"""

from __future__ import annotations

import math
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float

from helpers import audio
from helpers.concepts import losses
from helpers.explorers.base import Explorer
from helpers.explorers.minimiser import choir
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.views import Grid, Stage, Track

LOW, HIGH = -4.0, 14.0  # semitones: what the picture shows
MOST = 9  # singers
HOME = 57  # MIDI pitch of the note that was asked for, A3
METRICS = ("semitones", "hertz")
SEMITONE = audio.hertz(HOME + 1) - audio.hertz(HOME)  # Hz, the first one up
TUNE = [-0.3, 0.2, -0.1, 0.3, 0.0]


class Minimiser(Explorer):
    """Singers on a line of pitch, a guess that is to stand for all of them, and what it costs under three losses.

    State: points (each singer's pitch in semitones from the note that was asked for), guess (in semitones), delta
    (from which error on Huber's loss is straight, in semitones), metric (errors in semitones or in hertz), reduction (mean,
    or sum over the singers).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"points": [*TUNE, 12.0], "guess": 4.0, "delta": 1.0, "metric": "semitones", "reduction": "mean"}
    presets: ClassVar[dict[str, dict]] = {
        "in tune": {"points": TUNE},
        "one an octave high": {"points": [*TUNE, 12.0]},
        "two camps": {"points": [-0.2, 0.0, 0.2, 6.8, 7.0, 7.2], "guess": 2.0},
        "a spread choir": {"points": [-3.0, -1.5, -0.5, 0.5, 2.0, 4.0, 7.0], "guess": 0.0},
    }

    def build(self) -> None:
        self.control("delta", widgets.FloatSlider(min=0.1, max=6.0, step=0.1, description="Huber's δ"))
        self.control(
            "metric", widgets.ToggleButtons(options=list(METRICS), description="errors in", style={"button_width": "100px"})
        )
        self.control(
            "reduction",
            widgets.ToggleButtons(options=["mean", "sum"], description="reduction", style={"button_width": "70px"}),
        )
        for said, add in (("add a singer", True), ("remove the last", False)):
            button = widgets.Button(description=said, layout={"width": "130px"})
            button.on_click(lambda _, add=add: self.set(points=self._more() if add else self._state["points"][:-1]))
            self.beside(button)
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)
        self.grid.on("place", lambda panel, x, y, shift: self.set(points=[*self._state["points"], _tenth(x)]))

    def _more(self) -> list[float]:
        return [*self._state["points"], _tenth(self._state["guess"])]

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        if layer.startswith("guess"):
            self.set(guess=_tenth(x))
        else:
            points = self._state["points"].copy()
            points[index] = _tenth(x)
            self.set(points=points)

    def impossible(self, state: dict) -> str | None:
        points = state["points"]
        if not all(isinstance(p, int | float) and not isinstance(p, bool) for p in points):
            return f"points={points!r}; give each singer's pitch as a number of semitones."
        if not 1 <= len(points) <= MOST:
            return f"{len(points)} singers; there is room for 1 to {MOST}."
        for pitch in (*points, state["guess"]):
            if not LOW <= pitch <= HIGH:
                return f"A pitch of {pitch:g} semitones is off the picture; choose {LOW:g} to {HIGH:g}."
        if not state["delta"] > 0:
            return f"δ = {state['delta']:g}; the error from which Huber's loss is straight is above 0."
        return None

    def compute(self) -> None:
        y, guess = (torch.tensor(self._state[name], dtype=torch.float64) for name in ("points", "guess"))
        c = torch.linspace(LOW, HIGH, 361, dtype=torch.float64)  # every twentieth of a semitone
        self.result_ = {"points": y.numpy(), "guess": float(guess), "c": c.numpy()}
        delta, per_semitone = self._state["delta"], 1.0
        if self._state["metric"] == "hertz":
            y, guess, c, delta = hertz(y), hertz(guess), hertz(c), delta * SEMITONE
            per_semitone = float(guess) * math.log(2) / 12
        share = 1 / len(y) if self._state["reduction"] == "mean" else 1.0
        pairs = {
            "L1": (losses.l1, losses.l1_slope),
            "Huber": (lambda a, b: losses.huber(a, b, delta), lambda a, b: losses.huber_slope(a, b, delta)),
            "L2": (losses.l2, losses.l2_slope),
        }
        best = {"L1": losses.median(y), "Huber": losses.huber_centre(y, delta), "L2": (losses.mean(y),) * 2}
        for name, (loss, slope) in pairs.items():
            at_best = loss(torch.tensor(best[name][0], dtype=torch.float64), y)
            self.result_ |= {
                f"{name} curve": share * loss(c[:, None], y).sum(1).numpy(),
                f"{name} best": np.array([self._place(end) for end in best[name]]),
                f"{name} least": share * float(at_best.sum()),
                f"{name} at guess": share * float(loss(guess, y).sum()),
                f"{name} pulls": share * slope(guess, y).numpy(),
                f"{name} slope": share * float(slope(guess, y).sum()),
                f"{name} rise": share * float(slope(guess, y).sum()) * per_semitone,
            }

    def _place(self, best: float) -> float:
        """What is best, in semitones."""
        return best if self._state["metric"] == "semitones" else 12 * math.log2(best / audio.hertz(HOME))

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show(choir.planes(self.result_, (LOW, HIGH), self._state["reduction"], self._state["metric"]))
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def verdict(self) -> str:
        """Where each loss puts the choir's one note."""
        said = {name: choir.interval(self.result_[f"{name} best"]) for name in ("L1", "Huber", "L2")}
        return (
            f"L1 likes {said['L1']} best (the median), L2 {said['L2']} (the mean), Huber {said['Huber']} "
            f"(δ = {self._delta()}); all in semitones from the note that was asked for."
        )

    def _delta(self) -> str:
        delta = number(self._state["delta"], 1)
        return delta if self._state["metric"] == "semitones" else f"{number(self._state['delta'] * SEMITONE, 1)} Hz"

    def alt(self) -> str:
        points = self._state["points"]
        who, sung = "A singer" if len(points) == 1 else "Singers", ", ".join(number(p, 1) for p in points)
        costs = ", ".join(
            f"{name} {number(self.result_[f'{name} at guess'], 2)} with slope {number(self.result_[f'{name} slope'], 2)}"
            for name in ("L1", "Huber", "L2")
        )
        return (
            f"{who} at {sung} semitones. A guess of {number(self._state['guess'], 1)} costs, as the {self._state['reduction']}, "
            f"with errors in {self._state['metric']}: "
            f"{costs}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        points = list(self._state["points"])
        best = {name: float(self.result_[f"{name} best"].mean()) for name in ("L1", "L2", "Huber")}

        def voices() -> torch.Tensor:
            return audio.chord([HOME + p for p in points], 1.6, harmonics=6, peak=0.25)

        def against(pitch: float) -> np.ndarray:
            """A tone alone, then with the choir."""
            sung = torch.cat([torch.zeros(12_800), voices()])
            return (0.5 * audio.tone(audio.hertz(HOME + pitch), 2.4, harmonics=6, peak=0.25) + 0.5 * sung).numpy()

        heard = {
            "L1's choice (median), then the choir": best["L1"],
            "L2's choice (mean), then the choir": best["L2"],
            "Huber's, then the choir": best["Huber"],
            "your guess, then the choir": float(self._state["guess"]),
        }
        return [
            Track("the choir", lambda: voices().numpy(), key=repr(points)),
            *(Track(name, lambda p=p: against(p), key=f"{points} {p!r}") for name, p in heard.items()),
        ]

    def question(self) -> Question:
        singers = torch.tensor([*TUNE, 12.0], dtype=torch.float64)
        mean, median = losses.mean(singers), losses.median(singers)
        options = ["L1 near 0, L2 near 0", "L1 near 0, L2 near 2", "L1 near 2, L2 near 0", "L1 near 6, L2 near 6"]
        truth = f"L1 near {number(sum(median) / 2, 0)}, L2 near {number(mean, 0)}"
        return Question(
            "Five singers are in tune (0), a sixth sings an octave too high (12 semitones). Which one pitch has the least loss?",
            options,
            lambda: truth,
            f"The median lies between {median[0]:.1f} and {median[1]:.1f}, where most sing; the mean is {mean:.2f}, a note that "
            "nobody sings.",
        )


def hertz(pitch: Float[torch.Tensor, "*points"]) -> Float[torch.Tensor, "*points"]:
    """Frequencies of pitches in semitones from the note that was asked for."""
    return audio.hertz(HOME) * 2 ** (pitch / 12)


def _tenth(pitch: float) -> float:
    """A pitch to a tenth of a semitone, within the picture."""
    return min(max(round(float(pitch), 1), LOW), HIGH)
