"""`python -m helpers.recipes` trains every checkpoint again and writes it to data/checkpoints; with names, only those.

`python -m helpers.recipes comparison` trains nothing: it measures how the models of notes compare, which the checkpoints go with.
"""

import sys
from pathlib import Path
from time import process_time

from helpers.models import checkpoints
from helpers.recipes import chorales, codec, comparison, diffusion, gans, timbre, tunes, vae, wave_codec

ROOMS = (tunes, chorales, timbre, codec, wave_codec, diffusion, gans, vae)
TRAINERS = {name: room.train for room in ROOMS for name in room.RECIPES}
RECIPES = {name: recipe for room in ROOMS for name, recipe in room.RECIPES.items()}


def main(names: list[str], folder: Path = checkpoints.FOLDER) -> None:
    """Train these, or all if none is named, into `folder`; what was begun before goes on. Raises SystemExit for an unknown name."""
    unknown = [name for name in names if name not in TRAINERS]
    if unknown:
        sys.exit(f"no recipe {unknown[0]!r}; there are {', '.join(TRAINERS)}")
    for name in names or TRAINERS:
        begun = folder.parents[1] / "build" / f"{name}.begun"
        began = process_time()
        model, measured = TRAINERS[name](name, begun)
        measured["processor seconds"] = round(process_time() - began)
        card = checkpoints.save(name, model, RECIPES[name], measured, measured.pop("symbols"), folder)
        for part in begun.parent.glob(f"{begun.name}*"):  # one for each stage of the recipe
            part.unlink()
        print(card)


if __name__ == "__main__":
    if sys.argv[1:] != ["comparison"]:
        main(sys.argv[1:])
    if sys.argv[1:] in ([], ["comparison"]):
        found = comparison.write()
        print(comparison.HEAD, *map(comparison.line, [*found.models.values(), *found.real.values()]), sep="\n")
