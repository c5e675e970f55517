"""Yes or no: a logit, its probability, and what binary cross-entropy makes of it from either.

Notebook: 02_loss_functions. Concept: helpers/concepts/cross_entropy.py.
"""

from __future__ import annotations

import math
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts import cross_entropy as maths
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number
from helpers.explorers.question import Question
from helpers.views import Arrows, Dots, Grid, Path, Plane, Stage

REACHES = (6, 20, 120)  # logits the picture shows, to either side
TOP, HIGH, WIDE = 122, 250, 290  # px; the numbers stand above the planes


class Binary(Explorer):
    """A logit to drag, a target from 0 to 1, and the loss over the logit and over the probability.

    What is written with probabilities is computed in float32 as a network would, so that one sees it break; all else in
    float64. State: logit, target, reach (how many logits are shown to either side).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"logit": 1.0, "target": 1.0, "reach": 6}
    presets: ClassVar[dict[str, dict]] = {
        "undecided": {"logit": 0.0},
        "sure and right": {"logit": 5.0},
        "sure and wrong": {"logit": -5.0},
        "maybe": {"logit": 0.0, "target": 0.7},
        "saturated: no gradient left": {"logit": 18.0, "target": 0.0, "reach": 20},
        "very sure and wrong": {"logit": -110.0, "target": 1.0, "reach": 120},
    }

    def build(self) -> None:
        self.control("logit", widgets.FloatSlider(min=-120, max=120, step=0.1, description="logit z"))
        self.control("target", widgets.FloatSlider(min=0, max=1, step=0.05, description="target y"))
        self.control(
            "reach", widgets.ToggleButtons(options=list(REACHES), description="logits to ±", style={"button_width": "50px"})
        )
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        if panel == "by p":  # over the probability: back to its logit
            p = min(max(x, 1e-3), 1 - 1e-3)
            x = math.log(p / (1 - p))
        self.set(logit=round(min(max(x, -self._state["reach"]), self._state["reach"]), 2))

    def settle(self, state: dict, changes: dict) -> dict:
        if state["reach"] in REACHES:  # the picture widens so that the logit is on it
            state["reach"] = next((r for r in REACHES if r >= max(abs(state["logit"]), state["reach"])), REACHES[-1])
        return state

    def impossible(self, state: dict) -> str | None:
        if abs(state["logit"]) > REACHES[-1]:
            return f"A logit of {state['logit']:g} is off the picture; choose −{REACHES[-1]} to {REACHES[-1]}."
        if not 0 <= state["target"] <= 1:
            return f"A target of {state['target']:g} is no probability; choose 0 to 1."
        return None

    def compute(self) -> None:
        z, y = (torch.tensor(float(self._state[name]), dtype=torch.float64) for name in ("logit", "target"))
        across = torch.linspace(-self._state["reach"], self._state["reach"], 481, dtype=torch.float64)
        within = torch.linspace(0, 1, 241, dtype=torch.float64)[1:-1]
        p32 = torch.sigmoid(z.float())
        self.result_ = {
            "probability": float(maths.sigmoid(z)),
            "loss": float(maths.bce_with_logits(z, y)),
            "slope": float(maths.bce_with_logits_slope(z, y)),
            "written": said(maths.bce(p32, y.float())),
            "written slope": said(maths.naive_slope(z.float(), y.float())),
            "z": across.numpy(),
            "sigmoid": maths.sigmoid(across).numpy(),
            "by z": maths.bce_with_logits(across, y).numpy(),
            "naive ends": naive_ends(float(y), self._state["reach"]),
            "p": within.numpy(),
            "if 1": maths.log_loss(within, torch.ones_like(within)).numpy(),
            "if 0": maths.log_loss(within, torch.zeros_like(within)).numpy(),
            "by p": maths.bce(within, y).numpy(),
        }

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show([self._sigmoid(), self._by_logit(), self._by_probability()], self._words())
            self.grid.caption = self.verdict()

    def _sigmoid(self) -> Plane:
        result, reach = self.result_, self._state["reach"]
        here = [[self._state["logit"], result["probability"]]]
        return Plane(
            "sigmoid", x=52, y=TOP, cell=(WIDE, HIGH), x_range=(-reach, reach), y_range=(-0.04, 1.04), ticks=True,
            y_ticks=[(0.0, "0"), (0.5, "½"), (1.0, "1")], column_axis="logit z", title="p = 1 / (1 + e⁻ᶻ); dashed: the target",
            layers=[
                Path("target y", [[-reach, self._state["target"]], [reach, self._state["target"]]], ink=2, dash=True),
                Path("sigmoid", np.stack([result["z"], result["sigmoid"]], 1), ink=0, size=2.5),
                Arrows("error", [[*here[0], here[0][0], self._state["target"]]], ink="text"),
                Dots("logit", here, ink="text", size=8, names=[f"p = {number(result['probability'], 4)}"], drag=True),
            ],
        )  # fmt: skip

    def _by_logit(self) -> Plane:
        result, reach, z = self.result_, self._state["reach"], self._state["logit"]
        high = 1.3 * max(float(result["by z"].max()), 1.0)  # room for the legend
        run = reach / 3
        tangent = [[z - run, result["loss"] - run * result["slope"]], [z + run, result["loss"] + run * result["slope"]]]
        step = [[z, result["loss"], z - run * result["slope"], result["loss"] - run * result["slope"] ** 2]]
        broken = [[end, float(np.interp(end, result["z"], result["by z"]))] for end in result["naive ends"] if abs(end) < reach]
        alive = bool(broken) & (result["z"] >= result["naive ends"][0]) & (result["z"] <= result["naive ends"][1])
        naive = np.where(alive, result["by z"], np.nan)
        return Plane(
            "by z", x=52 + WIDE + 62, y=TOP, cell=(WIDE, HIGH), x_range=(-reach, reach), y_range=(-0.05 * high, high), ticks=True,
            column_axis="logit z", title="loss over the logit",
            layers=[
                Path("from the logit", np.stack([result["z"], result["by z"]], 1), ink=0, size=2.5, legend=True),
                Path("from p, float32", np.stack([result["z"], naive], 1), ink=1, size=4, dash=True, legend=bool(broken)),
                Dots("it dies here", broken, ink=1, size=7, shape="cross", names=["p is 0 or 1 from here on"] * len(broken)),
                Path("tangent", tangent, ink="faint", size=1.5),
                Arrows("downhill", step, ink="text"),
                Dots("logit", [[z, result["loss"]]], ink="text", size=8, names=[f"loss {number(result['loss'], 4)}"], drag=True),
            ],
        )  # fmt: skip

    def _by_probability(self) -> Plane:
        result, y = self.result_, self._state["target"]
        off = result["loss"] > 7
        shape, says = ("triangle", ", above this picture") if off else ("circle", "")
        here = [[result["probability"], 6.8 if off else result["loss"]]]
        curves = [("−ln p: it was yes", "if 1", 2), ("−ln(1 − p): it was no", "if 0", 3)]
        return Plane(
            "by p", x=52 + 2 * (WIDE + 62), y=TOP, cell=(WIDE, HIGH), x_range=(0, 1), y_range=(-0.2, 7), ticks=True,
            column_axis="probability p", title=f"loss over the probability, y = {number(y, 2)}",
            layers=[
                *(Path(name, np.stack([result["p"], result[key]], 1), ink, dash=True, legend=True) for name, key, ink in curves),
                Path("loss", np.stack([result["p"], result["by p"]], 1), ink=0, size=2.5),
                Dots("logit", here, ink="text", size=8, shape=shape, drag=True,
                     names=[f"loss {number(result['loss'], 4)}{says}"]),
            ],
        )  # fmt: skip

    def _words(self) -> list[dict]:
        """Both forms with the numbers put in, and the gradients."""
        result, y, z = self.result_, number(self._state["target"], 2), number(self._state["logit"], 2)
        p = number(result["probability"], 4)
        lines = [
            f"from p, float32:  −y ln p − (1 − y) ln(1 − p)  =  {result['written']};  "
            f"gradient by the chain rule: {result['written slope']}",
            f"from the logit:  max(z, 0) − y z + ln(1 + exp(−|z|))  =  {number(result['loss'], 4)};  "
            f"gradient p − y = {p} − {y} = {number(result['slope'], 4)}",
        ]
        texts = [f"z = {z},  p = {p},  y = {y}", *lines]
        return [{"x": 52, "y": 16 + 27 * i, "text": text, "size": 15, "align": "left"} for i, text in enumerate(texts)]

    def verdict(self) -> str:
        """What the loss and its gradient do here, in a sentence."""
        result = self.result_
        if result["written slope"] in ("NaN", "∞", "−∞"):
            end = "1" if self._state["logit"] > 0 else "0"
            return (
                f"p has rounded to exactly {end} in float32: written with p the loss is {result['written']} and the gradient "
                f"{result['written slope']}. From the logit both are right."
            )
        if abs(result["slope"]) < 0.02:
            return "Hardly any gradient: the prediction is practically the target. That is how it should be."
        pull = "up" if result["slope"] < 0 else "down"
        return f"The gradient, p − y, pulls the logit {pull}; it is never stronger than 1."

    def alt(self) -> str:
        result = self.result_
        return (
            f"Logit {number(self._state['logit'], 2)} is probability {number(result['probability'], 4)}; with target "
            f"{number(self._state['target'], 2)} the loss is {number(result['loss'], 4)}, gradient {number(result['slope'], 4)}. "
            f"Written with probabilities in float32: {result['written']}. Logits shown to ±{self._state['reach']}. {self.verdict()}"
        )

    def question(self) -> Question:
        wrong, right = (torch.tensor(v, dtype=torch.float64) for v in (6.0, 0.0))
        slope = float(maths.bce_with_logits_slope(wrong, right))
        return Question(
            "The network is very sure and wrong: logit 6, target 0. How strong is the pull back, the gradient on the logit?",
            ["almost 0, the sigmoid is flat there", "about 0.5", "almost 1", "about 6"],
            lambda: "almost 1" if 0.9 < slope < 1 else "about 0.5",
            f"It is p − y = {slope:.4f}. The sigmoid is flat there, but the logarithm is steep: the two slopes cancel. "
            "A squared error on p would have left almost nothing.",
        )


def said(value: torch.Tensor) -> str:
    """A number as the screen says it, not finite ones too."""
    x = float(value)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    return number(x, 4)


def naive_ends(target: float, reach: float) -> np.ndarray:
    """The logits between which the written form has a finite loss in float32; never beyond what is shown."""
    z = torch.linspace(-reach, reach, 24_001)  # float32
    finite = torch.isfinite(maths.bce(torch.sigmoid(z), torch.tensor(target)))
    return z[finite][[0, -1]].double().numpy()
