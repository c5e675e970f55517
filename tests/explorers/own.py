"""Tiny networks that nobody has trained, one of each kind that an explorer takes instead of the one that ships."""

from functools import cache

import torch
from torch import nn

from helpers.datasets import voices
from helpers.models.checkpoints import load
from helpers.models.denoiser import Denoiser
from helpers.models.gan import Generator
from helpers.models.transformer import Decoder
from helpers.models.vae import VAE


def spoken(model: nn.Module, last: nn.Module) -> nn.Module:
    """With numbers in its last layer, which some begin with zeros, so that what it says depends on what it reads."""
    nn.init.normal_(last.weight, std=0.1)
    return model.eval()


@cache
def chorales() -> dict:
    torch.manual_seed(0)
    model = Decoder(len(voices.SYMBOLS), width=8, layers=1, heads=2)
    return {"model": spoken(model, model.head)}


@cache
def tunes() -> dict:
    torch.manual_seed(0)
    model = Decoder(len(load("tunes-transformer")[1].symbols), width=8, layers=2, heads=2)
    return {"model": spoken(model, model.head)}


@cache
def writer() -> dict:
    return tunes() | {"symbols": load("tunes-transformer")[1].symbols}


@cache
def denoiser() -> dict:
    torch.manual_seed(0)
    model = Denoiser([8, 8, 16])
    return {"denoiser": spoken(model, model.last[2])}


@cache
def generator() -> dict:
    torch.manual_seed(0)
    return {"generator": Generator(width=2, latent=4).eval()}


@cache
def vae() -> dict:
    torch.manual_seed(0)
    return {"vae": VAE(2, channels=2, hidden=8)}


@cache
def vaes() -> dict:
    torch.manual_seed(0)
    return {"vaes": {beta: VAE(4, channels=2, hidden=8, beta=beta) for beta in (0.5, 1.0)}}


@cache
def pictures() -> dict:
    return {"pictures": torch.rand(8, 24, 32, generator=torch.Generator().manual_seed(0))}
