"""Ways between a note and noise: into it in closed form, out of it through a network, and the jumps from each place.

Notebook: 07c_diffusion. Concepts: helpers/concepts/diffusion.py, consistency.py; networks: helpers/models/denoiser.py, jumper.py.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cache, partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts.diffusion import Place, ddim_step, forward, predicts, reverse, schedule, times
from helpers.datasets.harmonics import Harmonics, load_harmonics
from helpers.datasets.notes import FAMILIES
from helpers.models.checkpoints import load
from helpers.models.denoiser import Denoiser, possible, quarter_turns, signal, start
from helpers.models.jumper import SMALLEST, Jumper

PLACES = 17  # pictures of a way that are shown, at most
WAYS = ("into noise", "out of noise", "from a note")
T = 1000


class Trip(NamedTuple):
    """All that decides a way: one of WAYS, the real note's family, and how it goes back."""

    way: str
    note: str
    family: str
    guidance: float
    steps: int
    eta: float
    schedule: str
    strength: float
    seed: int


class Journey(NamedTuple):
    """The places of a way. x, x0, jump: in the networks' units; time: 0 to T; passes: how often the denoiser was asked."""

    time: Int[Tensor, "place"]
    alpha_bar: Float[Tensor, "place"]
    x: Float[Tensor, "place 24 32"]
    x0: Float[Tensor, "place 24 32"]
    jump: Float[Tensor, "place 24 32"]
    passes: int


def trip_of(state: dict) -> Trip:
    """What of the explorer's state decides the way: nothing that it does not use."""
    idle = {
        "into noise": {"steps": 1, "eta": 0.0, "strength": 1.0},
        "out of noise": {"note": "", "strength": 1.0},
        "from a note": {},
    }[state["way"]]
    if state["family"] == "any":
        idle = idle | {"guidance": 1.0}
    return Trip(**{name: (state | idle)[name] for name in Trip._fields})


def places_of(state: dict) -> int:
    """How many pictures the way of a state shows."""
    if state["way"] == "into noise":
        return PLACES
    first = round(T * state["strength"]) if state["way"] == "from a note" else T
    return min(PLACES, min(max(state["steps"], 1), first) + 1)


@cache
def networks() -> tuple[Denoiser, Jumper]:
    """The diffusion model and the consistency model that ship."""
    return load("timbre-diffusion")[0], load("timbre-consistency")[0]


@cache
def real() -> dict[str, tuple[Harmonics, int]]:
    """For each family a note whose instrument no model learned from: the one nearest to E3, and where it is."""
    notes = load_harmonics("valid")
    found = {}
    for number, family in enumerate(FAMILIES):
        of_it = (notes.family == number).nonzero().flatten()
        if len(of_it):
            found[family] = notes, int(of_it[(notes.pitch[of_it] - 52).abs().argmin()])
    return found


def note(family: str) -> Float[Tensor, "24 32"]:
    """The picture of a family's real note."""
    notes, i = real()[family]
    return notes.picture[i]


def passes(trip: Trip) -> int:
    """How many pictures go through the denoiser on this way, one after the other: what takes the time."""
    if trip.way == "into noise":
        return 1
    return (len(_times(trip)) - 1) * (1 + _both(trip))


def travel(trip: Trip, denoiser: Denoiser | None = None) -> Generator[Place | Journey, None, None]:
    """The places one after the other, as they are reached, and at last the whole journey. denoiser: instead of the one shipped."""
    denoiser = denoiser or networks()[0]
    alpha_bar = schedule(trip.schedule, T)
    if trip.way == "into noise":
        places = _drowned(trip, alpha_bar, denoiser)
    else:
        places = []
        for place in _back(trip, alpha_bar, denoiser):
            places.append(place)
            yield place
    yield _seen(trip, alpha_bar, places)


def _times(trip: Trip) -> list[int]:
    """T … 0, or from where a note is drowned only so far."""
    first = T if trip.way == "out of noise" else round(T * trip.strength)
    return times(first, min(trip.steps, first))


def _both(trip: Trip) -> bool:
    """Whether each step needs two answers: of the family and of any."""
    return trip.family != "any" and trip.guidance not in (0, 1)


def _told(trip: Trip, count: int) -> Int[Tensor, "count"] | None:
    return None if trip.family == "any" else torch.full((count,), FAMILIES.index(trip.family))


@torch.no_grad()
def _drowned(trip: Trip, alpha_bar: Float[Tensor, "time"], denoiser: Denoiser) -> list[Place]:
    """Forward: a note and one noise mixed, no network; then what the denoiser makes of each mixture, all at once."""
    at = torch.linspace(0, T, PLACES).round().long()
    x0, eps = signal(note(trip.note))[None], start(1, trip.seed)
    x = torch.cat([forward(x0, eps, alpha_bar[t]) for t in at])
    guess = denoiser.guess(alpha_bar, _told(trip, PLACES), trip.guidance)(x, at)
    return [Place(int(t), x[i : i + 1], guess[i : i + 1]) for i, t in enumerate(at)]


def _back(trip: Trip, alpha_bar: Float[Tensor, "time"], denoiser: Denoiser) -> Generator[Place, None, None]:
    way, x = _times(trip), start(1, trip.seed).double()
    if trip.way == "from a note":
        x = forward(signal(note(trip.note))[None], x, alpha_bar[way[0]])
    guess = denoiser.guess(alpha_bar, _told(trip, 1), trip.guidance)
    yield from reverse(predicts(guess, "x0", alpha_bar), x, alpha_bar, way, partial(ddim_step, eta=trip.eta), trip.seed)


@torch.no_grad()
def _seen(trip: Trip, alpha_bar: Float[Tensor, "time"], places: list[Place]) -> Journey:
    """As many of the places as are shown, first and last among them, and a jump from each."""
    last = len(places) - 1
    chosen = torch.linspace(0, last, min(PLACES, last + 1)).round().long()
    time = torch.tensor([places[i].t for i in chosen])
    x, x0 = (torch.cat([getattr(places[i], name) for i in chosen]).float() for name in ("x", "x0"))
    t = quarter_turns(alpha_bar[time]).clamp(min=SMALLEST).float()
    jump = possible(networks()[1](x, t, _told(trip, len(x))))
    return Journey(time, alpha_bar[time], x, x0, jump, passes(trip))
