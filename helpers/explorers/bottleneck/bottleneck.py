"""A note through the bottleneck of a neural codec: how many numbers, how many levels, how many bits, and what is left to hear.

Notebook: 07a_autoencoders. Concept: helpers/concepts/quantiser.py. The codec's rates: helpers/explorers/bottleneck/rates.py;
the picture: plane.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.audio import RATE, fade
from helpers.concepts import quantiser
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import Harmonics, held_out, load_harmonics, sound
from helpers.explorers.base import Explorer
from helpers.explorers.bottleneck import plane, rates
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.models.codec import LEVELS, NUMBERS, PITCH_BITS, UNROUNDED
from helpers.views import Grid, Stage, Track

PCM_BITS = 16 * RATE  # a second of samples


class Bottleneck(Explorer):
    """A held-out note as a picture, its code, and what is decoded from as much of the code as is sent.

    State: family (the note), numbers (how many of the code's numbers are sent), levels (that each is rounded to; 0: not
    rounded), moved (numbers of the code that you changed: pairs of which and value).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"family": "guitar", "numbers": 8, "levels": 4, "moved": []}
    presets: ClassVar[dict[str, dict]] = {
        "16 bits for a second": {},
        "one number of two levels": {"numbers": 1, "levels": 2},
        "32 numbers of 16 levels": {"numbers": 32, "levels": 16},
        "8 bits as two numbers": {"numbers": 2, "levels": 16},
        "8 bits as eight numbers": {"numbers": 8, "levels": 2},
        "not rounded": {"numbers": 32, "levels": UNROUNDED},
        "the first number pulled up": {"family": "organ", "moved": [[0, 1.0]]},
    }

    def build(self) -> None:
        self.control("family", widgets.Dropdown(options=list(held_out()), description="a note of"))
        self.control("numbers", widgets.SelectionSlider(options=NUMBERS, description="numbers"))
        offered = [*((str(n), n) for n in LEVELS), ("not rounded", UNROUNDED)]
        self.control("levels", widgets.SelectionSlider(options=offered, description="levels"))
        button = widgets.Button(description="its own code", layout={"width": "110px"}, tooltip="undo what was dragged")
        button.on_click(lambda _: self.set(moved=[]))
        self.beside(button)
        self.grid.on("drag", self._dragged)
        self.grid.on("drop", self._dragged)
        self.grid.on("pick", self._picked)
        self.player.together = True

    def _dragged(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        """A number of the code follows the pointer, from level to level."""
        others = [pair for pair in self._state["moved"] if pair[0] != index]
        self._newest(moved=[*others, [int(index), round(min(max(float(y), -1.0), 1.0), 3)]])

    def _picked(self, panel: str, layer: str, index: int, shift: bool) -> None:
        """A dot of the curves is how many numbers and levels."""
        self.set(numbers=NUMBERS[index], levels=UNROUNDED if layer == plane.UNROUNDED_NAME else int(layer.split()[0]))

    def settle(self, state: dict, changes: dict) -> dict:
        if "family" in changes and "moved" not in changes:
            state["moved"] = []
        if "numbers" in changes and "moved" not in changes:  # what is not sent any more cannot have been changed
            state["moved"] = [pair for pair in state["moved"] if pair[0] < state["numbers"]]
        return state

    def impossible(self, state: dict) -> str | None:
        for name, known in (("family", held_out()), ("numbers", NUMBERS), ("levels", (*LEVELS, UNROUNDED))):
            if state[name] not in known:
                return f"{name}={state[name]!r} cannot be; choose one of {', '.join(map(str, known))}."
        for pair in state["moved"]:
            if not (isinstance(pair, list) and len(pair) == 2 and pair[0] in range(state["numbers"]) and -1 <= pair[1] <= 1):
                last = state["numbers"] - 1
                return f"moved={state['moved']!r}; give pairs of a number, 0 to {last}, and its value, −1 to 1."
        return None

    @torch.no_grad()
    def compute(self) -> None:
        state, model = self._state, rates.codec()
        picture, levels = held_out()[state["family"]].picture[0], state["levels"]
        whole = model.code(picture[None], levels)
        code = whole[:, : state["numbers"]].clone()
        for i, value in state["moved"]:
            code[0, i] = value
        rate = rates.table()[state["numbers"], levels]
        self.result_ = {"index": np.zeros(0, int)}
        if levels:
            index = quantiser.to_levels(code, levels)
            code = quantiser.from_levels(index, levels)
            self.result_["index"] = index[0].numpy()
        decoded = model.picture(code, levels)
        self.result_ |= {
            "picture": picture.numpy(),
            "decoded": decoded[0].numpy(),
            "code": whole[0].numpy(),
            "sent": code[0].numpy(),
            "error": off_db(decoded, picture[None]),
            "rate": [rate.bits, rate.entropy, rate.error],
            "fewer": PCM_BITS / rate.bits,
            "curves": np.array([[[*r[2:]] for n in NUMBERS for r in [rates.table()[n, m]]] for m in (*LEVELS, UNROUNDED)]),
        }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([*plane.pictures(self.result_), plane.code(self.result_, self._state), plane.curves(self.result_)])
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def verdict(self) -> str:
        """Bits a second at a fixed length and by entropy, against plain samples; and what is lost."""
        state, (bits, entropy, error) = self._state, self.result_["rate"]
        each = f"log₂ {state['levels']}" if state["levels"] else str(rates.FLOAT_BITS)
        count = len(load_harmonics("new"))
        spare = f" ({number(entropy, 1)} if frequent levels are written shorter)" if state["levels"] else ""
        return (
            f"{state['numbers']} × {each} = {number(bits, 1)} bits for this second{spare}, "
            f"and {number(PITCH_BITS, 1)} for its pitch. "
            f"16-bit samples take {PCM_BITS:,}: {self.result_['fewer']:,.0f} times as many. "
            f"Off by {number(self.result_['error'], 1)} dB here, by {number(error, 1)} dB on {count} new notes."
        )

    def alt(self) -> str:
        label = held_out()[self._state["family"]].label(0)
        changed = ", ".join(f"number {i + 1} moved to {number(value, 2)}" for i, value in self._state["moved"])
        return f"{label}, through a neural codec{': ' + changed if changed else ''}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        """The recorded note, all of its picture, and what came through: at the note's own pitch, which is sent beside."""
        state, result = self._state, self.result_
        note = held_out()[state["family"]]
        pitch = int(note.pitch)
        decoded, bits = torch.from_numpy(result["decoded"]), number(result["rate"][0], 1)
        return [
            Track(f"decoded from {bits} bits", lambda: sound(decoded, pitch).numpy(), key=repr(state)),
            Track("its whole picture", lambda: sound(note.picture[0], pitch).numpy(), key=state["family"]),
            Track("the recorded note", lambda: recorded(note).numpy(), key=state["family"]),
        ]

    def question(self) -> Question:
        asked = rates.codec().bits_per_second(16, 4)
        options = ["16 bits", "32 bits", "64 bits", "1,024 bits"]
        return Question(
            "A codec sends 16 numbers for a second of sound, each rounded to one of 4 levels. How much is that?",
            options, lambda: f"{asked:.0f} bits", f"16 · log₂ 4. A second of 16-bit samples takes {PCM_BITS:,}.",
        )  # fmt: skip


def recorded(note: Harmonics) -> Float[Tensor, "16000"]:
    """The first second of one note, as loud as its picture sounds (RMS), its end faded out."""
    x = note.notes.audio(0)[:RATE] * fade(RATE, 0.03, last_only=True)
    goal = sound(note.picture[0], int(note.pitch)).square().mean().sqrt()
    return x * min(float(goal / x.square().mean().sqrt()), 0.95 / float(x.abs().max()))
