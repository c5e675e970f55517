"""The GANs of timbre that ship, measured again: as near, as varied and as obedient as their cards say, and no copyists."""

import pytest
import torch

from helpers.concepts.fidelity import density_coverage, frechet, nearest
from helpers.concepts.pyramid import expand, reduce
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.recipes.gans import enlarged, quality

NAMES = ("timbre-gan", "timbre-lapgan", "timbre-srgan")


@pytest.fixture(scope="module")
def training():
    return load_harmonics("train")


@pytest.mark.parametrize("name", NAMES)
def test_each_is_small_and_was_quickly_trained(name):
    assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size <= 1_000_000
    assert checkpoints.load(name)[1].measured["processor seconds"] <= 300


@pytest.mark.parametrize(("name", "most"), [("timbre-gan", 2.0), ("timbre-lapgan", 7.0)])
def test_quality_is_what_the_card_says_with_other_noise_too(name, most):
    model, card = checkpoints.load(name)
    found, said = quality(model, seed=500), card.measured
    assert found["Fréchet distance"] == pytest.approx(said["Fréchet distance"], rel=0.3)
    assert said["Fréchet distance"] < most
    for measure in ("density", "coverage", "taken for the family"):
        assert found[measure] == pytest.approx(said[measure], abs=0.1)


def test_the_conditional_gan_obeys_in_every_family():
    model, judge = checkpoints.load("timbre-gan")[0], checkpoints.load("timbre-judge")[0]
    taken = [float((judge(model.sample(32, seed=9, family=k)).argmax(1) == k).float().mean()) for k in range(11)]
    assert min(taken) > 0.5  # by chance, 1 in 11


def test_its_notes_are_nearer_to_the_training_notes_than_those_of_other_instruments_are(training):
    """Which is no praise alone: it says that the GAN makes the training instruments, not new ones."""
    judge, _ = checkpoints.load("timbre-judge")
    new = load_harmonics("new").picture
    with torch.no_grad():
        others = frechet(judge.features(training.picture), judge.features(new))
    assert checkpoints.load("timbre-gan")[1].measured["Fréchet distance"] < others


@pytest.mark.parametrize("name", NAMES[:2])
def test_samples_are_no_copies_and_not_all_alike(name, training):
    model, _ = checkpoints.load(name)
    made = model.sample(44, seed=3).flatten(1)
    pictures = training.picture.flatten(1)
    _, far = nearest(made, pictures)
    _, among = nearest(pictures[::20], pictures[torch.arange(len(pictures)) % 20 != 0])
    assert float(far.median()) > 0.5 * float(among.median())
    assert float(torch.pdist(made).min()) > 0.2


def test_a_small_picture_of_the_lapgan_is_as_good_as_real_and_each_refinement_adds(training):
    model, judge = checkpoints.load("timbre-lapgan")[0], checkpoints.load("timbre-judge")[0]
    told = torch.eye(11)[training.family[::3]]
    with torch.no_grad():
        small, middle, fine = model.pyramid(model.noise(len(told), torch.Generator().manual_seed(1)), told)
        real = judge.features(training.picture)
        low = judge.features(expand(expand(reduce(reduce(training.picture)))))
        away = [frechet(real, judge.features(x)) for x in (expand(expand(small)), expand(middle), fine)]
        assert frechet(low, judge.features(expand(expand(small)))) < 2
    assert away[0] > away[1] > 2 * away[2]


def test_super_resolution_trades_decibels_for_likeness():
    model, card = checkpoints.load("timbre-srgan")
    found = enlarged(model)
    assert found == pytest.approx({name: card.measured[name] for name in found}, rel=1e-3)
    assert found["plain, dB off"] < found["bicubic, dB off"] < found["bilinear, dB off"] < found["sharp, dB off"]
    far = [found[f"{name}, Fréchet distance"] for name in ("bilinear", "bicubic", "plain", "sharp")]
    assert far[3] < 0.3 * far[2] < 0.3 * far[1] < 0.3 * far[0]


def test_half_of_the_real_notes_cover_the_other_half_better_than_the_gan_does(training):
    """Coverage as the card has it, and how much there could be."""
    judge, _ = checkpoints.load("timbre-judge")
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = judge.features(training.picture)
    _, most = density_coverage(features[order[:392]], features[order[392:784]])
    assert most > 0.9 > checkpoints.load("timbre-gan")[1].measured["coverage"] > 0.4
