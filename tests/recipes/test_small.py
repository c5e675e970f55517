"""Every recipe in small, from its data to the two files of its checkpoint: tiny networks, a few steps, a few examples.

Whoever adds a recipe need add nothing here, unless it calls how long it trains, or how wide its model is, by a new name.
"""

import math
from functools import cache

import pytest
import torch

from helpers.datasets.harmonics import load_harmonics
from helpers.models import checkpoints
from helpers.recipes import __main__ as recipes

TINY = {
    "epochs": 1, "rounds": 3, "plain rounds": 3, "steps": 3,
    "layers": 1, "blocks": 1, "width": 8, "widths": 8, "base": 8, "rival": 8, "channels": 4, "hidden": 8,
}  # fmt: skip
LEARN, HELD, OTHERS = 6, 2, 10  # notes of each family; tunes and chorales


def tiny(value, name=""):
    """A recipe with its lengths and widths cut down, those in lists and in its parts too."""
    if isinstance(value, dict):
        return {key: tiny(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [tiny(part, name) for part in value]
    return TINY.get(name, value)


def few(split="train"):
    """Some notes of each family."""
    notes, count = load_harmonics(split), LEARN if split == "train" else HELD
    return notes[torch.cat([(notes.family == k).nonzero()[:count, 0] for k in range(11)])]


@cache
def some(room):
    """Some of a room's own data, whatever it is."""
    return [part[:OTHERS] if isinstance(part, list) else part for part in room.data()]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Where checkpoints go, while all recipes are tiny; one that begins from another's finds that one there."""
    folder = tmp_path / "data" / "checkpoints"
    shipped = checkpoints.load
    monkeypatch.setattr(checkpoints, "load", lambda name: shipped(name, *[folder] * (name in checkpoints.names(folder))))
    for room in recipes.ROOMS:
        for name, recipe in list(room.RECIPES.items()):
            for table in (room.RECIPES, recipes.RECIPES):
                monkeypatch.setitem(table, name, tiny(recipe))
        if hasattr(room, "load_harmonics"):
            monkeypatch.setattr(room, "load_harmonics", few)
        if hasattr(room, "data"):
            parts = some(room)
            monkeypatch.setattr(room, "data", lambda parts=parts: parts)
    return folder


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_recipe_trains_and_writes_what_can_be_loaded_again(name, folder):
    recipe = recipes.RECIPES[name]
    wanted = [recipe["from"], name] if "from" in recipe else [name]
    recipes.main(wanted, folder)
    assert checkpoints.names(folder) == sorted(wanted)
    model, card = checkpoints.load(name)
    assert card.recipe == recipe
    assert card.settings == model.settings
    assert all(torch.isfinite(weight).all() for weight in model.state_dict().values())
    figures = [value for value in card.measured.values() if isinstance(value, float)]
    assert figures
    assert all(map(math.isfinite, figures))
    assert not list((folder.parents[1] / "build").glob("*"))
