"""Loss landscapes of trained networks: two directions of the weights, the way training took, and what each place sounds like.

Notebook: 03_gradient_descent. Concepts: helpers/concepts/landscape.py, chart.py, trajectory.py.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
from torch import nn

from helpers.concepts.chart import LEVELS
from helpers.concepts.landscape import PER
from helpers.concepts.trajectory import Snapshots
from helpers.datasets.notes import FAMILIES, Notes
from helpers.explorers.base import Explorer
from helpers.explorers.landscape import words
from helpers.explorers.landscape.found import notes_at, surface_of
from helpers.explorers.landscape.site import Site
from helpers.explorers.landscape.survey import DEFINE, Survey
from helpers.explorers.landscape.terrain import Hills, against, hills, layout
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.thumbnails import SHOWN, one_after_another
from helpers.explorers.question import Question
from helpers.views import Grid, Stage, Track

OFFERED = {"directions": ("random", "trajectory"), "per": PER, "nodes": LEVELS, "scale": ("log", "linear")}
EDGE = {"nearly all of them": 0.8, "around two thirds": 0.6, "half or fewer": 0.0}  # share of the centre's, at least; best first


class Landscape(Explorer):
    """The loss around a trained network, on a plane θ + a·dx + b·dy of its weights; drag the ring to hear and see other weights.

    models: a trained network, or several by name; notes: the ones its loss is measured on (64 will do: each point costs
    a pass); snapshots: what `Snapshots` recorded in training, one or by name. State: network, against (another one
    beside it, or ""), directions (random, trajectory), per (filter, layer, network: what of a random direction is as
    long as in the weights), seed, reach (how far a and b go, in lengths of the weights; the margin of a trajectory),
    nodes (measured along each side: 7, 13, 25), scale (log, linear), a, b (the weights looked at), family (whose notes
    are heard; "" the one guessed most), snapshot (−1: the last).
    """

    axis: ClassVar[str] = "snapshot"
    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "network": "",
        "against": "",
        "directions": "random",
        "per": "filter",
        "seed": 0,
        "reach": 1.0,
        "nodes": LEVELS[0],
        "scale": "log",
        "a": 0.0,
        "b": 0.0,
        "family": "",
        "snapshot": -1,
    }
    presets: ClassVar[dict[str, dict]] = {
        "close by": {"reach": 0.25},
        "far out": {"reach": 2.0},
        "not normalised": {"per": "network"},
    }

    def __init__(
        self,
        models: nn.Module | dict[str, nn.Module],
        notes: Notes,
        snapshots: Snapshots | dict[str, Snapshots] | None = None,
        **options: object,
    ) -> None:
        self.models = models if isinstance(models, dict) else {"the network": models}
        whose = snapshots if isinstance(snapshots, dict) else {next(iter(self.models)): snapshots} if snapshots else {}
        if not self.models or not len(notes):
            raise ValueError(f"{len(self.models)} networks and {len(notes)} notes; give at least one of each.")
        if strangers := whose.keys() - self.models.keys():
            raise ValueError(f"There are snapshots of {sorted(strangers)}, but the networks are {', '.join(self.models)}.")
        self.notes, self.snapshots = notes, whose
        self.data = notes.mel[:, None], notes.family
        self.given = {"models": models, "notes": notes, **({"snapshots": snapshots} if snapshots else {})}
        if whose.keys() == self.models.keys():
            self.presets = self.presets | {"the way it took": {"directions": "trajectory"}}
        self._site = lru_cache(maxsize=24)(self._look)  # its own, so that what was measured goes when the explorer goes
        super().__init__(**options)

    def _look(self, name: str, *how: object) -> Site:
        return Site(self.models[name], self.data, self.snapshots.get(name), *how)

    def sites(self, state: dict | None = None) -> list[Site]:
        """The site of each network that is shown."""
        state = state or self._state
        how = [state[key] for key in DEFINE[2:]]
        return [self._site(name, *how) for name in (state["network"], state["against"]) if name]

    # the state

    def build(self) -> None:
        self.survey = Survey(self, lambda: self._show())
        names, found = list(self.models), ["random", *(["trajectory"] if self.snapshots else [])]
        self.control("network", widgets.Dropdown(options=names, description="network"))
        if len(names) > 1:
            self.control("against", widgets.Dropdown(options=[("—", ""), *((n, n) for n in names)], description="against"))
        self.control("directions", widgets.Dropdown(options=found, description="directions"))
        self.control("per", widgets.Dropdown(options=list(PER), description="scaled per"))
        self.control("seed", widgets.IntSlider(min=0, max=9, description="seed", continuous_update=False))
        self.control("reach", widgets.FloatSlider(min=0.25, max=2.0, step=0.25, description="reach", continuous_update=False))
        self.control("nodes", widgets.Dropdown(options=list(LEVELS), description="nodes"))
        self.control("scale", widgets.Dropdown(options=["log", "linear"], description="scale"))
        for name, action in (("refine", self.refine), ("check", self.check), ("cancel", self.cancel)):
            button = widgets.Button(description=name, layout={"width": "80px"})
            button.on_click(lambda _, action=action: action())
            self.beside(button)
        self.beside(self.survey.said)
        self._newest.run = self._ask
        self.grid.on("place", lambda panel, x, y, shift: self._newest(a=x, b=y))
        for event in ("drag", "drop"):
            self.grid.on(event, lambda panel, layer, index, x, y: self._newest(a=x, b=y))
        self.grid.on("click", lambda panel, row, column: self._hear(FAMILIES[row]))

    def _hear(self, family: str) -> None:
        self.set(family=family)
        self.player.play(0)

    def settle(self, state: dict, changes: dict) -> dict:
        state["network"] = state["network"] or next(iter(self.models))
        if set(DEFINE) & changes.keys():
            state |= {key: self.defaults[key] for key in ("nodes", "a", "b") if key not in changes}
        if "network" in changes and "snapshot" not in changes:
            state["snapshot"] = -1
        if state["snapshot"] == -1 and state["network"] in self.snapshots:
            state["snapshot"] = len(self.snapshots[state["network"]].states) - 1
        return state

    def impossible(self, state: dict) -> str | None:
        for name in (state["network"], state["against"] or state["network"]):
            if name not in self.models:
                return f"No network is called {name!r}; there are {', '.join(self.models)}."
            if state["directions"] == "trajectory" and name not in self.snapshots:
                return f"No snapshots of {name} were given; choose random directions, or pass snapshots={{{name!r}: …}}."
        for name, offered in OFFERED.items():
            if state[name] not in offered:
                return f"{name} is {state[name]!r}; choose one of {', '.join(map(str, offered))}."
        if state["family"] not in ("", *FAMILIES):
            return f"No family is called {state['family']!r}; there are {', '.join(FAMILIES)}."
        if not 0.05 <= state["reach"] <= 4 or state["seed"] < 0:
            return f"reach is {state['reach']}, seed {state['seed']}; choose a reach from 0.05 to 4 and a seed of at least 0."
        last = len(self.snapshots[state["network"]].states) - 1 if state["network"] in self.snapshots else -1
        if not min(last, 0) <= state["snapshot"] <= last:
            return f"There is no snapshot {state['snapshot']}; the last is {last}."
        try:
            window, *_ = [site.window for site in self.sites(state)]
        except ValueError as error:
            return str(error)
        for name, (low, high) in zip("ab", window, strict=True):
            if not low <= state[name] <= high:
                return f"{name} = {state[name]} is off the plane, which goes from {number(low, 2)} to {number(high, 2)}."
        return None

    def count(self) -> int:
        return len(self.result_.get("true", [0]))

    def compute(self) -> None:
        self.survey.follow()
        site, *other = self.sites()
        nodes, a, b, family = (self._state[name] for name in ("nodes", "a", "b", "family"))
        self.result_ = {**surface_of(site, nodes), **site.way, "slice": site.chart.row(nodes, b), **notes_at(site, a, b, family)}
        for one in other:
            found = surface_of(one, nodes)
            if one.snapshots:
                found["path"] = one.path
            if self._state["directions"] == "random":  # else its a and b are others
                found["slice"] = one.chart.row(nodes, b)
            self.result_ |= {f"against_{key}": value for key, value in found.items()}

    # the picture, the words and the sound

    def draw(self) -> None:
        site, *_ = self.sites()
        measured = site.chart.places() if self.survey.under_way else np.zeros((0, 2))
        with self.grid.hold_sync():
            self.grid.show(layout(self.result_, self._state, self.survey.frame, measured))
            self.grid.caption = self.verdict()
            self.grid.count = self.count()
            self.grid.position = max(self._state["snapshot"], 0)
        self.controls["per"].layout.display = "" if self._state["directions"] == "random" else "none"
        self.controls["seed"].layout.display = self.controls["per"].layout.display
        self.player.offer(self.tracks, self._heard())

    def verdict(self) -> str:
        return words.verdict(self.result_, self._state, len(self.notes))

    def alt(self) -> str:
        return words.alt(self.result_, self._state, len(self.notes))

    def tracks(self) -> list[Track]:
        result, notes = self.result_, self.notes
        found = []
        for name, which in (
            (f"taken for {result['family']}", result["taken"]),
            ("right at the centre, wrong here", result["lost"]),
        ):
            which = which[:SHOWN].tolist()
            if which:
                heard = lambda which=which: one_after_another(notes, which)  # noqa: E731
                found.append(Track(f"{name} ({len(which)})", heard, key=f"{name} {which}"))
        return found

    def _heard(self) -> tuple:
        return self.result_["family"], self.result_["taken"].tobytes(), self.result_["lost"].tobytes()

    def surface(self) -> Hills:
        """The landscapes as 3-D surfaces, to be turned with the mouse: a plotly figure."""
        results = {self._state["network"]: self.result_}
        if self._state["against"]:
            results[self._state["against"]] = against(self.result_)
        return hills(results, self._state["scale"])

    def question(self) -> Question:
        site, *_ = self.sites()
        truth = self.data[1]
        guesses = site.guess, site.losses.outputs(site.window[0][1], 0.0).argmax(1)
        here, there = (int((guess == truth).sum()) for guess in guesses)
        share = there / max(here, 1)
        return Question(
            f"At the centre it names {here} of {len(truth)} notes right. And at the right edge, as far as a goes?",
            list(EDGE),
            lambda: next(said for said, least in EDGE.items() if share >= least),
            f"{there} are named right there.",
        )

    # what takes longer than a moment

    @property
    def checked(self) -> dict | None:
        """How far the surface is from an exact grid, once `check` has measured one."""
        return self.survey.checked

    def refine(self) -> Landscape:
        """Measure at more and more nodes until held-out points agree, in the background where a loop turns."""
        self.survey.refine()
        return self

    def check(self) -> Landscape:
        """Measure an exact grid in the background, and say how far the surface is from it (`checked`)."""
        self.survey.check()
        return self

    def cancel(self) -> None:
        """End what is being measured; what is known already is kept."""
        self.survey.cancel()

    async def done(self) -> Explorer:
        await super().done()
        await self.survey.done()
        return self

    def preset(self, name: str) -> dict:
        meant = super().preset(name)
        networks = {key: self._state[key] for key in ("network", "against")}  # a preset is for those that are shown
        self._presets.meant[name] = self.settle({**meant, **networks, "snapshot": -1}, {})
        return copy.deepcopy(self._presets.meant[name])

    def close(self) -> None:
        self.survey.end()
        super().close()

    def _ask(self, **changes: object) -> None:
        """What the controls do: more nodes take a while, so they are measured in the background."""
        nodes = changes.pop("nodes", self._state["nodes"])
        if changes:
            self.set(**changes)
        if nodes != self._state["nodes"]:
            self.survey.measure(nodes)
