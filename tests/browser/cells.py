"""The notebook cells that the tests put into JupyterLab; the same code runs in the test process, without a browser."""

from __future__ import annotations

from functools import cache

IMPORTS = """
import torch
import torch.nn.functional as F
from torch import nn
from helpers.datasets.notes import FAMILIES, load_notes
from helpers.explorers import (
    Activations, Batches, Binary, Codec, Confusion, Convolution, Descent, Folds, Kernels,
    Minimiser, Neuron, Pattern, Pieces, Question, Search, Shaper, Slope, Softmax, Spectrogram, Spiking,
    Training, Tuning,
)
from helpers.train import fit
from helpers.views import Player, Track
"""
# A classifier that is right about half of the time, and a network nobody has trained: both the same on every run.
CLASSIFIER = """
notes = load_notes("test").where(velocity=100)
logits = 3 * F.one_hot(notes.family, 11) + torch.randn(len(notes), 11, generator=torch.Generator().manual_seed(0))
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU())
"""
MAKERS = {
    "Search": "Search()",
    "Tuning": "Tuning()",
    "Batches": "Batches()",
    "Slope": "Slope()",
    "Minimiser": "Minimiser()",
    "Binary": "Binary()",
    "Softmax": "Softmax()",
    "Codec": "Codec()",
    "Descent": "Descent()",
    "Folds": "Folds()",
    "Neuron": "Neuron()",
    "Shaper": "Shaper()",
    "Spiking": "Spiking()",
    "Pieces": "Pieces()",
    "Convolution": "Convolution()",
    "Pattern": "Pattern(kernel='rising')",
    "Spectrogram": "Spectrogram()",
    "Kernels": "Kernels()",
    "Confusion": "Confusion(logits, notes)",
    "Activations": "Activations(model, notes)",
}
TRAINING = """
torch.manual_seed(0)
x = torch.randn(4096, 16)
little = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 2))
watch = Training("a little network")
history = await fit(little, (x, (x.sum(1) > 0).long()), F.cross_entropy, batch=16, epochs={epochs}, device="cpu", watch=watch)
"""


def cell(maker: str) -> str:
    """A cell that makes an explorer, calls it `ex` and shows it."""
    return f"{IMPORTS}{CLASSIFIER if 'notes' in maker else ''}\nex = {maker}\nex"


@cache
def _names() -> dict:
    scope: dict = {}
    exec(IMPORTS + CLASSIFIER, scope)
    return scope


def headless(maker: str) -> object:
    """The same explorer, made here."""
    return eval(maker, dict(_names()))
