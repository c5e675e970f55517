"""What a trained LSTM or GRU lets through, step by step under the tune it reads: brush a stretch, find it elsewhere, hear it.

Notebook: 05_rnns. Concepts: helpers/concepts/recurrence.py, brushing.py. The picture: helpers/explorers/gates/score.py.
"""

from __future__ import annotations

from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from torch import nn

from helpers.concepts import brushing, recurrence
from helpers.datasets.melodies import Melody
from helpers.explorers.base import Explorer
from helpers.explorers.gates import own, score
from helpers.explorers.gates.sound import STEP, clicks, side_chained, tune
from helpers.explorers.parts.numerals import number, plural
from helpers.views import Grid, Roll, Track

STEPS, MORE = 48, 24  # eighths of each melody that are read; that a net writes after it
HAS = {
    "LSTM": ("forget", "input", "candidate", "output", "cell", "state"),
    "GRU": ("update", "reset", "candidate", "state"),
    "RNN": ("state",),
}
EVERY = list(dict.fromkeys(gate for gates in HAS.values() for gate in gates))
LIKE = {"forget": "update", "update": "forget", "input": "reset", "reset": "input", "output": "state", "cell": "state"}
SIGNED = ("candidate", "cell", "state")  # not between 0 and 1


class Gates(Explorer):
    """A net reads a tune, one eighth a step; every unit's gates are shown below the notes.

    models: nets by name, each with an `embedding` and a `recurrent` module of one layer; melodies: what they read, each of
    at least 48 eighths. State: network, melody (its number; the last one is one's own), own (that as ABC, 6/8 in G), gate,
    unit, threshold, first and last (the brushed steps), alone (a unit must be off just before and after), position (the step).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {
        "network": "LSTM",
        "melody": 0,
        "own": own.PHRASE,
        "gate": "forget",
        "unit": 0,
        "threshold": 0.7,
        "first": 12,
        "last": 15,
        "alone": False,
        "position": 0,
    }

    def __init__(self, models: dict[str, nn.Module], melodies: list[Melody], **options: object) -> None:
        if not models or not all(hasattr(net, "embedding") and hasattr(net, "recurrent") for net in models.values()):
            raise ValueError("models: give at least one net with an embedding and a recurrent module, by name.")
        if not melodies or any(len(melody.step) < STEPS for melody in melodies):
            raise ValueError(f"melodies: give at least one, each of {STEPS} eighths or more.")
        self.models, self.melodies, self.given = models, melodies, {"models": models, "melodies": melodies}
        self._read: dict[str, dict[str, np.ndarray]] = {}
        if "network" not in options:
            options["network"] = next(iter(models))
        super().__init__(**options)

    def build(self) -> None:
        self.control("network", widgets.Dropdown(options=list(self.models), description="network"))
        titles = [(f"{melody.title} (in {melody.kind})", i) for i, melody in enumerate(self.melodies)]
        titles.append(("your own", len(self.melodies)))
        self.control("melody", widgets.Dropdown(options=titles, description="tune"))
        self.control("gate", widgets.Dropdown(options=EVERY, description="gate"))
        self.control("unit", widgets.IntSlider(min=0, max=self._units(self._state["network"]) - 1, description="unit"))
        self.control("threshold", widgets.FloatSlider(min=-1.0, max=1.0, step=0.05, description="threshold"))
        for name in ("first", "last"):
            self.control(name, widgets.IntSlider(min=0, max=STEPS - 1, description=name))
        self.control("alone", widgets.Checkbox(description="off before and after", indent=False, layout={"width": "160px"}))
        self._text = widgets.Text(value=self._state["own"], description="your own", continuous_update=False)
        self._text.observe(self._typed, "value")
        self.beside(self._text)
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drag)
        self.grid.on("place", self._choose)

    def _typed(self, change: dict) -> None:
        if not self._showing and change["new"] != self._state["own"]:
            self.set(own=change["new"])

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        step = int(np.clip(round(x), 0, STEPS - 1))
        self.set(**{("first", "last")[index]: step}, threshold=float(np.clip(round(y, 2), -1, 1)))

    def _choose(self, panel: str, x: float, y: float, shift: bool) -> None:
        last = self._units(self._state["network"]) - 1
        if panel == "units":
            self.set(unit=int(np.clip(round(last - y), 0, last)))

    def _kind(self, network: str) -> str:
        return type(self.models[network].recurrent).__name__

    def _units(self, network: str) -> int:
        return self.models[network].recurrent.hidden_size

    def settle(self, state: dict, changes: dict) -> dict:
        if state["network"] in self.models:
            has = HAS[self._kind(state["network"])]
            if "network" in changes and state["gate"] not in has and "gate" not in changes:
                like = LIKE.get(state["gate"], "state")
                state["gate"] = like if like in has else "state"
            if "network" in changes and "unit" not in changes:
                state["unit"] = min(state["unit"], self._units(state["network"]) - 1)
        if "own" in changes and "melody" not in changes:
            state["melody"] = len(self.melodies)
        if state["first"] > state["last"]:
            if "first" in changes:
                state["last"] = state["first"]
            else:
                state["first"] = state["last"]
        return state

    def impossible(self, state: dict) -> str | None:
        if state["network"] not in self.models:
            return f"No network is called {state['network']!r}; choose one of {', '.join(self.models)}."
        kind = self._kind(state["network"])
        if state["gate"] not in HAS[kind]:
            return f"A net of the kind {kind} has no {state['gate']!r}; choose one of {', '.join(HAS[kind])}."
        limits = {"melody": len(self.melodies) + 1, "unit": self._units(state["network"]), "position": STEPS}
        limits |= {"first": STEPS, "last": STEPS}
        for name, count in limits.items():
            if not 0 <= state[name] < count:
                return f"{name} = {state[name]} cannot be; choose 0 to {count - 1}."
        if not -1 <= state["threshold"] <= 1:
            return f"threshold = {state['threshold']:g} cannot be; choose -1 to 1."
        try:
            own.typed(state["own"], STEPS)
        except ValueError as error:
            return str(error)
        return None

    def count(self) -> int:
        return STEPS

    def values(self, network: str) -> dict[str, np.ndarray]:
        """Each gate of a network over all melodies, (melody, step, unit), read once; over one's own, too, where it is shown."""
        if network not in self._read:
            self._read[network] = _gates(self.models[network], self.melodies)
        library, state = self._read[network], self._state
        if state["melody"] < len(self.melodies):
            return library
        if self._own[0] != (network, state["own"]):
            more = _gates(self.models[network], [own.typed(state["own"], STEPS)])
            self._own = (network, state["own"]), {gate: np.concatenate([library[gate], part]) for gate, part in more.items()}
        return self._own[1]

    _own: tuple = (None, {})

    @property
    def pieces(self) -> list[Melody]:
        """All melodies, and one's own."""
        return [*self.melodies, own.typed(self._state["own"], STEPS)]

    def compute(self) -> None:
        state = self._state
        everything = self.values(state["network"])
        values = everything[state["gate"]]
        brushed = (values, state["melody"], state["first"], state["last"], state["threshold"], state["alone"])
        mine = values[state["melody"]]
        self.result_ = {
            "values": mine.copy(),
            "value": float(mine[state["position"], state["unit"]]),
            "curve": mine[:, state["unit"]].copy(),
            "units": brushing.selected(*brushed),
            "matches": np.array(brushing.matches(*brushed), dtype=int).reshape(-1, 3),
            "switches": np.flatnonzero(np.diff((mine[:, state["unit"]] >= state["threshold"]).astype(int), prepend=0) == 1),
            "others": np.stack([everything[gate][state["melody"], :, state["unit"]] for gate in HAS[self._kind(state["network"])]]),
        }

    def draw(self) -> None:
        state = self._state
        self.controls["unit"].max = self._units(state["network"]) - 1
        with self.grid.hold_sync():
            names = HAS[self._kind(state["network"])]
            self.grid.show(score.planes(state, self.result_, self.pieces, names), labels=score.labels(state, self.result_))
            self.grid.count = self.count()
            self.grid.position = state["position"]
            self.grid.caption = self.verdict()
        self._text.value = state["own"]
        self.player.offer(self.tracks, repr({**state, "position": 0}))

    def verdict(self) -> str:
        """What the chosen unit is here, and what the brush finds."""
        state, result = self._state, self.result_
        units, of = len(result["units"]), result["values"].shape[1]
        elsewhere = ""
        if len(result["matches"]):
            piece, start, again = result["matches"][0].tolist()
            elsewhere = f"; {again} of them also in {self.pieces[piece].title}, from step {start}"
        return (
            f"The {score.WORDS[state['gate']]} of unit {state['unit']} at step {state['position']}: {number(result['value'], 2)}; "
            f"{plural(units, 'unit')} of {of} on from step {state['first']} to {state['last']}{elsewhere}."
        )

    def alt(self) -> str:
        state = self._state
        tune_ = self.pieces[state["melody"]]
        alone = ", and off before and after" if state["alone"] else ""
        return (
            f"{state['network']} reading {tune_.title}, in {tune_.kind}: the {score.WORDS[state['gate']]} of its units over "
            f"{STEPS} eighths, on from {number(state['threshold'], 2)}{alone}. {self.verdict()}"
        )

    def tracks(self) -> list[Track]:
        state, result = self._state, self.result_
        pieces, net = self.pieces, self.models[state["network"]]
        step, signed = pieces[state["melody"]].step[:STEPS], state["gate"] in SIGNED
        gain = (result["curve"] + 1) / 2 if signed else result["curve"]
        key, word = repr({**state, "position": 0}), score.WORDS[state["gate"]]
        heard = [
            Track("the tune", lambda: tune(step), key=repr((state["melody"], state["own"])), beats=STEP),
            Track(
                f"as loud as unit {state['unit']}'s {word}",
                lambda: side_chained(step, gain),
                key=key,
                beats=STEP,
            ),
            Track("a click where it switches on", lambda: clicks(step, result["switches"]), key=key, beats=STEP),
        ]
        if own.goes_on(net):
            before = step[: state["last"] + 1]
            said = f"to step {state['last']}, and the net goes on"
            heard.append(Track(said, lambda: tune(np.concatenate([before, own.continuation(net, before, MORE)])), key=key))
        length = state["last"] - state["first"] + 1
        for piece, start, _ in result["matches"][: score.SHOWN].tolist():
            found = pieces[piece]
            part, name = found.step[start : start + length], f"{found.title}, from {start}"
            heard.append(Track(name, lambda part=part: tune(part), key=repr((piece, start, length))))
        return heard


@torch.no_grad()
def _gates(net: nn.Module, melodies: list[Melody]) -> dict[str, np.ndarray]:
    """Each gate, the state and the cell of a net over some melodies, (melody, step, unit)."""
    tokens = torch.tensor(np.stack([melody.step[:STEPS] for melody in melodies]))
    states, gates = recurrence.run(net.recurrent, net.embedding(tokens).swapaxes(0, 1))[0]
    named = {**gates, "state": states[0], **({"cell": states[1]} if len(states) > 1 else {})}
    return {name: part.swapaxes(0, 1).numpy().astype(np.float64) for name, part in named.items()}
