"""The explorers under test: each kind in several states, with a small untrained network and some test notes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import torch
from torch import nn

from helpers.concepts.cost import VARIANTS
from helpers.concepts.trajectory import Snapshots
from helpers.datasets.melodies import REPLIES, SYMBOLS, Melody, calls
from helpers.datasets.notes import FAMILIES, Notes, load_notes
from helpers.explorers import (
    Activations,
    Alignment,
    Attention,
    Audit,
    Batches,
    Binary,
    Bottleneck,
    Clipping,
    Codec,
    Comparison,
    Confusion,
    Continuations,
    Convolution,
    Cost,
    Denoising,
    Descent,
    Diffusion,
    Distances,
    Duel,
    Elbo,
    Flavours,
    Folds,
    Gates,
    Inversion,
    Kernels,
    Landscape,
    Latent,
    Listening,
    Looks,
    Minimiser,
    Mixture,
    MusicAttention,
    Neuron,
    Noising,
    Pattern,
    Pieces,
    Positions,
    Recurrence,
    Sampling,
    Search,
    Shaper,
    Skips,
    Slope,
    Softmax,
    Spectrogram,
    Spiking,
    Tuning,
)
from helpers.explorers.base import Explorer
from helpers.models.rnn import Reader, Seq2Seq
from helpers.models.vit import ViT
from tests.explorers import own


@cache
def notes() -> Notes:
    """A hundred test notes of all families."""
    return load_notes("test")[::6]


@cache
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, stride=2, padding=2), nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, len(FAMILIES)),
    )  # fmt: skip


@cache
def logits() -> torch.Tensor:
    """What a classifier might say that is right about half of the time."""
    random = torch.randn(len(notes()), len(FAMILIES), generator=torch.Generator().manual_seed(1))
    return random + 2 * nn.functional.one_hot(notes().family, len(FAMILIES))


@cache
def stages() -> list[torch.Tensor]:
    """A first layer before, during and after training."""
    return [torch.randn(6, 1, 5, 5, generator=torch.Generator().manual_seed(seed)) for seed in range(3)]


@cache
def sounds() -> list[np.ndarray]:
    """Two tones and two hisses, as somebody might have recorded them."""
    noise = np.random.default_rng(0).normal(size=8000) * np.exp(-np.arange(8000) / 2000) / 8
    tones = [0.3 * np.sin(2 * np.pi * f * np.arange(6000) / 16_000) * np.minimum(np.arange(6000) / 1500, 1) for f in (220, 330)]
    return [x.astype(np.float32) for x in (*tones, noise, 0.5 * noise)]


@cache
def landscapes() -> dict:
    """Two tiny networks, a few steps of training, and some notes to measure their loss on."""
    torch.manual_seed(0)
    layers = {"small": 4, "large": 12}
    models = {
        name: nn.Sequential(nn.AvgPool2d(16), nn.Flatten(), nn.Linear(16, n), nn.ReLU(), nn.Linear(n, len(FAMILIES)))
        for name, n in layers.items()
    }
    snapshots, few = {}, notes()[::6]
    for name, model in models.items():
        optimizer, snapshots[name] = torch.optim.Adam(model.parameters(), lr=0.01), Snapshots(model)
        optimizer.register_step_post_hook(snapshots[name])
        for _ in range(6):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(notes().mel[:, None]), notes().family).backward()
            optimizer.step()
        model.zero_grad()
    return {"models": models, "notes": few, "snapshots": snapshots}


@cache
def patches_network() -> ViT:
    torch.manual_seed(0)
    return ViT()


@cache
def measured() -> dict[str, list[list[float]]]:
    """What a machine might have measured of each kind of attention, up to 1,024 tokens."""
    return {
        name: [[n, 1e-5 + 1e-10 * kind.multiply_adds(n), 12.0 * kind.table(n)] for n in (64, 256, 1024)]
        for name, kind in VARIANTS.items()
    }


@cache
def readers() -> dict:
    """Two small nets that nobody has trained, and some tunes to read."""
    torch.manual_seed(0)
    models = {cell: Reader(SYMBOLS, SYMBOLS, 12, cell) for cell in ("LSTM", "GRU")}
    random = np.random.default_rng(0)
    melodies = []
    for title in ("one", "two", "three"):
        step = np.where(random.random(60) < 0.7, random.integers(5, 25, 60), 0)
        melodies.append(Melody(title, "6/8", step, np.arange(60) % 6 == 1))
    return {"models": models, "melodies": melodies}


@cache
def translators() -> dict:
    """Two small encoders and decoders that nobody has trained, and some calls for them to answer."""
    torch.manual_seed(0)
    models = {"without attention": Seq2Seq(REPLIES, 10, 12), "with attention": Seq2Seq(REPLIES, 10, 12, attention=True)}
    return {"models": models, "calls": calls(readers()["melodies"], 6)[0]}


GIVEN = {
    Alignment: translators,
    Gates: readers,
    Activations: lambda: {"model": network(), "notes": notes()},
    Cost: lambda: {"measured": measured()},
    Looks: lambda: {"model": patches_network(), "notes": notes()},
    Confusion: lambda: {"logits": logits(), "notes": notes()},
    Landscape: landscapes,
}
OWN = {"mine": lambda: {"weights": stages()}, "yours": lambda: {"sounds": sounds(), "labels": [0, 0, 1, 1]}}


@dataclass(frozen=True, eq=False)
class Case:
    """A kind of explorer in one state. sounds: whether it makes a sound there; own: makes a network of its own for it."""

    name: str
    kind: type[Explorer]
    state: dict = field(default_factory=dict)
    sounds: bool = True
    own: Callable[[], dict] | None = None

    def given(self) -> dict:
        """What it is made with besides its state."""
        return (self.own or OWN.get(self.state.get("network") or self.state.get("data"), GIVEN.get(self.kind, dict)))()

    def make(self, **options: object) -> Explorer:
        return self.kind(**self.given(), **{**self.state, **options})


DRAWN = [[[1, 0, -1], [2, 0.5, -2], [1, 0, -1]]]
CASES = [
    Case("the diagonal", Convolution, sounds=False),
    Case("a padded note", Convolution, {"source": "note", "padding": 1, "stride": 2}),
    Case("three channels", Convolution, {"source": "note", "family": "mallet", "channels": 3, "dilation": 2}),
    Case("a waveform", Convolution, {"source": "waveform", "kernel": "onset", "size": 5, "padding": 2, "bias": 0.1}),
    Case("noise", Convolution, {"source": "noise", "seed": 3, "kernel": "held"}, sounds=False),
    Case("max-pool", Convolution, {"source": "note", "operation": "max-pool", "size": 2, "stride": 2, "padding": 1}),
    Case("average-pool", Convolution, {"source": "waveform", "operation": "average-pool", "size": 4, "stride": 4}),
    Case("a drawn kernel", Convolution, {"source": "noise", "kernel": "drawn", "weights": DRAWN}, sounds=False),
    Case("a blank pattern", Pattern),
    Case("a rising pattern", Pattern, {"kernel": "rising", "size": 7, "threshold": 0.5}),
    Case("a spectrogram", Spectrogram, {"family": "mallet", "instrument": 1, "pitch": 51, "window": 512}),
    Case("crepe", Kernels, {"kernel": 5}),
    Case("efficientnet", Kernels, {"network": "efficientnet", "order": "energy"}, sounds=False),
    Case("my network", Kernels, {"network": "mine", "kernel": 2, "stage": 1}, sounds=False),
    Case("confusion", Confusion, {"truth": "organ", "guess": "organ", "note": 1, "show": "percent"}),
    Case("a GAN's sample audited", Audit),
    Case("a borrowed note audited", Audit, {"model": "borrowed notes", "sample": 5}),
    Case("models by distance and time", Comparison),
    Case("models by bits", Comparison, {"x": "bits", "y": "coverage", "model": "autoregressive", "sample": 3}),
    Case("eight components", Mixture),
    Case("dragged centres", Mixture, {"data": "two notes", "components": 2, "starts": [[0.0, 0.5], [0.2, 0.5]], "position": 3}),
    Case("a choir", Minimiser),
    Case("two camps", Minimiser, {"points": [0.0, 7.0], "guess": -1.0, "delta": 3.0, "metric": "hertz", "reduction": "sum"}),
    Case("yes or no", Binary, sounds=False),
    Case("saturated", Binary, {"logit": 18.0, "target": 0.0}, sounds=False),
    Case("four classes", Softmax),
    Case("eight classes", Softmax, {"logits": [0.5, 2, -1, 3, 0, 1, -2, 0.3], "temperature": 0.3, "target": 5, "smoothing": 0.2}),
    Case("a string's versions", Codec),
    Case("a brass note's versions", Codec, {"source": "a brass note", "a": "clipped", "b": "with hiss", "ear": "A"}),
    Case("activations", Activations, {"layer": 1, "unit": 3, "note": 2}),
    Case("a landscape", Landscape),
    Case("two landscapes", Landscape, {"network": "large", "against": "small", "seed": 2, "scale": "linear", "a": 0.3, "b": -0.2}),
    Case("a trajectory", Landscape, {"directions": "trajectory", "nodes": 13, "snapshot": 2}),
    Case("a drowned guitar", Denoising, {"place": 9}),
    Case("an organ out of noise", Denoising, {"way": "out of noise", "family": "organ", "guidance": 2.0, "steps": 4, "place": 3}),
    Case("a guitar into a flute", Denoising, {"way": "from a note", "family": "flute", "steps": 8, "eta": 0.5, "place": 4}),
    Case("a ravine", Descent),
    Case(
        "six racers",
        Descent,
        {"surface": "Himmelblau", "noise": 0.3, "seed": 2, "nesterov": True, "adagrad": True, "rmsprop": True, "follow": "Adam"},
    ),
    Case(
        "one that diverges", Descent, {"condition": 100.0, "momentum": False, "adam": False, "lr": 0.03, "steps": 60, "position": 5}
    ),
    Case("a valley", Slope, {"position": 3}),
    Case("noisy hills", Slope, {"curve": "hills", "noise": 2.0, "lr": 0.2, "seed": 3, "beta": 0.3}),
    Case("it climbs", Slope, {"lr": 2.5, "start": 1.0, "steps": 100}),
    Case("sixteen at a time", Batches),
    Case("pairs that may come twice", Batches, {"batch": 2, "replacement": True, "steps": 80, "position": 5, "lr": 0.2}),
    Case("folds", Folds),
    Case("a parabola", Folds, {"task": "a parabola", "layers": 5, "show": "errors"}),
    Case("a shaped sine", Shaper),
    Case("a dead unit", Shaper, {"activation": "ReLU", "drive": 2.0, "bias": -3.0}),
    Case("spikes", Spiking),
    Case("too weak to spike", Spiking, {"current": 0.8}, sounds=False),
    Case("fifty layers", Skips),
    Case("ten layers", Skips, {"depth": 10, "seed": 2, "position": 3}),
    Case("five pieces", Pieces),
    Case("greedy pieces", Pieces, {"target": "a cycle of a string", "fit": "greedy", "hinges": 12}),
    Case("pieces by hand", Pieces, {"fit": "by hand", "knots": [0.1], "heights": [-1.0, 0.2, 1.0], "solo": 1}),
    Case("a neuron", Neuron),
    Case("a neuron without bias", Neuron, {"data": "two Gaussians", "bias": False, "lr": 1.0, "picked": 3, "position": 20}),
    Case("a hidden layer", Neuron, {"data": "thirds", "layers": 1, "units": 3, "activation": "ReLU", "unit": "1.2"}),
    Case("my sounds", Neuron, {"data": "yours", "position": 7}),
    Case("a synthesiser far off", Tuning),
    Case("an echo to tune", Tuning, {"synth": "echo", "optimiser": "RMSProp", "lr": 0.01, "noise": 0.02, "seed": 1, "position": 7}),
    Case("FM to tune", Tuning, {"synth": "FM", "start": [0.4, 0.7], "position": 20}),
    Case("a tune in 6/8 begins", Sampling),
    Case(
        "a hot tune in cut time",
        Sampling,
        {"prompt": "cut time in D", "written": "d2fd Adfd|", "at": 4, "temperature": 2.0, "top_p": 0.8},
    ),
    Case("no note yet", Sampling, {"written": "|:(", "top_k": 5, "min_p": 0.1, "seed": 3}),
    Case(
        "a masked tune in 3/4",
        Sampling,
        {"prompt": "3/4 in C", "scale": "pentatonic", "bars": True, "penalty": 1.5, "look": "entropy"},
    ),
    Case("each step to the dice", Sampling, {"look": "each step", "temperature": 0.0, "seed": 5, "at": 2}),
    Case("a beam beside dice", Continuations, {"length": 8, "width": 2}),
    Case("a greedy beam", Continuations, {"prompt": "3/4 in C", "written": "", "length": 4, "width": 1, "temperature": 2.0}),
    Case("a gradient through time", Recurrence),
    Case("an LSTM through time", Recurrence, {"cell": "LSTM", "forget_bias": 3.0, "compare": True, "position": 9}),
    Case("a cut gradient", Recurrence, {"cell": "linear", "radius": 1.2, "steps": 20, "truncate": 6, "clip": 0.1, "seed": 2}),
    Case("a tune of one's own through time", Recurrence, {"tune": "D2 F|A c d B", "radii": True, "cell": "GRU", "position": 20}),
    Case("clipped and not", Clipping),
    Case("clipped and cut", Clipping, {"clip": 0.1, "radius": 1.2, "length": 6, "truncate": 4, "seed": 2, "position": 40}),
    Case("a reply", Alignment),
    Case("a reply without attention", Alignment, {"network": "without attention", "call": 3}),
    Case("gates of an LSTM", Gates, {"threshold": 0.5}),
    Case("gates under a tune of one's own", Gates, {"melody": 3, "own": "GBd g2d|AFD G3|", "threshold": 0.5}),
    Case("states of a GRU", Gates, {"network": "GRU", "gate": "state", "threshold": 0.1, "melody": 2, "unit": 7, "position": 9}),
    Case("three searches", Search),
    Case("searches in a plain", Search, {"loss": "waveform", "seed": 2, "price": 0, "position": 99}),
    Case("searches for FM", Search, {"synth": "FM", "loss": "spectral", "mutation": 0.1, "lr": 0.05, "position": 0}),
    Case("sinusoidal positions", Positions),
    Case("rotary positions", Positions, {"kind": "rotary", "width": 8, "base": 100.0, "seed": 3, "position": 7}),
    Case("MiniLM's positions", Positions, {"kind": "learned (MiniLM)", "offset": 3}, sounds=False),
    Case("relative positions", Positions, {"kind": "relative, before training", "width": 64}, sounds=False),
    Case("a sentence", Attention, {"token": 5}, sounds=False),
    Case("a sentence without a look ahead", Attention, {"text": "He plays it again.", "mask": "causal", "stage": 1}, sounds=False),
    Case("three heads of a sentence", Attention, {"others": ["2.0", "0.2"], "token": 6}, sounds=False),
    Case("all layers of a sentence as one", Attention, {"show": "rollout", "layer": 5, "token": 5}, sounds=False),
    Case("costs measured", Cost, sounds=False),
    Case("costs counted", Cost, {"show": "counted", "against": "Swin", "position": 5}, sounds=False),
    Case("a duel", Duel, {"moves": [["DG", 20]]}),
    Case(
        "a duel of critics",
        Duel,
        {"data": "ring", "loss": "WGAN-GP", "noise": "1 uniform", "width": 8, "moves": [["DDG", 5], ["G", 2]], "position": 7},
    ),
    Case(
        "a duel about notes of one's own",
        Duel,
        {"data": "drawn", "loss": "hinge", "noise": "8 normal", "moves": [["D", 3]], "morph": 0.5, "heard": [0.5, 0.5]},
    ),
    Case("eight organs from a GAN", Flavours),
    Case("an organ becomes a mallet", Flavours, {"show": "between", "to": "mallet", "b": 0, "truncation": 1.0, "place": 4}),
    Case("a string level by level", Flavours, {"show": "level by level", "family": "string", "detail": 3, "place": 2}),
    Case("a reed enlarged", Flavours, {"show": "enlarged", "family": "reed", "a": 2, "pitch": 45, "place": 4}),
    Case("a tune and its transformer", MusicAttention),
    Case("what one note listens to", MusicAttention, {"note": 25, "show": "one head", "direction": "to", "position": 12}),
    Case("a tune without a head", MusicAttention, {"note": 25, "off": ["1.2"], "badge": "bits without it", "others": ["2.2"]}),
    Case("what has come into a note", MusicAttention, {"note": 40, "show": "rollout", "layer": 3}),
    Case("places against distances", Distances, {"note": 40}),
    Case(
        "places against distances, the last layer",
        Distances,
        {"piece": "tune 3", "layer": 2, "badge": "quarter notes back", "position": 20},
    ),
    Case("a look at a note", Looks, {"note": 3}),
    Case("one head of the second layer", Looks, {"note": 60, "layer": 1, "head": "2"}),
    Case("a chorale and its transformer", MusicAttention, {"piece": "chorale 1", "note": 20}),
    Case("a map of codes", Latent),
    Case(
        "an arc through four codes of sixteen numbers",
        Latent,
        {
            "model": "16 numbers",
            "points": [[-1.0, 0.5], [1.0, 0.5], [1.0, -1.0], [0.0, -2.0]],
            "way": "arc",
            "note": "none",
            "ground": "how fast it changes",
            "colour": "brightness",
        },
    ),
    Case("what beta costs", Elbo),
    Case("a code that is too dear", Elbo, {"beta": 16.0, "note": "organ", "seed": 3}),
    Case("a cloud under noise", Noising),
    Case("a schedule of one's own", Noising, {"schedule": "drawn", "data": "spiral", "steps": 10, "position": 3, "seed": 2}),
    Case("the way back", Diffusion),
    Case("low notes, guided, from a note", Diffusion, {"given": "low", "w": 4.0, "strength": 0.4, "beside": "DDPM", "position": 2}),
    Case(
        "a net that has learned a little",
        Diffusion,
        {"network": "a net that predicts v", "trained": 25, "steps": 10, "position": 3},
    ),
    Case("sixteen bits of a guitar", Bottleneck),
    Case("a code pulled up", Bottleneck, {"family": "organ", "numbers": 4, "levels": 8, "moved": [[0, 1.0], [2, -0.4]]}),
    Case("a code as it is", Bottleneck, {"family": "brass", "numbers": 32, "levels": 0, "moved": [[5, 0.25]]}),
    Case("a guitar out of magnitudes", Inversion, {"position": 3}),
    Case("a struck bar with momentum", Inversion, {"family": "mallet", "start": "zero", "momentum": 0.99, "position": 12}),
    Case("a flute with its own phases", Inversion, {"family": "flute", "start": "true", "overlap": "half"}),
    Case("eight chorales", Listening),
    Case("eight chorales, all decided", Listening, {"guesses": ["Bach", "transformer"] * 4, "guess": "Bach", "position": 5}),
    Case("chorales by a transformer of one's own", Listening, {"excerpt": 1}, own=own.chorales),
    Case("a tune and a transformer of one's own", MusicAttention, {"note": 25}, own=own.tunes),
    Case("a transformer of one's own writes", Sampling, own=own.writer),
    Case("a beam of one's own", Continuations, {"length": 4, "width": 2}, own=own.writer),
    Case("a denoiser of one's own", Denoising, {"way": "out of noise", "steps": 4, "place": 1}, own=own.denoiser),
    Case("a generator of one's own", Flavours, own=own.generator),
    Case("a map of one's own", Latent, {"model": "yours"}, own=own.vae),
    Case("what beta costs with one's own", Elbo, {"beta": 0.5}, own=own.vaes),
    Case("notes of one's own audited", Audit, {"model": "yours", "sample": 1}, own=own.pictures),
]
KINDS = list({case.kind: case for case in reversed(CASES)}.values())  # one case of each kind


def same(left: object, right: object) -> bool:
    """Whether two results are equal to the bit, arrays and all."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return np.array_equal(np.asarray(left), np.asarray(right))
