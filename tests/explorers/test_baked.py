"""Baked pages: the numbers of real states, pictures that decode, nothing fetched, never too large."""

import base64
import io
import json
import re
from functools import cache
from html.parser import HTMLParser

import matplotlib.image
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from helpers.explorers import Convolution, Kernels, Pattern, baked
from helpers.explorers.baked import LIMIT, Baked
from helpers.views.still import pixels
from tests.explorers.making import KINDS, Case, same

# JupyterLab asks the focused element itself whether its arrow keys are the notebook's.
RANGE = {"type": "range", "min": "0", "step": "1", "value": "0", "data-lm-suppress-shortcuts": "true"}


class Page(HTMLParser):
    """What a browser would find: images, inputs, the data, the caption."""

    def __init__(self, html: str):
        super().__init__()
        self.images, self.inputs, self.scripts, self.captions, self.inside = [], [], [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.inside = tag
        {"img": self.images, "input": self.inputs}.get(tag, []).append(dict(attributes))

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        {"script": self.scripts, "figcaption": self.captions}.get(self.inside, []).append(data)


def decoded(png: str) -> np.ndarray:
    return (matplotlib.image.imread(io.BytesIO(base64.b64decode(png)), format="png") * 255).round().astype(int)


def shown(page: Page, place: int) -> np.ndarray:
    """What the page shows at a place: the first picture, and over it what changes."""
    first = decoded(page.images[0]["src"].removeprefix("data:image/png;base64,"))[..., :3]
    change, _ = json.loads(page.scripts[0])["frames"][place]
    if not change:
        return first
    over = decoded(change)
    return np.where(over[..., 3:] > 0, over[..., :3], first)


@cache
def baked_of(case: Case) -> Baked:
    explorer = case.make()
    before, widgets = explorer.state, set(_instances)
    made = explorer.bake(frames=3)
    assert explorer.state == before
    assert set(_instances) == widgets
    explorer.close()
    return made


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case.kind.__name__)
def test_every_frame_is_a_real_state(case):
    made = baked_of(case)
    page = Page(made._repr_html_())
    frames = json.loads(page.scripts[0])["frames"]
    assert 2 <= len(made) == len(frames) <= max(3, len(case.kind.presets))
    for place, frame in enumerate(made.frames):
        fresh = case.make(**frame.state)
        assert same(frame.result, fresh.result())
        assert frame.alt == frames[place][1] == fresh.alt()
        if place in (0, len(made) - 1):  # a picture takes longer than all else, and each frame is stored in the same way
            picture = pixels(fresh.grid)
            seen = shown(page, place)[: len(picture), : picture.shape[1]]
            assert np.abs(seen - picture).mean() < 1  # of 255: few colours stand for many
            assert np.abs(seen - picture).max() < 48
        fresh.close()


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case.kind.__name__)
def test_the_page_needs_nothing_but_a_browser(case):
    made = baked_of(case)
    html = made._repr_html_()
    assert len(html.encode()) == made.size <= LIMIT
    assert "://" not in html
    page = Page(html)
    assert all(image.get("src", "data:image/png;base64,").startswith("data:image/png;base64,") for image in page.images)
    assert page.images[0]["alt"] == "".join(page.captions) == made.frames[0].alt
    assert page.inputs == [{**RANGE, "max": str(len(made) - 1)}]
    assert re.fullmatch(r"Baked\(\w+: \d+ of \w+; \d+ kB\)", repr(made))


def test_places_are_spread_from_the_first_to_the_last():
    made = Convolution(padding=2, stride=1).bake(frames=4)
    assert [frame.state["position"] for frame in made.frames] == [0, 12, 23, 35]
    assert made.sliders == {"position": ["0", "12", "23", "35"]}
    assert len(Convolution().bake(frames=100)) == 4
    order = Kernels(network="efficientnet").places()
    assert [f.state["kernel"] for f in Kernels(network="efficientnet").bake(frames=2).frames] == [order[0], order[-1]]


def test_what_has_no_axis_is_baked_by_its_presets():
    made = Pattern().bake()
    assert made.sliders == {"preset": list(Pattern.presets)}
    assert [frame.state["kernel"] for frame in made.frames] == [preset["kernel"] for preset in Pattern.presets.values()]


def test_a_grid_has_a_slider_for_each_name_and_a_frame_for_each_combination():
    made = Convolution().bake(stride=[1, 2], padding=[0, 1, 2])
    assert [(f.state["stride"], f.state["padding"]) for f in made.frames] == [(s, p) for s in (1, 2) for p in (0, 1, 2)]
    page = Page(made.html)
    assert [entry["max"] for entry in page.inputs] == ["1", "2"]
    assert json.loads(page.scripts[0])["sliders"] == [["1", "2"], ["0", "1", "2"]]
    sizes = {frame.result["output"].shape for frame in made.frames}
    assert {(2, 2), (4, 4), (6, 6), (1, 1), (3, 3)} == sizes
    assert len({shown(page, place).shape for place in range(6)}) == 1  # small pictures stand on a sheet as large


def test_what_would_be_too_large_gets_fewer_frames(monkeypatch):
    whole = Convolution(source="note").bake(frames=8)
    monkeypatch.setattr(baked, "LIMIT", whole.size // 2)
    fewer = Convolution(source="note").bake(frames=8)
    assert 2 <= len(fewer) < 8
    assert fewer.size <= whole.size // 2
    places = [frame.state["position"] for frame in fewer.frames]
    assert (places[0], places[-1]) == (0, whole.frames[-1].state["position"])


def test_a_grid_that_is_too_large_is_refused_with_its_size(monkeypatch):
    monkeypatch.setattr(baked, "LIMIT", 10_000)
    with pytest.raises(ValueError, match=r"6 frames of Convolution take \d+ kB; a page holds 10 kB. Bake fewer"):
        Convolution().bake(stride=[1, 2], padding=[0, 1, 2])


def test_what_cannot_be_is_refused_and_leaves_nothing():
    explorer = Convolution()
    before = set(_instances)
    with pytest.raises(ValueError, match="cannot be baked: 3 taps at dilation 3"):
        explorer.bake(dilation=[1, 3])
    with pytest.raises(ValueError, match="Did you mean 'stride'"):
        explorer.bake(strides=[1])
    with pytest.raises(ValueError, match="at least 2"):
        explorer.bake(frames=1)
    assert set(_instances) == before


def test_words_cannot_break_out_of_the_page():
    frame = Convolution().bake(frames=2).frames[0]
    nasty = "</script><script>alert(1)</script> & <b>"
    frames = [type(frame)(frame.state, frame.result, nasty, frame.picture, frame.change)] * 2
    page = Page(Baked(nasty, {nasty: [nasty, "b"]}, frames).html)
    assert len(page.scripts) == 2
    assert json.loads(page.scripts[0])["frames"][1][1] == nasty
    assert page.images[0]["alt"] == nasty
