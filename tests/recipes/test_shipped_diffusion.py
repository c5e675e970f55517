"""The diffusion model and the consistency model that ship, measured again on fewer notes."""

import pytest
import torch

from helpers.concepts.description import bits_per_cell
from helpers.concepts.fidelity import nearest
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.models.denoiser import signal
from helpers.models.jumper import SMALLEST
from helpers.models.pictures import LEVELS
from helpers.recipes.diffusion import fidelity, loss_of_v


@pytest.fixture(scope="module")
def diffusion():
    return checkpoints.load("timbre-diffusion")


@pytest.fixture(scope="module")
def consistency():
    return checkpoints.load("timbre-consistency")


def test_each_is_small():
    for name in ("timbre-diffusion", "timbre-consistency"):
        assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size <= 3_000_000


def test_the_loss_on_notes_of_other_instruments_is_what_the_card_says(diffusion):
    model, card = diffusion
    test = load_harmonics("new")
    said = card.measured["held-out loss"]
    assert loss_of_v(model, test.picture[::4], None) == pytest.approx(said, rel=0.15)
    assert said < 0.25  # to predict nothing costs 1


def test_bits_per_cell_are_what_the_card_says_and_less_than_one_level_in_32_costs(diffusion):
    model, card = diffusion
    index = (load_harmonics("new").picture[::12] * (LEVELS - 1)).round().long()
    values = signal(torch.arange(LEVELS) / (LEVELS - 1))
    bits, error = bits_per_cell(model, index, values, SMALLEST, draws=6, seed=1)
    assert abs(bits - card.measured["bits per cell at most"]) < 4 * error
    assert card.measured["bits per cell at most"] < 2.2 < 5


def test_told_families_are_heard_by_the_judge_and_the_more_the_more_guided(diffusion):
    judge, _ = checkpoints.load("timbre-judge")
    families = (0, 5, 8)  # bass, mallet, reed

    def taken(w):
        made = [diffusion[0].sample(8, seed=2, family=k, guidance=w, steps=8) for k in families]
        return sum(float((judge(x).argmax(1) == k).float().mean()) for k, x in zip(families, made)) / 3

    assert taken(2.0) > max(taken(0.0) + 0.3, 0.6)


def test_samples_are_no_copies_and_not_all_alike(diffusion):
    made = diffusion[0].sample(12, seed=3, steps=16).flatten(1)
    training = load_harmonics("train").picture.flatten(1)
    _, far = nearest(made, training)
    _, among = nearest(training[::60], training[torch.arange(len(training)) % 60 != 0])
    assert float(far.median()) > 0.5 * float(among.median())
    assert float(torch.pdist(made).min()) > 0.5


def test_a_jump_lands_near_the_end_of_fifty_steps(diffusion, consistency):
    jumps, ends = consistency[0].sample(8, seed=4), diffusion[0].sample(8, seed=4)
    said = consistency[1].measured
    assert float((jumps - ends).square().mean((1, 2)).sqrt().mean()) == pytest.approx(said["distance to 50 steps"], rel=0.4)
    assert said["distance to 50 steps"] < 0.3 * said["distance of other samples"]


def test_one_jump_is_nearer_to_the_training_notes_than_one_step_of_ddim_and_fifty_steps_nearer_still(diffusion, consistency):
    jump = fidelity(consistency[0].sample)
    assert jump == pytest.approx(consistency[1].measured["Fréchet distance, 1 step"], rel=0.1)
    assert diffusion[1].measured["Fréchet distance, 50 steps"] < jump < 0.5 * fidelity(diffusion[0].sample, steps=1)
