"""A mixture of Gaussians that learns a cloud of notes: expectation, maximisation, and what it then draws.

Notebook: 07_generative_models. Concept: helpers/concepts/mixture.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts import mixture as maths
from helpers.concepts.mixture import Mixture as Model
from helpers.datasets.clouds import CLOUDS, REACH, sample
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number, plural
from helpers.explorers.parts.points import one_by_one
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.views import Dots, Path, Plane, Stage, Track
from helpers.views.grid import Grid

POINTS, STEPS, HEARD = 240, 40, 12
NODES = 49  # of the heat map, along each side
RANGE = (-REACH, REACH)
LEAST, MOST = -8.0, 3.0  # log density, in nats, at the ends of the colours
Starts = tuple[tuple[float, float], ...]


class Mixture(Explorer):
    """Fit a mixture of Gaussians to a cloud by EM, step by step, and hear what it draws.

    State: data, components (1 to 12), starts (centres [[x, y], ...] where one was dragged; none: drawn from the points), seed
    (of points, beginning and draws), position (which step of EM is shown).
    """

    view: ClassVar[type[Grid]] = Stage
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {"data": "eight Gaussians", "components": 8, "starts": [], "seed": 1, "position": STEPS}
    presets: ClassVar[dict[str, dict]] = {
        "too few": {"components": 3},
        "too many": {"components": 12, "data": "two notes"},
        "one round Gaussian": {"components": 1},
        "beads on a ring": {"data": "ring", "components": 12},
        "beads on a spiral": {"data": "spiral", "components": 12},
        "stuck": {"components": 8, "starts": [[0.8, 0.1 * k - 0.35] for k in range(8)]},
    }

    def build(self) -> None:
        self.control("data", widgets.Dropdown(options=list(CLOUDS), description="data"))
        self.control("components", widgets.IntSlider(min=1, max=12, description="heaps"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed"))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self._newest(starts=self._moved(index, x, y), position=0))

    def _moved(self, index: int, x: float, y: float) -> list[list[float]]:
        """The centres that are shown, one of them moved."""
        starts = [[round(float(v), 3) for v in centre] for centre in self.result_["means"]]
        starts[index] = [round(float(x), 3), round(float(y), 3)]
        return starts

    def settle(self, state: dict, changes: dict) -> dict:
        if {"components", "data", "seed"} & set(changes) and "starts" not in changes:
            state["starts"] = []
        return state

    def impossible(self, state: dict) -> str | None:
        if state["data"] not in CLOUDS:
            return f"There is no cloud {state['data']!r}; choose one of {', '.join(CLOUDS)}."
        if problem := beyond(state, {"components": (1, 12), "seed": (0, 9), "position": (0, STEPS)}):
            return problem
        starts = state["starts"]
        pairs = all(
            isinstance(c, list) and len(c) == 2 and all(isinstance(v, int | float) and abs(v) <= REACH for v in c) for c in starts
        )
        if starts and not (pairs and len(starts) == state["components"]):
            return f"starts={starts!r}; give {plural(state['components'], 'centre')} [x, y] within ±{REACH}."
        return None

    def count(self) -> int:
        return STEPS + 1

    def compute(self) -> None:
        state = self._state
        points, course, likelihoods = _course(state["data"], state["components"], tuple(map(tuple, state["starts"])), state["seed"])
        now = course[state["position"]]
        drawn, which = maths.sample(now, POINTS, state["seed"])
        self.result_ = {
            "points": points.numpy(),
            "owner": maths.responsibilities(points, now).argmax(1).numpy(),
            "weights": now.weights.numpy(),
            "means": now.means.numpy(),
            "covariances": now.covariances.numpy(),
            "likelihood": likelihoods.numpy(),
            "density": maths.log_likelihood(_grid(), now).reshape(NODES, NODES).numpy(),
            "drawn": drawn.numpy(),
            "drawn from": which.numpy(),
        }

    def draw(self) -> None:
        state = self._state
        with self.grid.hold_sync():
            self.grid.show([self._learned(), self._drawn(), self._likelihood()])
            self.grid.count, self.grid.position = self.count(), state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, repr(state))

    def _learned(self) -> Plane:
        result = self.result_
        names = [f"heap {i + 1}: {100 * w:.1f} % of the points; drag it to begin anew" for i, w in enumerate(result["weights"])]
        rings = [maths.ellipse(mean, covariance) for mean, covariance in zip(self.model.means, self.model.covariances)]
        return Plane(
            "learned", result["density"], x=66, y=34, cell=(380, 380), x_range=RANGE, y_range=RANGE,
            lo=LEAST, hi=MOST, digits=2, unit=" nats = log p(x)", title="data, and the density learned (colours)",
            column_axis="pitch (octaves from middle C)", row_axis="brightness", ticks=True,
            layers=[
                Dots("data", result["points"], ink="white", size=2.5),
                *(Path(f"ring {i}", ring.numpy(), ink=1, size=2.0) for i, ring in enumerate(rings)),
                Dots("centres", result["means"], ink=1, size=8, names=names, drag=True),
            ],
        )  # fmt: skip

    def _drawn(self) -> Plane:
        points = np.clip(self.result_["drawn"], -REACH, REACH)
        return Plane(
            "drawn", x=530, y=34, cell=(250, 250), x_range=RANGE, y_range=RANGE, title=f"{POINTS} draws from it", ticks=True,
            column_axis="pitch", row_axis="brightness", layers=[Dots("draws", points, ink=2, size=2.5)],
        )  # fmt: skip

    def _likelihood(self) -> Plane:
        course = self.result_["likelihood"]
        low, high = float(course.min()), float(course.max())
        room = max(0.08 * (high - low), 0.05)
        return Plane(
            "likelihood", x=850, y=34, cell=(220, 250), x_range=(0, STEPS), y_range=(low - room, high + room), scrub=True,
            title="log-likelihood of a point, nats", column_axis="step of EM", ticks=True,
            layers=[Path("likelihood", np.column_stack([np.arange(len(course)), course]), ink=1)],
        )  # fmt: skip

    @property
    def model(self) -> Model:
        """The mixture that is shown."""
        return Model(*(torch.as_tensor(self.result_[name]) for name in ("weights", "means", "covariances")))

    def verdict(self) -> str:
        """How far it is, and how good."""
        t, course = self._state["position"], self.result_["likelihood"]
        said = f"Step {t} of {STEPS}: log-likelihood {number(course[t], 2)} nats a point"
        said += f", {number(course[t] - course[t - 1], 3)} more than a step before." if t else ", before anything is learned."
        numbers = plural(6 * self._state["components"] - 1, "free number")
        return f"{said} {plural(self._state['components'], 'heap')} with {numbers} say p(x) of every note, exactly."

    def alt(self) -> str:
        state = self._state
        begun = "from centres that were dragged" if state["starts"] else f"seed {state['seed']}"
        return f"A mixture of Gaussians on the cloud {state['data']!r}, {begun}. {self.verdict()}"

    def tracks(self) -> list[Track]:
        key, result = repr(self._state), self.result_
        return [
            Track("draws of the mixture", lambda: one_by_one(np.clip(result["drawn"][:HEARD], -REACH, REACH)), key=f"drawn {key}"),
            Track("data", lambda: one_by_one(result["points"][:HEARD]), key=f"data {key}"),
        ]

    def question(self) -> Question:
        options = ["it falls at some steps", "it rises at every step or stays", "it rises and falls like a stochastic loss"]
        return Question(
            "EM is run step by step. What does the likelihood of the data do?", options, options[1],
            "E gives shares, M goes to the best heaps for them: together they only raise it, with no learning rate to choose.",
        )  # fmt: skip


@lru_cache(maxsize=32)
def _course(data: str, components: int, starts: Starts, seed: int) -> tuple[torch.Tensor, list[Model], torch.Tensor]:
    """The points, the mixture at each step of EM, and its log-likelihood."""
    points, first = _first(data, components, seed)
    if starts:
        first = first._replace(means=torch.tensor(starts, dtype=torch.float64))
    return points, *maths.fit(points, first, STEPS)


@lru_cache(maxsize=32)
def _first(data: str, components: int, seed: int) -> tuple[torch.Tensor, Model]:
    """The points, and the mixture that EM begins with where no centre was dragged."""
    points = torch.from_numpy(sample(data, POINTS, seed))
    return points, maths.begin(points, components, seed)


@lru_cache(maxsize=1)
def _grid() -> torch.Tensor:
    axis = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)
