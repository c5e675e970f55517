"""How a language model writes a tune: what may come next, what is cut off, what is drawn; and how it sounds.

Notebook: 06_transformers. Concept: helpers/concepts/sampling.py; the models: helpers/models/{language,transformer}.py; the
picture: helpers/explorers/sampling/picture.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
from torch import nn

from helpers.concepts import sampling as maths
from helpers.datasets.vocabulary import END
from helpers.explorers.base import Explorer
from helpers.explorers.question import Question
from helpers.explorers.sampling import picture, reading, rules, words, writing
from helpers.explorers.sampling.pen import LONGEST, Pen, cuts, masks, shipped
from helpers.explorers.sampling.writing import PROMPTS
from helpers.explorers.values import beyond
from helpers.views import Grid, Roll, Track

TEMPERATURES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0)
KS = [("all", 0), *((str(k), k) for k in (1, 2, 3, 5, 8, 12, 20, 40))]
LIMITS = {"top_p": (0.05, 1), "min_p": (0, 1), "penalty": (1, 3), "seed": (0, 99)}
LOOKS = ("piano", "entropy", "each step")
CURVE = np.geomspace(0.05, 10, 31)  # temperatures at which entropy is shown


class Sampling(Explorer):
    """The next symbol of a tune: its probabilities, sorted, and what temperature and three cuts leave of them.

    model, symbols: a language model (TuneRNN, Decoder) of ABC and its vocabulary; the shipped transformer, if none is given.
    State: prompt (which kind of tune), written (its symbols so far, ABC), at (how many of them are read before the one that is
    looked at), temperature (0: the most probable), top_k (0: all), top_p, min_p, seed (of the dice: one number for each
    place, so that a slider changes what the same throw gives, and nothing that is written already), penalty (on symbols that
    are in the tune already; 1: none), scale and bars (masks: to which notes it keeps, and whether each bar is exactly full),
    look (what is beside the bars: a piano, or entropy against temperature; or all steps from logits to the dice).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "at"
    defaults: ClassVar[dict] = {
        "prompt": "6/8 in G", "written": "G2B d2B|", "at": 8, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0,
        "seed": 0, "penalty": 1.0, "scale": rules.SCALES[0], "bars": False, "look": "piano",
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "as learned": {},
        "cold": {"temperature": 0.3},
        "always the most probable": {"temperature": 0.0},
        "hot": {"temperature": 2.0},
        "hot, but top-p 0.9": {"temperature": 2.0, "top_p": 0.9},
        "the five best": {"top_k": 5},
        "top-k, then top-p": {"top_k": 8, "top_p": 0.8},
        "min-p": {"temperature": 1.5, "min_p": 0.1},
        "entropy against temperature": {"look": "entropy", "top_p": 0.9},
        "each step": {"look": "each step", "temperature": 0.7, "top_k": 5, "top_p": 0.8},
        "nothing twice": {"penalty": 2.0},
        "five notes": {"scale": "pentatonic", "temperature": 1.5},
        "full bars": {"bars": True, "temperature": 2.0, "written": "G2B d2", "at": 6},
        "the first note": {"written": "|:", "at": 2},
        "after a sharp": {"prompt": "6/8 in E minor", "written": "E2^", "at": 3},
    }

    def __init__(self, model: nn.Module | None = None, symbols: list[str] | None = None, **options: object) -> None:
        if (model is None) != (symbols is None):
            raise ValueError("a model is given together with its symbols, e.g. Sampling(model, vocabulary.symbols).")
        self.given = {} if model is None else {"model": model, "symbols": symbols}
        self.model, symbols = (model, symbols) if model is not None else shipped()
        self.pen = Pen(self.model, symbols)
        self.vocabulary = self.pen.vocabulary
        super().__init__(**options)

    def build(self) -> None:
        self.control("prompt", widgets.Dropdown(options=list(PROMPTS), description="write"))
        self.control("temperature", widgets.SelectionSlider(options=TEMPERATURES, description="temp. T"))
        self.control("top_k", widgets.SelectionSlider(options=KS, description="top-k"))
        self.control("top_p", widgets.FloatSlider(min=0.05, max=1, step=0.05, description="top-p"))
        further = {
            "look": widgets.Dropdown(options=LOOKS, description="look at"),
            "min_p": widgets.FloatSlider(min=0, max=1, step=0.05, description="min-p"),
            "penalty": widgets.FloatSlider(min=1, max=3, step=0.1, description="penalty"),
            "scale": widgets.Dropdown(options=rules.SCALES, description="only"),
            "bars": widgets.Checkbox(description="full bars only", indent=False),
            "seed": widgets.IntSlider(min=0, max=99, description="dice (seed)"),
        }
        for name, widget in further.items():  # in a second row
            widget.layout.order = "1"
            self.control(name, widget)
        self._text = widgets.Text(description="so far", continuous_update=False, layout={"width": "430px"})
        self._text.observe(self._typed, "value")
        self.beside(self._text)
        for said, act in (
            ("one symbol", self.one),
            ("one bar", self.bar),
            ("to the end", self.rest),
            ("other dice", self._other_dice),
        ):
            button = widgets.Button(description=said, layout={"width": "auto"})
            button.on_click(lambda _, act=act: act())
            self.beside(button)
        self.beside(widgets.HTML("further", layout={"width": "100%", "margin": "0 0 0 12px"}))  # begins the second row
        self.grid.on("pick", lambda panel, layer, index, shift: self._picked(panel, index))
        self.grid.on("drag", lambda panel, layer, index, x, y: self._newest(temperature=picture.nearest(TEMPERATURES, x)))
        self.grid.on("key", lambda panel, pitch: self._pressed(pitch))

    def _other_dice(self) -> None:
        self.set(seed=(self._state["seed"] + 1) % 100)

    def _typed(self, change: dict) -> None:
        if not self._showing and change["new"] != self._state["written"]:
            self.set(written=change["new"])

    def _picked(self, panel: str, index: int) -> None:
        """A symbol: look at what it was drawn from. A note: the same, and hear its bar."""
        if panel == "text":
            self.set(at=picture.place(index, self._state["at"], len(self.symbols)))
        if panel == "tune" and index < len(self.result_["notes"]):
            self.set(at=int(self.result_["places"][index]))
            self.player.play(1)  # this bar

    def _pressed(self, pitch: int) -> None:
        """Write the letter that sounds a piano's key at the cursor; of two, the more probable."""
        letters = [letter for letter, its in self.pitches.items() if its == pitch]
        if letters:
            p = dict(zip(writing.KEYS, self.result_["keys"]))
            self._write(max(letters, key=p.__getitem__))

    def one(self) -> Sampling:
        """Draw one symbol after the cursor, in place of what stood there."""
        return self._write(*self._drawn(1))

    def bar(self) -> Sampling:
        """Draw symbols after the cursor up to the next bar line, or the end, in place of what stood there."""
        drawn = self._drawn(picture.WINDOW)
        lines = [i for i, symbol in enumerate(drawn) if symbol == "|" and i + 1 < len(drawn) and drawn[i + 1] not in "|:]"]
        return self._write(*drawn[: lines[0] + 1] if lines else drawn)

    def rest(self) -> Sampling:
        """Draw symbols after the cursor until the tune ends, in place of what stood there."""
        return self._write(*self._drawn(LONGEST - self._state["at"]))

    def _write(self, *symbols: str) -> Sampling:
        written = self.symbols[: self._state["at"]] + list(symbols)
        return self.set(written="".join(written)) if symbols else self

    def _drawn(self, most: int, **changes: float) -> list[str]:
        """What the dice give after the cursor."""
        return self.pen.drawn({**self._state, **changes}, self.symbols[: self._state["at"]], most)

    def settle(self, state: dict, changes: dict) -> dict:
        if "written" in changes and "at" not in changes:
            state["at"] = _last(self.pen.split(state["written"]))
        return state

    @property
    def symbols(self) -> list[str]:
        """What is written, symbol by symbol."""
        return self.pen.split(self._state["written"])

    @property
    def pitches(self) -> dict[str, int]:
        """The MIDI pitch that each letter would sound at the cursor: after the sign before it, with all that holds in its bar."""
        header, before = PROMPTS[self._state["prompt"]], rules.holding("".join(self.symbols[: self._state["at"]]))
        piece = before.rstrip(rules.SIGNS)
        return {letter: rules.sounds(header, piece, before[len(piece) :] + letter) for letter in writing.KEYS}

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, LIMITS):
            return wrong
        if state["prompt"] not in PROMPTS or not state["temperature"] >= 0 or state["top_k"] < 0:
            return f"Choose one of {', '.join(PROMPTS)}, a temperature of 0 or more, and top-k of 1 or more (0: all)."
        try:
            count = len(self.vocabulary.encode(state["written"]))
        except ValueError as error:
            return str(error)
        last = _last(self.pen.split(state["written"]))
        if END in state["written"].removesuffix(END):
            return f"Nothing is written after {END}; it stands once, at the end."
        if count > LONGEST or not 0 <= state["at"] <= last:
            return f"{count} symbols are written (at most {LONGEST}), and at = {state['at']}; it is one of 0 to {last}."
        if masks(state) and not self.pen.legal(state, self.pen.split(state["written"])[: state["at"]]).any():
            return f"{state['written'][: state['at']]!r} can be followed by nothing that these masks allow; take one away."
        return None

    def count(self) -> int:
        return _last(self.symbols) + 1

    def compute(self) -> None:
        state, before = self._state, self.symbols[: self._state["at"]]
        logits = self._logits()[state["at"]]
        adjusted = self.pen.adjusted(logits, state, before)
        sieve = maths.sieve(adjusted, state["temperature"], **cuts(state))
        shares = np.cumsum(sieve.softmax[sieve.ranking][: sieve.by_k])
        numbers = self.vocabulary.encode(state["written"])
        dice = float(np.random.default_rng(state["seed"]).random(state["at"] + 1)[-1])
        letters = [self.vocabulary.number[letter] for letter in writing.KEYS]
        wide = state["look"] == "entropy"
        self.result_ = {
            "logits": logits,
            "adjusted": np.maximum(adjusted, -1e300),  # what is masked, as a number
            "masked": float(maths.softmax(logits, state["temperature"])[np.isinf(adjusted)].sum()),
            "forbidden": int(np.isinf(adjusted).sum()),
            "softmax": sieve.softmax,
            "ranking": sieve.ranking,
            "kept": sieve.count,
            "by k": sieve.by_k,
            "by p": sieve.by_p,
            "by min-p": sieve.by_min_p,
            "cut": sieve.cut,
            "shares": shares / shares[-1],
            "probabilities": sieve.probabilities,
            "entropy": maths.entropy(sieve.softmax),
            "entropy kept": maths.entropy(sieve.probabilities),
            "entropies": maths.entropies(adjusted, CURVE, **cuts(state)) if wide else np.empty((0, 2)),
            "dice": dice,
            "dice give": maths.draw(sieve.probabilities, dice),
            "stands there": numbers[state["at"]] if state["at"] < len(numbers) else -1,
            "keys": sieve.softmax[letters],
            "keys kept": sieve.kept[letters],
            **(read := reading.of_text(self.pen, PROMPTS[state["prompt"]], state["written"])),
            **reading.of_place(read, state["at"]),
        }

    def _logits(self) -> np.ndarray:
        return self.pen.logits(PROMPTS[self._state["prompt"]], self._state["written"])

    def draw(self) -> None:
        panels, labels = picture.layout(self.result_, self._state, self.symbols, self.vocabulary.symbols, self.pitches, CURVE)
        labels += [{"x": 12, "y": 14, "text": PROMPTS[self._state["prompt"]].replace("\n", "   "), "size": 14, "align": "left"}]
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.count, self.grid.position = self.count(), self._state["at"]
            self.grid.caption = self.verdict()
        self._text.value = self._state["written"]
        self.player.offer(self.tracks, self._heard())

    def _heard(self) -> str:
        return repr([value for name, value in self._state.items() if name not in ("temperature", "look")])

    def verdict(self) -> str:
        """How many symbols are kept, what was cut off, and how undecided the model is."""
        return words.verdict(self.result_, len(self.vocabulary))

    def alt(self) -> str:
        return words.picture(self.result_, self._state, self.vocabulary.symbols)

    def tracks(self) -> list[Track]:
        key, header, found = self._heard(), PROMPTS[self._state["prompt"]], self.result_
        before = "".join(self.symbols[: self._state["at"]])

        def tune(temperature: float) -> np.ndarray:
            drawn = self._drawn(LONGEST - self._state["at"], temperature=temperature)
            return writing.sound(writing.readable(header + before + "".join(drawn))[0].notes)

        so_far, bar = found["notes"], writing.bar(found["notes"], found["bars"], found["bar"])
        heard = {"what is written": lambda: writing.sound(so_far), "this bar": lambda: writing.sound(bar)} if len(so_far) else {}
        heard |= {f"after the cursor, at T = {T:g}": lambda T=T: tune(T) for T in (0.3, 0.8, 1.5)}
        return [Track(name, samples, key=key) for name, samples in heard.items()]

    def question(self) -> Question:
        cold = maths.entropy(maths.probabilities(self._logits()[-1], 0.0))
        options = ["the same tune for each", "other tunes, all equally dull", "other tunes, some of them wild"]
        return Question(
            "At temperature 0, you let the tune be written to its end with the dice of ten seeds. What do they give?",
            options,
            lambda: options[0] if cold == 0 else options[2],
            f"At T = 0 the most probable symbol has all the probability: {cold:g} bits are left for the dice to decide.",
        )


def _last(symbols: list[str]) -> int:
    """The last place of the cursor: after all symbols, but before <end>."""
    return len(symbols) - (symbols[-1:] == [END])
