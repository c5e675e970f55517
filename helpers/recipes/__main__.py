"""`python -m helpers.recipes` trains every checkpoint again and writes it to data/checkpoints; with names, only those.

`python -m helpers.recipes comparison` trains nothing: it measures how the models of notes compare, which the checkpoints go with.
`python -m helpers.recipes --measure` trains nothing either: it says anew on the cards what the weights reach; with names, of those.
"""

import sys
from pathlib import Path
from time import process_time

from helpers.models import checkpoints
from helpers.recipes import chorales, codec, comparison, diffusion, gans, timbre, tunes, vae, wave_codec

COMPARISON = "comparison"
OF_NOTES = (timbre, codec, wave_codec, diffusion, gans, vae)
ROOMS = (tunes, chorales, *OF_NOTES)
TRAINERS = {name: room.train for room in ROOMS for name in room.RECIPES}
MEASURERS = {name: room.measured for room in OF_NOTES for name in room.RECIPES}
RECIPES = {name: recipe for room in ROOMS for name, recipe in room.RECIPES.items()}


def main(names: list[str], folder: Path = checkpoints.FOLDER) -> None:
    """Train these, or all if none is named, into `folder`, what was begun before going on; then measure how they compare, if asked.

    Raises SystemExit for an unknown name, before anything is trained.
    """
    unknown = [name for name in names if name not in (*TRAINERS, COMPARISON)]
    if unknown:
        sys.exit(f"no recipe {unknown[0]!r}; there are {', '.join(TRAINERS)}, and {COMPARISON}, which measures them")
    for name in [name for name in names if name != COMPARISON] if names else TRAINERS:
        begun = folder.parents[1] / "build" / f"{name}.begun"
        begun.parent.mkdir(parents=True, exist_ok=True)
        began = process_time()
        model, measured = TRAINERS[name](name, begun)
        measured["processor seconds"] = round(process_time() - began)
        card = checkpoints.save(name, model, RECIPES[name], measured, measured.pop("symbols"), folder)
        for part in begun.parent.glob(f"{begun.name}*"):  # one for each stage of the recipe
            part.unlink()
        print(card)
    if not names or COMPARISON in names:
        found = comparison.write(folder=folder)
        print(comparison.HEAD, *map(comparison.line, [*found.models.values(), *found.real.values()]), sep="\n")


def measure(names: list[str], folder: Path = checkpoints.FOLDER) -> None:
    """Say anew on their cards what these models of notes reach, or all if none is named; weights and the rest stay.

    Raises SystemExit for a name that there is no measuring of.
    """
    if unknown := [name for name in names if name not in MEASURERS]:
        sys.exit(f"{unknown[0]!r} cannot be measured without training; there are {', '.join(MEASURERS)}")
    for name in names or MEASURERS:
        model, card = checkpoints.load(name, folder)
        found = card.measured | MEASURERS[name](model)
        print(checkpoints.save(name, model, card.recipe, found, card.symbols, folder))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2:])
    else:
        main(sys.argv[1:])
