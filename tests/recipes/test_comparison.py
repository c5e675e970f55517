"""How the shipped models compare, as it is shipped: of these weights, and the same when it is measured again."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers.concepts.fidelity import frechet
from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints, contenders
from helpers.models.contenders import CONTENDERS, Contender, sampler
from helpers.recipes import comparison

AGAIN = ("naive Bayes", "mixture", "VAE, 2 numbers", "GAN")


@pytest.fixture(scope="module")
def shipped():
    return contenders.load()


@pytest.fixture(scope="module")
def anew():
    """Some models measured again, with their samples."""
    return {c.name: comparison.measured(c) for c in contenders.present() if c.name in AGAIN}


def test_every_model_that_ships_is_compared(shipped):
    assert list(shipped[0].models) == [c.name for c in contenders.present()]


def test_no_picture_of_a_real_note_is_shipped(shipped):
    with np.load(checkpoints.FOLDER / "comparison.npz") as kept:
        assert kept.files == list(shipped[0].models)


def test_what_is_said_is_said_of_these_weights(shipped):
    found, _ = shipped
    assert found.judge == checkpoints.load("timbre-judge")[1].sha256
    for contender in contenders.present():
        sha256 = checkpoints.load(contender.checkpoint)[1].sha256 if contender.checkpoint else None
        assert found.models[contender.name].sha256 == sha256, f"{contender.name}: python -m helpers.recipes comparison"


@pytest.mark.parametrize("name", AGAIN)
def test_measured_again_it_is_the_same(shipped, anew, name):
    if name not in shipped[0].models:
        pytest.skip("its checkpoint is not there")
    said, (row, made) = shipped[0].models[name], anew[name]
    assert row.distance == pytest.approx(said.distance, rel=0.03)
    for of in ("density", "coverage", "copies"):
        assert getattr(row, of) == pytest.approx(getattr(said, of), abs=0.02)
    for of in ("nearest", "copying", "bits"):
        assert getattr(row, of) == (pytest.approx(getattr(said, of), rel=0.01) if getattr(said, of) else None)
    assert (row.parameters, row.sha256, row.bits_kind) == (said.parameters, said.sha256, said.bits_kind)
    np.testing.assert_allclose(shipped[1][name], made[: comparison.KEPT].numpy(), atol=0.02)


def test_the_distance_is_of_as_many_notes_in_the_judges_features(shipped, anew):
    judge, _ = checkpoints.load("timbre-judge")
    learned, new = load_harmonics("train"), load_harmonics("new")
    order = torch.randperm(len(learned), generator=torch.Generator().manual_seed(0))[: len(new)]
    with torch.no_grad():
        expected = frechet(judge.features(learned.picture[order]), judge.features(anew["GAN"][1]))
    assert anew["GAN"][0].distance == pytest.approx(expected, rel=1e-6)
    assert shipped[0].count == len(new)


def test_no_copy_is_among_the_new_notes(shipped):
    found, _ = shipped
    known, new = (load_harmonics(split).picture.double().flatten(1) for split in ("train", "new"))
    away = 60 * torch.cdist(new, known).amin(1) / 768**0.5
    assert away.min() > 2 * found.near
    np.testing.assert_allclose(found.new, away, atol=0.02)
    assert found.real["new notes"].away == found.new
    assert found.count == len(new) == sum(found.truth["new notes"])


def test_the_number_of_threads_is_as_before_even_if_a_sampler_fails():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError):
            comparison.seconds(lambda count, seed: {}[count])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_floor_is_nearer_than_any_model_and_all_copies(shipped):
    found, _ = shipped
    floor = found.real["training notes"]
    assert all(row.distance > 2 * floor.distance for row in found.models.values())
    assert floor.copies == 1
    assert floor.nearest == pytest.approx(0, abs=1e-3)


def test_what_is_told_a_family_is_told_each_as_often_as_it_was_learned_from():
    family = torch.tensor([3, 3, 3, 5])
    told = []

    class Listener(torch.nn.Module):
        def sample(self, count, seed, family):
            told.extend([family] * count)
            return torch.full((count, 24, 32), family / 10)

    made = contenders._told(Listener(), family, 8, seed=2)
    assert told == [3] * 6 + [5] * 2
    assert sorted(made[:, 0, 0].tolist()) == pytest.approx([0.3] * 6 + [0.5] * 2)


def test_bits_are_said_only_of_models_that_are_told_nothing(shipped, monkeypatch):
    found, _ = shipped
    assert {name for name, row in found.models.items() if row.bits is None} == contenders.TOLD
    assert all((row.bits is None) == (row.bits_kind == "none") for row in found.models.values())
    told, untold = (next(c for c in CONTENDERS if c.name == name) for name in ("diffusion", "diffusion, untold"))
    made = torch.rand(420, 24, 32, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(comparison, "sampler", lambda contender, *_: (checkpoints.load(contender.checkpoint)[0], lambda *_: made))
    monkeypatch.setattr(comparison, "seconds", lambda draw: 1.0)
    card = checkpoints.load("timbre-diffusion")[1].measured["bits per cell at most"]
    assert [(row.bits, row.bits_kind) for row, _ in map(comparison.measured, (told, untold))] == [(None, "none"), (card, "at most")]


def test_a_model_begun_with_another_took_the_time_of_both():
    contender = next(c for c in CONTENDERS if c.after)
    card, before = (checkpoints.load(name)[1].measured["processor seconds"] for name in (contender.checkpoint, contender.after))
    said = contenders.load()[0].models[contender.name]
    assert said.training == card + before


def test_a_model_alone_is_measured_again_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(contenders, "CONTENDERS", CONTENDERS[:2])
    monkeypatch.setattr(comparison, "CONTENDERS", CONTENDERS[:2])
    first = comparison.write(folder=tmp_path)
    assert list(first.models) == ["naive Bayes", "mixture"]
    again = comparison.write(["mixture"], tmp_path)
    assert again.models["naive Bayes"] == first.models["naive Bayes"]
    loaded, samples = contenders.load(tmp_path)
    assert loaded == again
    with np.load(tmp_path / "comparison.npz") as kept:  # no picture of a real note, which others made
        assert set(samples) == set(kept.files) == {"naive Bayes", "mixture"}
    assert all(x.shape == (comparison.KEPT, 24, 32) for x in samples.values())
    with pytest.raises(ValueError, match="no model 'music'; there are naive Bayes, mixture"):
        comparison.write(["music"], tmp_path)
    other = replace(comparison.bench(), sha256="another judge's")
    monkeypatch.setattr(comparison, "bench", lambda: other)
    with pytest.raises(ValueError, match="measure all of them"):
        comparison.write(["mixture"], tmp_path)


def test_a_comparison_that_is_not_there_is_missed(tmp_path):
    with pytest.raises(FileNotFoundError, match="recipes comparison"):
        contenders.load(tmp_path)


def test_a_line_says_what_there_is(shipped):
    rows = shipped[0].models
    assert "≤" in comparison.line(rows["mixture"])
    assert comparison.line(rows["GAN"]).endswith("none")
    assert f"{rows['GAN'].distance:.2f}" in comparison.line(rows["GAN"])


def test_of_a_card_only_bits_of_new_instruments_count():
    said = {"bits per cell of training instruments": 1.0, "bits per cell of new instruments": 2.0}
    assert comparison._said_bits(said) == 2.0
    assert comparison._said_bits({"accuracy": 1.0}) is None


def test_what_is_fitted_on_the_spot_needs_no_checkpoint():
    learned = load_harmonics("train")
    model, draw = sampler(Contender("mixture"), learned.picture, learned.family)
    assert torch.equal(draw(3, 1), model.sample(3, 1))
