"""What the rendered notes were made from, so that notes of another recipe are recognised and made anew."""

import json
from pathlib import Path

from helpers.datasets.assets import ASSETS, cache
from helpers.datasets.instruments import TEST, VALID

SPLITS = ("train", "valid", "test")
FONT = "TimGM6mb.sf2"
LOUD, SOFT = 100, 50  # velocities
SOFT_EVERY = 3  # semitones from one soft note to the next: twins enough for the lesson on leaks
RECIPE = {
    "version": 3,  # raise it when helpers.datasets.render changes what is heard
    "font": ASSETS[FONT].sha256,
    "velocities": [LOUD, SOFT, SOFT_EVERY],
    "test": sorted(TEST),
    "valid": sorted(VALID),
}


def folder_of(split: str) -> Path:
    """Where the notes of a split lie once they are built."""
    return cache() / "notes" / f"nsynth-{split}"


def built() -> bool:
    """Tell whether our notes are there, whole and of this very recipe."""
    try:
        return json.loads((cache() / "notes" / "recipe.json").read_text()) == RECIPE
    except (OSError, ValueError):
        return False
