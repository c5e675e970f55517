"""Two neural codecs of waveforms that differ in one thing: what they were told is near to a sound.

Notebook: 07a_autoencoders. One compares samples, one spectra in windows of three lengths (helpers/concepts/spectral.py).
"""

from __future__ import annotations

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.concepts.spectral import stft_loss, waveform_l2
from helpers.datasets.harmonics import load_harmonics
from helpers.models.wave_codec import RATE, WaveCodec
from helpers.train import fit_sync

MODEL = {"numbers": 16, "levels": 8, "width": 128}
RECIPES = {
    f"wave-codec-{loss}": {"model": MODEL, "loss": loss, "epochs": 12, "batch": 16, "lr": 1e-3, "cut": 8192, "seed": 0}
    for loss in ("samples", "spectra")
}
SIZES = (256, 512, 1024)  # samples: windows that the spectra are compared in
RMS = 0.1  # of every note: how loud it was recorded is not to be learned


def sounds(split: str) -> Float[Tensor, "note 16000"]:
    """The first second of each note of a split at pitches 40 to 64, all equally loud."""
    notes = load_harmonics(split).notes
    waves = torch.stack([notes.audio(i)[:RATE] for i in range(len(notes))])
    return waves * (RMS / waves.square().mean(1, keepdim=True).sqrt())


def compare(loss: str, y_hat: Float[Tensor, "sound time"], y: Float[Tensor, "sound time"]) -> Float[Tensor, "sound"]:
    """Squared difference of samples as a share of the sound's energy, or of spectra."""
    samples = waveform_l2(y_hat, y) / RMS**2
    return samples if loss == "samples" else stft_loss(y_hat, y, SIZES)


def train(name: str, log: Path | None = None) -> tuple[WaveCodec, dict]:
    """The codec after its last epoch, and both losses on new notes. log: a file for `fit`'s checkpoint."""
    recipe = RECIPES[name]
    learn = sounds("train")
    torch.manual_seed(recipe["seed"])
    model = WaveCodec(**recipe["model"]).begin(learn[::4])
    history = fit_sync(
        model, (learn, learn), lambda y_hat, y: compare(recipe["loss"], y_hat, y).mean(), epochs=recipe["epochs"],
        batch=recipe["batch"], lr=recipe["lr"], augment=lambda x, y, random: cut(x, recipe["cut"], random), metric=None,
        seed=recipe["seed"], checkpoint=log,
    )  # fmt: skip
    return model.eval(), {"symbols": [], "device": history.device, **measured(model)}


@torch.no_grad()
def measured(model: WaveCodec) -> dict:
    """Bits a second, and both losses on new notes."""
    new = sounds("new")
    decoded = torch.cat([model(x) for x in new.split(64)])
    losses = {f"{loss} loss on new instruments": float(compare(loss, decoded, new).mean()) for loss in ("samples", "spectra")}
    return {"bits per second": model.bits_per_second(), **losses}


def cut(x: Float[Tensor, "sound time"], length: int, random: Generator) -> tuple[Tensor, Tensor]:
    """A piece of each sound, from wherever chance says; half of them upside down, which nobody hears."""
    starts = torch.randint(x.shape[1] - length + 1, (len(x), 1), generator=random, device=random.device).to(x.device)
    signs = 2.0 * torch.randint(2, (len(x), 1), generator=random, device=random.device).to(x.device) - 1
    piece = signs * x.gather(1, starts + torch.arange(length, device=x.device))
    return piece, piece
