"""A sentence through a trained transformer: every head small, one large as lines and as a matrix, from q·k to weights.

Notebook: 06_transformers. Concept: helpers/concepts/attention.py; the network: helpers/models/minilm.py; the picture:
helpers/explorers/attention/heads.py.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import ClassVar, NamedTuple

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float, UInt8

from helpers.concepts import attention as maths
from helpers.datasets.assets import fetch
from helpers.explorers.attention import chosen, heads
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.minilm import HEADS, LAYERS, MiniLM, Reading
from helpers.views import Grid, Roll
from helpers.views.roll import quantised

FBI = "The FBI is chasing a criminal on the run ."
VIOLINIST = "The violinist tuned her instrument because it was out of tune."
STAGES = ("products", "scaled", "masked", "weights")
SPECIAL = ("[CLS]", "[SEP]")
LIMITS = {
    "temperature": (0.1, 100),
    "threshold": (0, 1),
    "layer": (0, LAYERS - 1),
    "head": (0, HEADS - 1),
    "stage": (0, 3),
    "most": (1, 20),
}


@cache
def minilm() -> MiniLM:
    """The trained network, read once."""
    return MiniLM(fetch("minilm.safetensors"), fetch("minilm-tokenizer.json"))


@lru_cache(maxsize=4)
def reading(text: str) -> Reading:
    """What MiniLM made of a text."""
    return minilm()(text)


class Heads(NamedTuple):
    """All heads in one text: numbers, the bytes that lines are drawn from (none in a long text), thumbnails, and in a word."""

    weights: Float[np.ndarray, "layer head query key"]
    coarse: UInt8[np.ndarray, "some query key"]
    small: Float[np.ndarray, "layer head row column"]
    entropy: Float[np.ndarray, "layer head"]
    distance: Float[np.ndarray, "layer head"]


@lru_cache(maxsize=2)
def judged(text: str, causal: bool, temperature: float) -> Heads:
    """What every head does, computed once for all that is then looked at."""
    read, w = reading(text), reading(text).weights
    n = len(read.tokens)
    if causal or temperature != 1:
        w = maths.stages(read.queries, read.keys, maths.causal_mask(n) if causal else None, temperature).weights
    coarse = w.flatten(0, 1) if n <= heads.WRITTEN else w[:0, 0]
    seen = w.numpy(), quantised("looks", coarse.numpy()), heads.pooled(w.numpy())
    return Heads(*seen, maths.entropy(w).numpy(), maths.mean_distance(w).numpy())


class Attention(chosen.Choosing):
    """MiniLM's attention in a sentence of yours.

    State: text; layer (0 to 5), head (0 to 11), others (heads beside it, as "2.8"); show (the lines of these heads, of all heads
    of the layer, or many heads as one: mean, max, or rollout); stage (0: q·k, 1: scaled, 2: masked, 3: weights); mask (none, or
    causal), temperature (1: as trained; both are put on the queries and keys that the network really made); threshold (the
    least weight a line is drawn for), most (lines of a head and word); badge (what is said of each head); token (the number of
    the one who looks, −1: whoever is pointed at), seen (the one it is compared with, −1: where it looks most).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "stage"
    defaults: ClassVar[dict] = {
        "text": FBI, "layer": 2, "head": 8, "others": [], "show": "one head", "stage": 3, "mask": "none", "temperature": 1.0,
        "threshold": 0.05, "most": 8, "badge": "entropy", "token": -1, "seen": -1,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "little words find their noun": {"token": 5},
        "the word before": {"layer": 0, "head": 2, "badge": "distance", "token": 6},
        "the next word": {"layer": 1, "head": 8, "badge": "distance"},
        "everyone to the verb": {"head": 0, "token": 6},
        "nothing to look for": {"layer": 4, "head": 5, "token": 2},
        "what was out of tune?": {"text": VIOLINIST, "layer": 3, "head": 1, "token": 7, "seen": 5},
        "noun, verb and the word before, side by side": {"others": ["2.0", "0.2"], "threshold": 0.2, "token": 6},
        "what has come into each word": {"show": "rollout", "layer": 5, "token": 5},
        "all heads of a layer": {"show": "all heads", "threshold": 0.2, "token": 4},
        "uniform attention": {"temperature": 100.0, "threshold": 0.0, "token": 5},
        "only the best": {"temperature": 0.1, "token": 5},
        "no look ahead": {"mask": "causal", "token": 5},
    }

    def build(self) -> None:
        self._text = widgets.Text(
            value=self._state["text"], description="sentence", continuous_update=False, layout={"width": "520px"}
        )
        self._text.observe(self._read, "value")
        self.control("layer", widgets.IntSlider(min=0, max=LAYERS - 1, description="layer"))
        self.control("head", widgets.IntSlider(min=0, max=HEADS - 1, description="head"))
        super().build()
        self.control("mask", widgets.Dropdown(options=["none", "causal"], description="mask"))
        self.control("temperature", LogSlider(min=-1, max=2, step=0.1, description="temp. T"))
        self.control("threshold", widgets.FloatSlider(min=0, max=1, step=0.05, description="threshold"))
        self.control("most", widgets.IntSlider(min=1, max=20, description="lines"))
        self.control("badge", widgets.Dropdown(options=["entropy", "distance"], description="badge"))
        self.beside(self._text)
        self.grid.on("lock", lambda panel, layer, index: self.set(token=index, seen=-1))

    def _read(self, change: dict) -> None:
        if change["new"] != self._state["text"]:
            self.set(text=change["new"])

    def _click(self, panel: str, row: int, column: int) -> None:
        if panel == "matrix":
            self.set(token=row, seen=column)
        else:
            super()._click(panel, row, column)

    def settle(self, state: dict, changes: dict) -> dict:
        if "text" in changes:
            state |= {name: -1 for name in ("token", "seen") if name not in changes}
        return state

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, LIMITS) or chosen.wrong(state, LAYERS, HEADS):
            return wrong
        if not state["text"].strip():
            return "There is nothing to read: write a sentence."
        try:
            n = len(reading(state["text"]).tokens)
        except ValueError as error:
            return str(error)
        if any(not -1 <= state[name] < n for name in ("token", "seen")):
            return f"token {state['token']}, seen {state['seen']}: the tokens are numbered from 0 to {n - 1}; −1 leaves it open."
        return None

    def count(self) -> int:
        return len(STAGES)

    def compute(self) -> None:
        state, tokens = self._state, reading(self._state["text"]).tokens
        every = judged(state["text"], state["mask"] == "causal", state["temperature"])
        self.result_ = {
            "tokens": tokens,
            **self._steps(state["layer"], state["head"]),
            "every head": every.weights,
            "coarse": every.coarse,
            "small": every.small,
            "entropy": every.entropy,
            "distance": every.distance,
            "most": float(np.log2(len(tokens))),
        }
        if state["show"] in chosen.TOGETHER:
            self.result_["together"] = chosen.together(torch.from_numpy(every.weights), state["show"], state["layer"]).numpy()
        row, column = self._pair()
        self.result_ |= {"pair": np.array([row, column]), "exponentials": _exponentials(self.result_["masked"][row])}

    def _steps(self, layer: int, head: int) -> dict:
        """All stages of one head's matrix."""
        state, read = self._state, reading(self._state["text"])
        mask = maths.causal_mask(len(read.tokens)) if state["mask"] == "causal" else None
        at = read.queries[layer, head].double(), read.keys[layer, head].double()
        return {name: stage.numpy() for name, stage in zip(STAGES, maths.stages(*at, mask, state["temperature"]))}

    def _pair(self) -> tuple[int, int]:
        """Who looks and what is compared with it: the chosen ones, or else the two words with the greatest weight between."""
        weights, tokens = self.result_.get("together", self.result_["weights"]), self.result_["tokens"]
        row, column = self._state["token"], self._state["seen"]
        if row < 0:
            inner = (
                np.array([token not in SPECIAL for token in tokens]) if len(tokens) > len(SPECIAL) else np.ones(len(tokens), bool)
            )
            among = np.where(inner[:, None] & inner, weights, -1)
            row = int(among.max(1).argmax())
            column = int(among[row].argmax()) if column < 0 else column
        return row, int(weights[row].argmax()) if column < 0 else column

    def draw(self) -> None:
        panels, labels, marks = heads.layout(self._seen(), self._looked_at(), (self._state["layer"], self._state["head"]))
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.marks = marks
            self.grid.count, self.grid.position = len(STAGES), self._state["stage"]
            self.grid.caption = self.verdict()
        if not self.problem:  # else what was typed stays there, to be mended
            self._text.value = self._state["text"]

    def _seen(self) -> dict:
        """The result as it is drawn: with the numbers of the head under the pointer, if there is one."""
        if not self._preview:
            return self.result_
        steps = self._steps(*self._preview)
        return {**self.result_, **steps, "exponentials": _exponentials(steps["masked"][self.result_["pair"][0]])}

    def verdict(self) -> str:
        """What the chosen head does on average."""
        state, result = self._looked_at(), self.result_
        at = state["layer"], state["head"]
        said = (
            f"Layer {at[0]}, head {at[1]}: entropy {number(float(result['entropy'][at]), 2)} bits "
            f"(all {len(result['tokens'])} tokens alike: {number(result['most'], 2)}); "
            f"it looks {number(float(result['distance'][at]), 1)} tokens far on average."
        )
        if self._state["show"] == "max":
            said += " The maximum of many heads is at least each of them: its rows add up to more than 1."
        long = len(result["tokens"]) > heads.WRITTEN
        return f"{said} More than {heads.WRITTEN} tokens: the words are left out, the thumbnails show maxima." if long else said

    def alt(self) -> str:
        result, (row, column) = self.result_, self.result_["pair"]
        stage, tokens = STAGES[self._state["stage"]], result["tokens"]
        weights = result.get("together", result["weights"])
        looked = weights[row].argsort()[::-1][:3]
        most = ", ".join(f"{tokens[k]} ({number(float(weights[row, k]), 2)})" for k in looked)
        value = number(float(result.get("together", result[stage])[row, column]), 3)
        others = f" and {', '.join(self._state['others'])}" if self._state["others"] else ""
        return (
            f"Attention in “{self._state['text']}”, mask {self._state['mask']}, temperature {self._state['temperature']:g}, "
            f"stage {stage}, lines of {self._state['show']}{others} from {self._state['threshold']:g} on, {self._state['most']} a "
            f"word at most, {self._state['badge']} of heads. "
            f"{tokens[row]} looks at {most}; at {tokens[column]}: {value}. {self.verdict()}"
        )

    def question(self) -> Question:
        read = reading(FBI)
        w = maths.stages(read.queries[2, 8], read.keys[2, 8], temperature=100.0).weights
        even = float((w - 1 / len(read.tokens)).abs().max())
        return Question(
            "Divide all scores by 100 before the softmax. At what does each word look then?",
            ["only at itself", "at all words alike", "only at the word it looked at most"],
            lambda: "at all words alike" if even < 0.02 else "only at itself",
            f"Scores that hardly differ make weights that hardly differ: by at most {number(even, 3)} from 1/{len(read.tokens)}. "
            "That is uniform attention, a plain mean; what a head learns is to depart from it.",
        )


def _exponentials(row: Float[np.ndarray, "key"]) -> Float[np.ndarray, "key"]:
    """e to each score of a row, all divided by e to the largest: the shares are the same, and none is infinite."""
    return np.exp(row - row.max())
