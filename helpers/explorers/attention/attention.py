"""A sentence through a trained transformer: every head small, one large as lines and as a matrix, from q·k to weights.

Notebook: 06_transformers. Concept: helpers/concepts/attention.py; the network: helpers/models/minilm.py; the picture:
helpers/explorers/attention/heads.py.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers.concepts import attention as maths
from helpers.datasets.assets import fetch
from helpers.explorers.attention import heads
from helpers.explorers.base import Explorer
from helpers.explorers.parts.dial import LogSlider
from helpers.explorers.parts.sources import number
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.minilm import HEADS, LAYERS, MiniLM, Reading
from helpers.views import Grid, Roll

FBI = "The FBI is chasing a criminal on the run ."
VIOLINIST = "The violinist tuned her instrument because it was out of tune."
STAGES = ("products", "scaled", "masked", "weights")
SPECIAL = ("[CLS]", "[SEP]")
LIMITS = {"temperature": (0.1, 100), "threshold": (0, 1), "layer": (0, LAYERS - 1), "head": (0, HEADS - 1), "stage": (0, 3)}


@cache
def minilm() -> MiniLM:
    """The trained network, read once."""
    return MiniLM(fetch("minilm.safetensors"), fetch("minilm-tokenizer.json"))


@lru_cache(maxsize=4)
def reading(text: str) -> Reading:
    """What MiniLM made of a text."""
    return minilm()(text)


class Attention(Explorer):
    """MiniLM's attention in a sentence of yours.

    State: text; layer (0 to 5), head (0 to 11); show (one head's lines, or those of all heads of the layer); stage (0: q·k,
    1: scaled, 2: masked, 3: weights); mask (none, or causal), temperature (1: as trained; both are put on the queries and
    keys that the network really made); threshold (the least weight a line is drawn for); badge (what is said of each head);
    token (the number of the one who looks, −1: whoever is pointed at), seen (the one it is compared with, −1: where it looks most).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "stage"
    defaults: ClassVar[dict] = {
        "text": FBI, "layer": 2, "head": 8, "show": "one head", "stage": 3, "mask": "none", "temperature": 1.0,
        "threshold": 0.05, "badge": "entropy", "token": -1, "seen": -1,
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "little words find their noun": {"token": 5},
        "the word before": {"layer": 0, "head": 2, "badge": "distance", "token": 6},
        "everyone to the verb": {"head": 0, "token": 6},
        "nothing to look for": {"layer": 4, "head": 5, "token": 2},
        "what was out of tune?": {"text": VIOLINIST, "layer": 3, "head": 1, "token": 7, "seen": 5},
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
        self.control("show", widgets.Dropdown(options=["one head", "all heads"], description="lines of"))
        self.control("mask", widgets.Dropdown(options=["none", "causal"], description="mask"))
        self.control("temperature", LogSlider(min=-1, max=2, step=0.1, description="temp. T"))
        self.control("threshold", widgets.FloatSlider(min=0, max=1, step=0.05, description="threshold"))
        self.control("badge", widgets.Dropdown(options=["entropy", "distance"], description="badge"))
        self.beside(self._text)
        self.grid.on("click", self._click)
        self.grid.on("lock", lambda panel, layer, index: self.set(token=index, seen=-1))

    def _read(self, change: dict) -> None:
        if change["new"] != self._state["text"]:
            self.set(text=change["new"])

    def _click(self, panel: str, row: int, column: int) -> None:
        if panel == "matrix":
            self.set(token=row, seen=column)
        elif panel == "badges":
            self.set(layer=row, head=column)
        elif (head := heads.named(panel)) is not None:
            self.set(layer=head[0], head=head[1])

    def settle(self, state: dict, changes: dict) -> dict:
        if "text" in changes:
            state |= {name: -1 for name in ("token", "seen") if name not in changes}
        return state

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, LIMITS):
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
        state, read = self._state, reading(self._state["text"])
        n = len(read.tokens)
        mask = maths.causal_mask(n) if state["mask"] == "causal" else None
        every = read.weights
        if mask is not None or state["temperature"] != 1:
            every = maths.stages(read.queries, read.keys, mask, state["temperature"]).weights
        at = state["layer"], state["head"]
        steps = maths.stages(read.queries[at].double(), read.keys[at].double(), mask, state["temperature"])
        self.result_ = {
            "tokens": read.tokens,
            **{name: stage.numpy() for name, stage in zip(STAGES, steps)},
            "every head": every.numpy(),
            "entropy": maths.entropy(every).numpy(),
            "distance": maths.mean_distance(every).numpy(),
            "most": float(np.log2(n)),
        }
        row, column = self._pair()
        self.result_ |= {"pair": np.array([row, column]), "exponentials": np.exp(self.result_["masked"][row])}

    def _pair(self) -> tuple[int, int]:
        """Who looks and what is compared with it: the chosen ones, or else the two words with the greatest weight between."""
        weights, tokens = self.result_["weights"].copy(), self.result_["tokens"]
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
        panels, labels, marks = heads.layout(self.result_, self._state)
        with self.grid.hold_sync():
            self.grid.show(panels, labels)
            self.grid.marks = marks
            self.grid.count, self.grid.position = len(STAGES), self._state["stage"]
            self.grid.caption = self.verdict()
        self._text.value = self._state["text"]

    def verdict(self) -> str:
        """What the chosen head does on average."""
        at, result = (self._state["layer"], self._state["head"]), self.result_
        said = (
            f"Layer {at[0]}, head {at[1]}: entropy {number(float(result['entropy'][at]), 2)} bits "
            f"(all {len(result['tokens'])} tokens alike: {number(result['most'], 2)}); "
            f"it looks {number(float(result['distance'][at]), 1)} tokens far on average."
        )
        long = len(result["tokens"]) > heads.WRITTEN
        return f"{said} More than {heads.WRITTEN} tokens: the words are left out, the thumbnails show maxima." if long else said

    def alt(self) -> str:
        result, (row, column) = self.result_, self.result_["pair"]
        stage, tokens = STAGES[self._state["stage"]], result["tokens"]
        looked = result["weights"][row].argsort()[::-1][:3]
        most = ", ".join(f"{tokens[k]} ({number(float(result['weights'][row, k]), 2)})" for k in looked)
        value = number(float(result[stage][row, column]), 3)
        return (
            f"Attention in “{self._state['text']}”, mask {self._state['mask']}, temperature {self._state['temperature']:g}, "
            f"stage {stage}, lines of {self._state['show']} from {self._state['threshold']:g} on, {self._state['badge']} of heads. "
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
