"""A forward pass makes nothing on another device than its input's: on "meta", which computes shapes only, torch would refuse."""

import pytest
import torch

from helpers.models.codec import Codec
from helpers.models.denoiser import Denoiser
from helpers.models.frames import FrameRNN, to_levels
from helpers.models.gan import Discriminator, Generator, Refiner
from helpers.models.judge import Judge
from helpers.models.jumper import Jumper
from helpers.models.vae import VAE
from helpers.models.wave_codec import WaveCodec

PICTURES, FAMILY, T = torch.rand(4, 24, 32), torch.zeros(4, dtype=torch.long), torch.rand(4)
SHARES = torch.eye(11)[:4]
CASES = {
    Codec: (lambda: Codec(8, 16), PICTURES),
    WaveCodec: (lambda: WaveCodec(16, 8, 16), torch.rand(2, 16_000)),
    VAE: (VAE, PICTURES),
    Judge: (Judge, PICTURES),
    FrameRNN: (lambda: FrameRNN(16), to_levels(PICTURES)),
    Denoiser: (lambda: Denoiser([8, 8, 8]), PICTURES, T, FAMILY),
    Jumper: (lambda: Jumper([8, 8, 8]), PICTURES, T, FAMILY),
    Generator: (lambda: Generator(8, 4), torch.rand(4, 4), SHARES),
    Refiner: (lambda: Refiner(8), PICTURES, PICTURES, SHARES),
    Discriminator: (lambda: Discriminator(8, 3), PICTURES, SHARES),
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", CASES)
def test_a_forward_pass_stays_where_its_input_is(kind, training):
    make, *given = CASES[kind]
    model = make().to("meta").train(training)
    answer = model(*(x.to("meta") for x in given))
    first = answer[0] if isinstance(answer, tuple) else answer
    assert first.is_meta
    assert len(first) == len(given[0])
