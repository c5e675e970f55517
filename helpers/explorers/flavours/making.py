"""What `Flavours` shows, as numbers: drawings of a family, a way between two, a pyramid level by level, an enlargement.

Notebook: 07b_gans. Networks: helpers/models/gan.py; the ear: the judge, helpers/models/judge.py.
"""

from __future__ import annotations

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.latent import slerp
from helpers.concepts.pyramid import build, expand
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import RANGE_DB, unheard
from helpers.datasets.notes import FAMILIES
from helpers.models.checkpoints import load
from helpers.models.gan import Generator, LapGAN, SuperResolution, enlargements, shares, shrink, truncate
from helpers.models.judge import Judge

DRAWINGS, PLACES = 8, 9  # notes of a family that are drawn; pictures of a way
SIZES = ("6 × 8", "12 × 16", "24 × 32")
CLIMB = (*SIZES, "the real note")  # what is heard level by level
ENLARGED = {
    "low": "as it came",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "plain": "squared error",
    "sharp": "SRGAN",
    "real": "the real note",
}
FREE = 3.0  # a truncation from here on is none: one number in 370 would lie beyond


@cache
def networks() -> tuple[Generator, LapGAN, SuperResolution, Judge]:
    """The GAN, the LAPGAN and the SRGAN that ship, and the judge."""
    gan, lapgan, srgan, judge = (load(f"timbre-{name}")[0] for name in ("gan", "lapgan", "srgan", "judge"))
    return gan, lapgan, srgan, judge


@torch.no_grad()
def heard_as(pictures: Float[Tensor, "picture 24 32"]) -> Float[Tensor, "picture family"]:
    """The judge's probability of each family."""
    return networks()[3](pictures).softmax(1)


def noise(generator: Generator, seed: int, truncation: float) -> Float[Tensor, "drawing latent"]:
    """The noise of all drawings."""
    z = generator.noise(DRAWINGS, torch.Generator().manual_seed(seed))
    return z if truncation >= FREE else truncate(z, truncation)


@torch.no_grad()
def drawings(generator: Generator, family: str, seed: int, truncation: float, kept: int) -> dict:
    """The drawings of a family; and one drawing's noise with every family."""
    z, number = noise(generator, seed, truncation), FAMILIES.index(family)
    made = generator(z, shares(number, DRAWINGS))
    kin = generator(z[kept].expand(len(FAMILIES), -1), torch.eye(len(FAMILIES)))
    spread, apart = (RANGE_DB * float(x.std(0).mean()) for x in (made, kin))
    taken, kin_taken = heard_as(made)[:, number], heard_as(kin).diagonal()
    return {"drawings": made, "kin": kin, "taken": taken, "kin taken": kin_taken, "spread": spread, "kin spread": apart}


@torch.no_grad()
def between(generator: Generator, ends: tuple[str, str], kept: tuple[int, int], seed: int, truncation: float) -> dict:
    """From one family and noise to another in even steps: the noise turned (slerp), the families' shares cross-faded."""
    z = noise(generator, seed, truncation)
    across = torch.linspace(0, 1, PLACES)[:, None]
    a, b = (shares(FAMILIES.index(name), 1) for name in ends)
    made = generator(slerp(*(z[k] for k in kept), PLACES), (1 - across) * a + across * b)
    heard = heard_as(made)
    steps = RANGE_DB * (made[1:] - made[:-1]).square().mean((1, 2)).sqrt()
    whole = off_db(made[-1], made[0])
    found = {f"heard as {end}": heard[:, FAMILIES.index(name)] for end, name in zip(("A", "B"), ends, strict=True)}
    return {"way": made, **found, "steps": steps, "whole": whole}


@torch.no_grad()
def levels(family: str, seed: int, detail: int, number: int) -> dict:
    """A LAPGAN's picture at three sizes with its bands, coarse to fine, beside a real note's pyramid.

    detail: the seed of the bands' noise, so that one small picture can be refined in other ways.
    """
    lapgan = networks()[1]
    small = lapgan.noise(1, torch.Generator().manual_seed(seed))[0]
    bands = lapgan.noise(1, torch.Generator().manual_seed(detail))[1:]
    made = lapgan.pyramid([small, *bands], shares(FAMILIES.index(family), 1))
    found = {f"made {size}": x[0] for size, x in zip(SIZES, made, strict=True)}
    real = note(family, number)
    _, middle, low = build(real[None], 2)
    found |= {"real 6 × 8": low[0], "real 12 × 16": (expand(low) + middle)[0], "real 24 × 32": real}
    for who in ("made", "real"):
        for size, below in zip(SIZES[1:], SIZES):
            found[f"{who} band {size}"] = found[f"{who} {size}"] - expand(found[f"{who} {below}"][None])[0]
    whole = torch.stack([expand(expand(made[0]))[0], expand(made[1])[0], made[2][0], real])
    taken = heard_as(whole)[:, FAMILIES.index(family)]
    return found | {"played": whole, "taken": taken}


@torch.no_grad()
def enlarge(family: str, number: int) -> dict:
    """A real note that no network learned from, shrunk to 6 × 8 and enlarged in four ways: pictures, dB off, how it is heard.

    apart: the distance of the judge's features from the real note's.
    """
    _, _, srgan, judge = networks()
    real = note(family, number)[None]
    low = shrink(real)
    coarse = low.repeat_interleave(4, 1).repeat_interleave(4, 2)
    made = torch.cat([coarse, *enlargements(srgan, low).values(), real])
    off = RANGE_DB * (made - real).square().mean((1, 2)).sqrt()
    features = judge.features(made)
    apart = (features - features[-1]).norm(dim=1)
    return {"low": low[0], "enlarged": made, "off": off, "apart": apart, "taken": heard_as(made)[:, FAMILIES.index(family)]}


def note(family: str, number: int) -> Float[Tensor, "24 32"]:
    """One of eight notes of a family that nothing learned from, evenly through them."""
    notes = unheard(family)
    return notes.picture[number * len(notes) // DRAWINGS]
