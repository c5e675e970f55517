"""A few states of an explorer as pictures: a static page or a slide scrubs them with no kernel and no request.

Frames differ little, so each is stored as what it changes in the first. Where JavaScript may not run, the first stays.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Template

import numpy as np
from jaxtyping import UInt8

from helpers.views.indexed import pack
from helpers.views.still import pixels

LIMIT = 400_000  # bytes of HTML
SCRUB = """
const figure = document.currentScript.parentElement;
const { sliders, frames } = JSON.parse(figure.querySelector("script").textContent);
const [still, over] = figure.querySelectorAll("img");
const inputs = [...figure.querySelectorAll("input")];
const show = () => {
  inputs.forEach((input, i) => {
    input.nextElementSibling.value = sliders[i][input.value];
    input.setAttribute("aria-valuetext", sliders[i][input.value]);
  });
  const [change, alt] = frames[inputs.reduce((at, input, i) => at * sliders[i].length + Number(input.value), 0)];
  over.hidden = !change;
  if (change) over.src = "data:image/png;base64," + change;
  still.alt = figure.querySelector("figcaption").textContent = alt;
};
inputs.forEach((input) => input.addEventListener("input", show));
show();
"""
PAGE = """
<figure role="group" aria-label="$title" style="margin:0;font-family:sans-serif">
<div style="position:relative;display:inline-block">
<img alt="$alt" src="data:image/png;base64,$first" style="display:block;max-width:100%;height:auto">
<img alt="" aria-hidden="true" hidden style="position:absolute;left:0;top:0;width:100%;height:100%">
</div>$inputs<figcaption aria-live="polite">$alt</figcaption>
<script type="application/json">$data</script><script>{$scrub}</script></figure>
"""
INPUT = """
<div><label>$name <input type="range" min="0" max="$last" step="1" value="0" data-lm-suppress-shortcuts="true">
<output>$place</output></label></div>
"""


@dataclass(frozen=True)
class Frame:
    """One baked state: its numbers, words and picture, and what that changes in the first (PNG in base 64)."""

    state: dict
    result: dict = field(repr=False)
    alt: str
    picture: UInt8[np.ndarray, "row column 3"] = field(repr=False)
    change: str = field(repr=False)


class Baked:
    """Frames behind one slider for each name; shown as HTML that needs nothing but a browser.

    sliders: for each name what its places are called; frames: one for each combination, the last name changing fastest.
    Raises ValueError where the page would be larger than 400 kB.
    """

    def __init__(self, title: str, sliders: dict[str, list[str]], frames: list[Frame]) -> None:
        self.title, self.sliders, self.frames = title, sliders, frames
        self.html = self._page()
        self.size = len(self.html.encode())
        if self.size > LIMIT:
            takes = f"{len(frames)} frames of {title} take {self.size / 1000:,.0f} kB"
            raise ValueError(f"{takes}; a page holds {LIMIT // 1000} kB. Bake fewer states.")

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        said = " × ".join(f"{len(places)} of {name}" for name, places in self.sliders.items())
        return f"Baked({self.title}: {said}; {self.size / 1000:,.0f} kB)"

    def _repr_html_(self) -> str:
        return self.html

    def _page(self) -> str:
        first = self.frames[0]
        frames = [("" if frame is first else frame.change, frame.alt) for frame in self.frames]
        data = json.dumps({"sliders": [*self.sliders.values()], "frames": frames}, ensure_ascii=False)
        return Template(PAGE).substitute(
            title=html.escape(self.title),
            alt=html.escape(first.alt),
            first=first.change,
            inputs="".join(self._inputs()),
            data=data.replace("</", "<\\/"),
            scrub=SCRUB,
        )

    def _inputs(self) -> Iterator[str]:
        for name, places in self.sliders.items():
            said = {"name": html.escape(name), "place": html.escape(places[0])}
            yield Template(INPUT).substitute(said, last=len(places) - 1)


def bake(explorer: object, frames: int, grid: dict[str, list]) -> Baked:
    """The states of `grid`; without one, places along the explorer's axis (its presets where it has none).

    Of these as many as fit into 400 kB, evenly spread. Works on a copy: the explorer itself stays as it is.
    """
    if frames < 2:
        raise ValueError(f"{frames} frame cannot be scrubbed; bake at least 2.")
    twin = type(explorer)(**explorer.given, **explorer.state)
    try:
        if grid:
            combined = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
            sliders = {name: [str(value) for value in values] for name, values in grid.items()}
            return Baked(type(explorer).__name__, sliders, _frames(twin, combined))
        return _along(twin, frames)
    finally:
        twin.close()


def _along(twin: object, frames: int) -> Baked:
    """As many frames as fit, from the first place to the last."""
    axis = twin.axis or "preset"
    if twin.axis:
        places = [twin.places()[i] for i in _spread(len(twin.places()), frames)]
        named = [(str(place), {twin.axis: place}) for place in places]
    else:
        named = [(name, twin.preset(name)) for name in twin.presets]
    made = _frames(twin, [changes for _, changes in named])
    for n in range(len(made), 0, -1):
        some = _spread(len(made), n)  # the first is among them, which the others change
        try:
            return Baked(type(twin).__name__, {axis: [named[i][0] for i in some]}, [made[i] for i in some])
        except ValueError:
            if n == 1:
                raise
    raise ValueError(f"{type(twin).__name__} has nothing to bake: no place along {axis}.")


def _spread(count: int, n: int) -> list[int]:
    """At most n of the numbers 0 … count − 1, evenly spread, both ends among them.

    >>> _spread(10, 4), _spread(3, 12)
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return sorted({round(i) for i in np.linspace(0, count - 1, min(n, count))})


def _frames(twin: object, wanted: list[dict]) -> list[Frame]:
    """The explorer in each of these states."""
    seen = []
    for changes in wanted:
        twin.set(**changes)
        if twin.problem:
            raise ValueError(f"{changes} cannot be baked: {twin.problem}")
        seen.append((twin.state, twin.result(), twin.alt(), pixels(twin.grid)))
    pictures = _one_size([picture for *_, picture in seen])
    changed = [None, *((picture != pictures[0]).any(-1) for picture in pictures[1:])]
    packed = [base64.b64encode(pack(*both)).decode() for both in zip(pictures, changed, strict=True)]
    return [Frame(*what[:3], picture, change) for what, picture, change in zip(seen, pictures, packed, strict=True)]


def _one_size(pictures: list[np.ndarray]) -> list[np.ndarray]:
    """The pictures on white sheets as large as the largest."""
    rows, columns = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    return [np.pad(p, ((0, rows - len(p)), (0, columns - p.shape[1]), (0, 0)), constant_values=255) for p in pictures]
