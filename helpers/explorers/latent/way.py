"""A way through the codes from point to point, and the same ends cross-faded: as places, as pictures and as sound.

Notebook: 07a_autoencoders.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts import timbre
from helpers.concepts.latent import lerp, slerp
from helpers.datasets.harmonics import sound
from helpers.explorers.parts.timbres import PITCH

WAYS = {"straight": lerp, "arc": slerp}
Strip = Float[np.ndarray, "step 24 32"]


def route(codes: Float[Tensor, "end latent"], way: str, steps: int) -> Float[Tensor, "step latent"]:
    """Codes through all of these, `steps` of them from each to the next, ends included and exact; those between come once."""
    if len(codes) == 1:
        return codes
    legs = [WAYS[way](a, b, steps) for a, b in pairwise(codes)]
    return torch.cat([legs[0], *(leg[1:] for leg in legs[1:])])


def crossfade(pictures: Float[Tensor, "end 24 32"], steps: int) -> Float[Tensor, "step 24 32"]:
    """What it is to turn down one sound and turn up the next: both have the same pitch and phases, so amplitudes add up."""
    if len(pictures) == 1:
        return pictures
    ends = timbre.amplitude(pictures)
    share = torch.linspace(0, 1, steps)[:, None, None]
    legs = [timbre.level((1 - share) * a + share * b) for a, b in pairwise(ends)]
    whole = torch.cat([legs[0], *(leg[1:] for leg in legs[1:])])
    whole[:: steps - 1] = pictures
    return whole


def changing(pictures: Strip) -> Float[np.ndarray, "time"]:
    """One note that goes the whole way while it sounds: each column is of the picture that its moment falls to."""
    columns = pictures.shape[2]
    which = np.linspace(0, len(pictures) - 1, columns)
    low = np.floor(which).astype(int)
    high, share = np.minimum(low + 1, len(pictures) - 1), which - low
    at = np.arange(columns)
    mixed = (1 - share) * pictures[low, :, at].T + share * pictures[high, :, at].T
    return sound(torch.from_numpy(np.clip(mixed, 0, 1).astype(np.float32)), PITCH, 2.0).numpy()
