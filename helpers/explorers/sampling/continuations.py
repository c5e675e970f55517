"""One beginning, several tunes: a beam's candidates beside what the dice give, each with how probable it is, to be heard.

Notebook: 06_transformers. Concepts: helpers/concepts/{beam,sampling}.py; the picture: helpers/explorers/sampling/side_by_side.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from torch import nn

from helpers.concepts.beam import Candidate, beam, log2_softmax
from helpers.concepts.sampling import Numbers
from helpers.datasets.vocabulary import END, START
from helpers.explorers.base import Explorer
from helpers.explorers.parts.fresh import stamp
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.explorers.sampling import rules, side_by_side, writing
from helpers.explorers.sampling.pen import LONGEST, Pen, shipped
from helpers.explorers.sampling.writing import PROMPTS
from helpers.explorers.values import beyond
from helpers.views import Grid, Roll, Track

LIMITS = {"width": (1, 6), "length": (1, 64), "top_p": (0.05, 1), "seed": (0, 99)}
PAUSE = 0.5  # seconds between the tunes of the playlist
KINDS = ("beam", "drawn")


class Continuations(Explorer):
    """How a tune may go on: on the left the most probable continuations that a beam finds, on the right as many drawn ones.

    model, symbols: as for Sampling. State: prompt and written (how it begins), width (of the beam; as many are drawn), length
    (symbols that are added), temperature and top_p (of what is drawn; the beam knows none), seed (the first of the dice; the
    others have the seeds after it). What is drawn depends on the state alone: the same seed, the same tunes.
    """

    view: ClassVar[type[Grid]] = Roll
    defaults: ClassVar[dict] = {
        "prompt": "6/8 in G", "written": "G2B d2B|", "width": 4, "length": 16, "temperature": 1.0, "top_p": 1.0, "seed": 0,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "four of each": {},
        "greedy": {"width": 1},
        "cold dice": {"temperature": 0.3},
        "hot dice": {"temperature": 1.5},
        "in cut time": {"prompt": "cut time in D", "written": "d2fd Adfd|"},
    }

    def __init__(self, model: nn.Module | None = None, symbols: list[str] | None = None, **options: object) -> None:
        if (model is None) != (symbols is None):
            raise ValueError("a model is given together with its symbols, e.g. Continuations(model, vocabulary.symbols).")
        self.given = {} if model is None else {"model": model, "symbols": symbols}
        self.pen = Pen(*(shipped() if model is None else (model, symbols)))
        self._found: tuple[object, list[Candidate]] = (None, [])
        super().__init__(**options)

    def build(self) -> None:
        self.control("prompt", widgets.Dropdown(options=list(PROMPTS), description="write"))
        self.control("width", widgets.Dropdown(options=[1, 2, 3, 4, 6], description="how many"))
        self.control("length", widgets.Dropdown(options=[4, 8, 16, 24, 32, 48], description="symbols"))
        self.control("temperature", widgets.Dropdown(options=[0.3, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0], description="dice: T"))
        self.control("top_p", widgets.Dropdown(options=[0.5, 0.8, 0.9, 0.95, 1.0], description="top-p"))
        self.control("seed", widgets.BoundedIntText(min=0, max=99, description="seed"))
        self.grid.on("pick", lambda panel, layer, index, shift: self._picked(panel))

    def _picked(self, panel: str) -> None:
        """Hear the tune whose roll was clicked."""
        names = [track["name"] for track in self.player.tracks]
        if panel in names:  # a click may come late, when fewer are shown
            self.player.play(names.index(panel))

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, LIMITS):
            return wrong
        if state["prompt"] not in PROMPTS or not state["temperature"] >= 0:
            return f"Choose one of {', '.join(PROMPTS)}, and a temperature of 0 or more."
        if END in state["written"]:
            return f"A tune that has its {END} goes on no more; take it away."
        try:
            count = len(self.pen.vocabulary.encode(state["written"]))
        except ValueError as error:
            return str(error)
        return f"{count} symbols are written; at most {LONGEST} can be." if count > LONGEST else None

    def compute(self) -> None:
        state, header = self._state, PROMPTS[self._state["prompt"]]
        found = {"beam": self._searched(), "drawn": self._drawn()}
        self.result_ = {
            **{kind: [self.pen.vocabulary.decode(one.symbols) for one in found[kind]] for kind in KINDS},
            **{f"{kind}, log2 p": np.array([one.log2 for one in found[kind]]) for kind in KINDS},
            **{f"{kind}, notes": self._notes(header, found[kind]) for kind in KINDS},
            "begins": float(sum(bar.length for bar in writing.readable(header + state["written"])[0].bars)),
        }

    def _prompt(self) -> list[int]:
        return self.pen.vocabulary.encode(START + PROMPTS[self._state["prompt"]] + self._state["written"])

    def _searched(self) -> list[Candidate]:
        """The beam's, searched only where something it depends on has changed."""
        wanted = [self._state[name] for name in ("prompt", "written", "width", "length")] + [stamp(self.pen.model)]
        if self._found[0] != wanted:
            end = self.pen.vocabulary.number[END]
            self._found = wanted, beam(self._score, self._prompt(), self._state["width"], self._state["length"], end)
        return self._found[1]

    @torch.no_grad()
    def _score(self, texts: list[list[int]]) -> np.ndarray:
        return log2_softmax(self.pen.model(torch.tensor(texts))[:, -1].double().numpy())

    def _drawn(self) -> list[Candidate]:
        """What the dice of as many seeds give, the most probable first."""
        settings = {**self._state, "top_k": 0, "min_p": 0.0, "penalty": 1.0, "scale": rules.SCALES[0], "bars": False}
        before, found = self.pen.split(self._state["written"]), []
        for k in range(self._state["width"]):
            drawn = self.pen.drawn({**settings, "seed": self._state["seed"] + k}, before, self._state["length"])
            numbers = self.pen.vocabulary.encode("".join(drawn))
            found.append(Candidate(tuple(numbers), self._log2(numbers), drawn[-1] == END))
        return sorted(found, key=lambda one: -one.log2)

    @torch.no_grad()
    def _log2(self, numbers: list[int]) -> float:
        """log2 of the probability that the model itself gives to these symbols, one after the other."""
        prompt = self._prompt()
        logits: Numbers = self.pen.model(torch.tensor([[*prompt, *numbers[:-1]]]))[0, len(prompt) - 1 :].double().numpy()
        return float(log2_softmax(logits)[np.arange(len(numbers)), numbers].sum())

    def _notes(self, header: str, found: list[Candidate]) -> np.ndarray:
        """The notes of all, beginning and continuation: which candidate's, onset, duration, pitch."""
        texts = [header + self._state["written"] + self.pen.vocabulary.decode(one.symbols) for one in found]
        notes = [(k, *note[:3]) for k, text in enumerate(texts) for note in writing.readable(text)[0].notes]
        return np.array(notes, dtype=float).reshape(-1, 4)

    def draw(self) -> None:
        panels, labels = side_by_side.layout(self.result_, self._state)
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(self._state))

    def verdict(self) -> str:
        """How much more probable the beam's best is than the best of those drawn."""
        best, drawn = (self.result_[f"{kind}, log2 p"].max() for kind in KINDS)
        more = best - drawn
        said = "as probable as" if more > -0.05 else "less probable than"
        said = f"2^{number(more, 1)} times as probable as" if more > 0.05 else said
        return (
            f"log₂ p = {number(best, 1)} for the beam's best continuation: {said} the most probable of those drawn "
            f"({number(drawn, 1)})."
        )

    def alt(self) -> str:
        said = [
            f"{kind}: "
            + "; ".join(f"{text!r} (log2 p {number(p, 1)})" for text, p in zip(self.result_[kind], self.result_[f"{kind}, log2 p"]))
            for kind in KINDS
        ]
        return f"{self._state['prompt']}, after {self._state['written']!r}. {'. '.join(said)}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        key, found = repr(self._state), {}
        for kind in KINDS:
            notes = [side_by_side.tune(self.result_[f"{kind}, notes"], k) for k in range(len(self.result_[kind]))]
            found[f"{kind}: one after the other"] = lambda notes=notes: playlist(notes)
            found |= {f"{kind} {k + 1}": lambda notes=one: writing.sound(notes) for k, one in enumerate(notes) if len(one)}
        return [Track(name, samples, key=key) for name, samples in found.items()] if self._sounds() else []

    def _sounds(self) -> bool:
        return any(len(self.result_[f"{kind}, notes"]) for kind in KINDS)

    def question(self) -> Question:
        options = ["the beam's", "neither", "the drawn ones"]
        found = self.result_["beam, log2 p"], self.result_["drawn, log2 p"]
        return Question(
            "A beam looks for the most probable continuations, dice take what comes. Which ones are more alike among themselves?",
            options,
            lambda: options[int(np.sign(side_by_side.alike(self.result_["drawn"]) - side_by_side.alike(self.result_["beam"]))) + 1],
            f"The best of the beam has log₂ p = {number(found[0].max(), 1)}, of those drawn {number(found[1].max(), 1)}: near the "
            "most probable text stand others that differ from it by a note or two.",
        )


def playlist(tunes: list[np.ndarray]) -> np.ndarray:
    """Tunes one after the other, with a rest between."""
    rest = np.zeros(int(PAUSE * 16_000), np.float32)
    return np.concatenate([part for notes in tunes if len(notes) for part in (writing.sound(notes), rest)] or [rest])
