"""The notebook cells that the tests put into JupyterLab; the same code runs in the test process, without a browser."""

from __future__ import annotations

from functools import cache

IMPORTS = """
import torch
import torch.nn.functional as F
from torch import nn
from helpers.datasets.notes import FAMILIES, load_notes
from helpers.explorers import (
    Activations, Alignment, Attention, Audit, Batches, Binary, Bottleneck, Clipping, Codec, Comparison, Confusion,
    Continuations, Convolution, Cost, Denoising, Descent, Diffusion, Distances, Duel, Elbo, Flavours, Folds, Gates, Inversion,
    Kernels, Landscape, Latent, Listening, Looks, Minimiser, Mixture, MusicAttention, Neuron, Noising, Pattern, Pieces,
    Positions, Question, Recurrence, Sampling, Search, Shaper, Skips, Slope, Softmax, Spectrogram, Spiking, Training, Tuning,
)
from helpers.concepts.trajectory import Snapshots
from helpers.datasets.melodies import REPLIES, SYMBOLS, calls, load_melodies
from helpers.models.rnn import Reader, Seq2Seq
from helpers.models.vit import ViT
from helpers.train import fit
from helpers.views import Player, Track
"""
# A classifier that is right about half of the time, and a network nobody has trained: both the same on every run.
CLASSIFIER = """
notes = load_notes("test").where(velocity=100)
logits = 3 * F.one_hot(notes.family, 11) + torch.randn(len(notes), 11, generator=torch.Generator().manual_seed(0))
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU())
patches = ViT()
"""
# Two tiny networks, a few steps of training, and the way they took.
NETWORKS = """
networks, ways = {}, {}
for name, n in {"small": 4, "large": 12}.items():
    net = networks[name] = nn.Sequential(nn.AvgPool2d(16), nn.Flatten(), nn.Linear(16, n), nn.ReLU(), nn.Linear(n, 11))
    optimizer, ways[name] = torch.optim.Adam(net.parameters(), lr=0.01), Snapshots(net)
    optimizer.register_step_post_hook(ways[name])
    for _ in range(6):
        optimizer.zero_grad()
        F.cross_entropy(net(notes.mel[:, None]), notes.family).backward()
        optimizer.step()
"""
# Two nets that nobody has trained, and some tunes for them to read.
READERS = """
torch.manual_seed(0)
readers = {cell: Reader(SYMBOLS, SYMBOLS, 16, cell) for cell in ("LSTM", "GRU")}
tunes = [melody for melody in load_melodies() if len(melody.step) >= 48][:40]
translators = {"without attention": Seq2Seq(REPLIES, 10, 12), "with attention": Seq2Seq(REPLIES, 10, 12, attention=True)}
readers_calls = calls(tunes, 12)[0]
"""
MAKERS = {
    "Listening": "Listening()",
    "Bottleneck": "Bottleneck()",
    "Inversion": "Inversion()",
    "Alignment": "Alignment(translators, readers_calls)",
    "Looks": "Looks(patches, notes)",
    "MusicAttention": "MusicAttention(note=25)",
    "Gates": "Gates(readers, tunes)",
    "Cost": "Cost()",
    "Distances": "Distances(note=40)",
    "Attention": "Attention()",
    "Positions": "Positions()",
    "Recurrence": "Recurrence()",
    "Clipping": "Clipping()",
    "Sampling": "Sampling()",
    "Noising": "Noising()",
    "Diffusion": "Diffusion()",
    "Continuations": "Continuations(width=2, length=8)",
    "Landscape": "Landscape(networks, notes[::12], ways)",
    "Search": "Search()",
    "Tuning": "Tuning()",
    "Batches": "Batches()",
    "Slope": "Slope()",
    "Audit": "Audit()",
    "Comparison": "Comparison()",
    "Minimiser": "Minimiser()",
    "Mixture": "Mixture()",
    "Binary": "Binary()",
    "Softmax": "Softmax()",
    "Codec": "Codec()",
    "Denoising": "Denoising()",
    "Latent": "Latent()",
    "Descent": "Descent()",
    "Duel": "Duel()",
    "Flavours": "Flavours()",
    "Elbo": "Elbo()",
    "Folds": "Folds()",
    "Neuron": "Neuron()",
    "Shaper": "Shaper()",
    "Skips": "Skips()",
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
    given = READERS if "readers" in maker else CLASSIFIER + NETWORKS if "ways" in maker else CLASSIFIER if "notes" in maker else ""
    return f"{IMPORTS}{given}\nex = {maker}\nex"


@cache
def _names() -> dict:
    scope: dict = {}
    exec(IMPORTS + CLASSIFIER + NETWORKS + READERS, scope)
    return scope


def headless(maker: str) -> object:
    """The same explorer, made here."""
    return eval(maker, dict(_names()))
