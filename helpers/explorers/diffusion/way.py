"""One way back: where its points are at each step, what they expect, the field they follow, how near they come.

Notebook: 07c_diffusion. The steps: helpers/concepts/diffusion.py; the measures: helpers/concepts/fidelity.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from helpers.concepts import diffusion as maths
from helpers.concepts.fidelity import alike, modes_covered
from helpers.explorers.diffusion.pupil import pupil
from helpers.explorers.diffusion.target import STEPS, alpha_bar, target

COUNT = 500  # points
MANY = 50  # steps that are walked for each picture while a net learns
FRAMES = 32  # at most so many steps are shown
GRID = np.linspace(-2.0, 2.0, 11)  # along each axis, where arrows begin
FEET = np.stack(np.meshgrid(GRID, GRID), -1).reshape(-1, 2)
KINDS = {"the exact noise": "", "a net that predicts ε": "eps", "a net that predicts x₀": "x0", "a net that predicts v": "v"}
BINS = np.arange(50, STEPS, 100)  # times at which the error of ε is measured
WIDTHS = (0.1, 0.3, 1.0)  # of the kernels that measure how near: within a mode, between two, over all


class Setting(NamedTuple):
    """All that a way back depends on. note, strength: where it begins, if not in pure noise (strength 1).

    brief: a way of more than MANY steps takes only as many as are shown, as one does that is drawn while its net learns.
    """

    data: str
    network: str
    trained: int
    schedule: str
    sampler: str
    eta: float
    steps: int
    given: str
    w: float
    strength: float
    note: tuple[float, float]
    seed: int
    brief: bool = False


NOT_OF_THE_FIELD = {"sampler": "DDIM", "eta": 0.0, "steps": 50, "strength": 1.0, "note": (0.0, 0.0), "seed": 0, "brief": False}


@dataclass(frozen=True)
class Way:
    """t: the time of each frame; x, x0: the points there and their guess, (frame, point, 2); steps: how many it took.

    brief: whether these are fewer than were asked for. field: at each foot −ε, towards less noise, (frame, foot, 2).
    near: squared MMD from the data; modes: how many of them have points, and quality: the share of points within three
    spreads of one (0 and 0 where there are no modes).
    """

    t: Int[np.ndarray, "frame"]
    x: Float[np.ndarray, "frame point 2"]
    x0: Float[np.ndarray, "frame point 2"]
    field: Float[np.ndarray, "frame foot 2"]
    steps: int
    brief: bool
    near: float
    modes: int
    quality: float


def model_of(setting: Setting) -> maths.Model:
    """What says ε in this setting."""
    if kind := KINDS[setting.network]:
        return pupil(setting.data, setting.schedule, kind).model(setting.trained, setting.given, setting.w)
    free = target(setting.data).noise("any", setting.schedule)
    if setting.given == "any":
        return free
    return maths.guided(free, target(setting.data).noise(setting.given, setting.schedule), setting.w)


def times(setting: Setting) -> list[int]:
    """From where it begins to the data: of a shorter way as large a share of the steps is taken."""
    start, asked = max(1, round(setting.strength * STEPS)), steps(setting)
    return maths.times(start, -(-asked // _stride(asked)) if setting.brief and asked > MANY else asked)


def steps(setting: Setting) -> int:
    """How many are asked for."""
    return max(1, round(setting.strength * setting.steps))


def _stride(count: int) -> int:
    """Of so many steps every how manieth is shown."""
    return -(-count // FRAMES)


def begin(setting: Setting) -> Tensor:
    """The points at first: noise, or the note under as much noise as the strength says."""
    random = torch.Generator().manual_seed(setting.seed)
    noise = torch.randn(COUNT, 2, generator=random)
    if setting.strength >= 1:
        return noise
    note = torch.tensor(setting.note, dtype=torch.float32).expand(COUNT, 2)
    return maths.forward(note, noise, alpha_bar(setting.schedule)[times(setting)[0]])


def sampler(setting: Setting) -> maths.Step:
    """The step that is taken."""
    return maths.ddpm_step if setting.sampler == "DDPM" else partial(maths.ddim_step, eta=setting.eta)


@lru_cache(maxsize=12)
def way(setting: Setting) -> Way:
    """Walk it. What settings have in common (data, schedule, a trained network) is found again."""
    model, times_ = model_of(setting), times(setting)
    places = list(maths.reverse(model, begin(setting), alpha_bar(setting.schedule), times_, sampler(setting), setting.seed))
    last = len(places) - 1
    frames = [*range(0, last, _stride(last)), last]
    shown = [places[frame] for frame in frames]
    return Way(
        np.array([place.t for place in shown]),
        *(torch.stack([getattr(place, name) for place in shown]).numpy() for name in ("x", "x0")),
        _field(setting._replace(**NOT_OF_THE_FIELD), tuple(place.t for place in shown)),
        last,
        last < steps(setting),
        *_measured(setting, shown[-1].x),
    )


@lru_cache(maxsize=12)
def _field(setting: Setting, at: tuple[int, ...]) -> Float[np.ndarray, "frame foot 2"]:
    """−ε at the feet and these times: the same for all points, wherever they begin."""
    model, feet = model_of(setting), torch.tensor(FEET, dtype=torch.float32)
    with torch.no_grad():
        return torch.stack([-model(feet, torch.full((len(feet),), max(t, 1))) for t in at]).numpy()


def _measured(setting: Setting, found: Float[Tensor, "point 2"]) -> tuple[float, int, float]:
    aim, (real, among_real) = target(setting.data), _real(setting.data, setting.given)
    modes, quality = modes_covered(found, aim.means, aim.spread) if aim.modes else (0, 0.0)
    found = found.clamp(-10, 10)
    near = among_real + alike(found, found, WIDTHS) - 2 * alike(real, found, WIDTHS)  # fidelity.mmd, whose first part is known
    return max(near, 0.0), modes, quality


@lru_cache(maxsize=12)
def _real(data: str, given: str) -> tuple[Float[Tensor, "point 2"], float]:
    """The points that a way's are compared with, and how alike they are among themselves."""
    real, _ = target(data).draw(COUNT, seed=2, given=given)
    return real, alike(real, real, WIDTHS)


@lru_cache(maxsize=64)
def errors(data: str, schedule: str, network: str, trained: int) -> Float[np.ndarray, "time"]:
    """Mean squared error of ε (of one coordinate) on fresh data and noise, at the times BINS."""
    setting = Setting(data, network, trained, schedule, "DDIM", 0.0, 50, "any", 0.0, 1.0, (0.0, 0.0), 0)
    model, (x0, _) = model_of(setting), target(data).draw(COUNT, seed=3)
    eps = torch.randn(x0.shape, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        return np.array([
            float((model(maths.forward(x0, eps, alpha_bar(schedule)[t]), torch.full((COUNT,), int(t))) - eps).square().mean())
            for t in BINS
        ])  # fmt: skip
