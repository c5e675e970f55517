"""What is shipped is what its card says: the hash, the model, and no file without the other."""

import json

import pytest
import torch
from torch import nn

from helpers.models import checkpoints
from helpers.models.language import TuneRNN
from helpers.models.transformer import Decoder

MODELS = {"gru": lambda: TuneRNN(9, 16, "GRU"), "decoder": lambda: Decoder(9, 16, 2, 2, reach=7, dropout=0.3)}


@pytest.fixture(params=MODELS)
def made(request, tmp_path):
    torch.manual_seed(0)
    model = MODELS[request.param]()
    for weight in model.parameters():
        nn.init.normal_(weight, std=0.2)
    card = checkpoints.save("mine", model, {"epochs": 2}, {"bits per character": 1.5}, list("abcdefghi"), tmp_path)
    return model.eval(), card, tmp_path


def test_what_is_loaded_is_what_was_saved(made):
    model, card, folder = made
    again, said = checkpoints.load("mine", folder)
    tokens = torch.arange(9)[None]
    assert torch.equal(again(tokens), model(tokens))
    assert not again.training
    assert said == card
    assert said.settings == model.settings
    assert checkpoints.names(folder) == ["mine"]
    assert "bits per character 1.5" in str(said)
    assert "epochs 2" in str(said)


def test_weights_that_are_not_the_cards_are_noticed(made):
    folder = made[2]
    path = folder / "mine.safetensors"
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="other weights than its card"):
        checkpoints.load("mine", folder)


@pytest.mark.parametrize("lost", ["mine.json", "mine.safetensors"])
def test_half_a_checkpoint_is_named(made, lost):
    (made[2] / lost).unlink()
    with pytest.raises(FileNotFoundError, match=lost):
        checkpoints.load("mine", made[2])


def test_an_unknown_name_is_answered_with_those_there_are(made):
    with pytest.raises(ValueError, match=r"no checkpoint 'yours'.*there are mine"):
        checkpoints.load("yours", made[2])


def test_a_model_that_a_card_cannot_describe_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a Linear cannot be made again"):
        checkpoints.save("mine", nn.Linear(2, 2), {}, {}, [], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", checkpoints.names())
def test_the_shipped_ones_are_whole_and_their_cards_say_how_they_were_made(name):
    model, card = checkpoints.load(name)
    assert card.name == name
    assert len(card.symbols) == card.settings.get("symbols", 0) == len(set(card.symbols))  # models of pictures have none
    assert card.recipe.keys() & {"epochs", "steps", "rounds"}
    assert card.measured
    assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size <= 8_000_000
    assert all(weight.isfinite().all() for weight in model.parameters())
    raw = json.loads((checkpoints.FOLDER / f"{name}.json").read_text())
    assert raw["settings"] == model.settings
