"""How a window that slides over a note sounds: the note through its kernel, or what it fired on. Notebook: 04_cnns."""

from __future__ import annotations

import numpy as np
import torch

from helpers import audio
from helpers.concepts import convolution as maths


def window_of(state: dict) -> tuple[int, int, int]:
    """Channels, rows and columns of the window."""
    return state["channels"], 1 if state["source"] == "waveform" else state["size"], state["size"]


def slide_of(state: dict) -> maths.Slide:
    """How the window goes over its input."""
    return maths.Slide(*window_of(state)[1:], state["stride"], state["padding"], state["dilation"])


def filtered(whole: torch.Tensor, state: dict, kernel: np.ndarray) -> np.ndarray:
    """The whole note through the kernel, or pooled; a stride plays it faster, as fewer samples are left.

    What would clip is scaled down to full scale; nothing is ever made louder.
    """
    x, slide = whole.double()[None, None], slide_of(state)
    if state["operation"] == "convolution":
        y = maths.convolve(x, torch.as_tensor(kernel[:1]), slide, state["bias"])[0]
    else:
        y = (maths.max_pool(x, slide)[0] if state["operation"] == "max-pool" else maths.average_pool(x, slide))[0, 0]
    return (y / max(1.0, float(y.abs().max()))).float().numpy()


def fired(whole: torch.Tensor, state: dict, output: np.ndarray) -> np.ndarray:
    """The sound under the windows that fired, each weighted by how strongly it did."""
    return audio.keep(whole, maths.spread(torch.as_tensor(output), slide_of(state), (64, 64)).float()).numpy()
