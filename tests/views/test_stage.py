"""What a Stage sends: each layer's numbers where its description says; ticks, contours, and what cannot be."""

import json

import numpy as np
import pytest

from helpers.views import Arrows, Dots, Panel, Path, Plane, Stage, Stems, contours
from helpers.views.stage import round_ticks
from helpers.views.still import pixels

RANDOM = np.random.default_rng(0)
LAYERS = [
    Path("path", RANDOM.normal(size=(7, 2))),
    Arrows("arrows", RANDOM.normal(size=(3, 4))),
    Dots("dots", RANDOM.normal(size=(4, 2)), ink=[0, 1, 2, "text"], names=list("abcd"), drag=True),
    Stems("stems", RANDOM.normal(size=(2, 2))),
    Path("none", np.empty((0, 2))),
]


def plane(name="plane", **more):
    return Plane(name, **{"x_range": (-3, 3), "y_range": (-3, 3), **more})


@pytest.mark.parametrize("live", [False, True])
def test_every_layer_finds_its_numbers(live):
    surface = RANDOM.normal(size=(5, 6))
    stage = Stage()
    panels = [Panel("heat", np.ones((2, 3))), plane("a", values=surface, layers=LAYERS, live=live), plane("b", layers=LAYERS[::-1])]
    stage.show([*panels, Panel("last", np.full((1, 2), 7.0))])
    for name, layers in (("a", LAYERS), ("b", LAYERS[::-1])):
        said = next(p for p in [*stage.spec["panels"], *stage.live_spec] if p["name"] == name)
        cells = np.frombuffer(getattr(stage, said["buffer"]), np.float32)[said["offset"] :]
        if name == "a":
            np.testing.assert_allclose(cells[:30].reshape(5, 6), surface, atol=1e-6)
        for told, layer in zip(said["layers"], layers, strict=True):
            found = cells[told["offset"] : told["offset"] + layer.xy.size].reshape(layer.xy.shape)
            np.testing.assert_allclose(found, layer.xy, atol=1e-6)
            assert (told["name"], told["kind"], told["count"]) == (layer.name, layer.kind, len(layer.xy))
    last = next(p for p in stage.spec["panels"] if p["name"] == "last")
    assert np.frombuffer(stage.data, np.float32)[last["offset"] :].tolist() == [7, 7]
    json.dumps([stage.spec, stage.live_spec], allow_nan=False)


def test_places_go_to_px_and_the_corners_to_the_corners():
    p = plane(x=10, y=20, cell=(300, 200), x_range=(-1, 2), y_range=(5, 6))
    corners = np.array([[-1.0, 5.0], [2.0, 6.0], [0.5, 5.5]])
    np.testing.assert_allclose(p.px(corners), [[10, 220], [310, 20], [160, 120]])


@pytest.mark.parametrize(("range_", "words"), [((1.0, 1.0), "less than"), ((0.0, np.inf), "inf"), ((2.0, -2.0), "less than")])
def test_a_range_that_cannot_be_is_refused(range_, words):
    with pytest.raises(ValueError, match=words):
        plane(x_range=range_)


def test_inks_are_one_or_one_for_each():
    with pytest.raises(ValueError, match="3 inks for 2 points"):
        Dots("dots", np.zeros((2, 2)), ink=[1, 2, 3])


@pytest.mark.parametrize(("lo", "hi"), [(0, 1), (-2, 2), (0, 59), (1e-4, 3e-4), (-1234, 5678)])
def test_ticks_are_round_evenly_spaced_and_inside(lo, hi):
    ticks = round_ticks(lo, hi, 6)
    places = [value for value, _ in ticks]
    assert 2 <= len(ticks) <= 8
    assert lo <= places[0]
    assert places[-1] <= hi
    np.testing.assert_allclose(np.diff(places), places[1] - places[0], rtol=1e-9)
    assert [float(text.replace("−", "-")) for _, text in ticks] == pytest.approx(places)


def test_contours_lie_where_the_surface_has_their_level():
    x, y = np.linspace(-2, 2, 81), np.linspace(-1, 3, 61)
    lines = contours(x[None] ** 2 + y[:, None] ** 2, (-2, 2), (-1, 3), [0.25, 0.81])
    radius = np.hypot(*lines.xy[np.isfinite(lines.xy).all(1)].T)
    assert set(radius.round(2)) <= {0.5, 0.9, 0.51, 0.49, 0.91, 0.89}
    assert np.isnan(lines.xy).any()


def test_there_may_be_no_contour_at_a_level():
    assert np.isnan(contours(np.ones((4, 4)), (0, 1), (0, 1), [5.0]).xy).all()


def test_the_still_picture_shows_a_dot_where_it_is():
    stage = Stage()
    stage.show([plane(x=50, y=20, cell=(200, 100), layers=[Dots("dot", [[0.0, 1.5]], ink=1, size=8)])])
    x, y = stage.panels[0].px(np.array([[0.0, 1.5]]))[0].astype(int)
    assert np.abs(pixels(stage)[y, x].astype(int) - [0xD5, 0x5E, 0x00]).max() < 12


def test_a_timed_layer_shows_as_far_as_the_position():
    stage = Stage()
    path = Path("path", [[-2, 0.5], [0, 0.5], [2, 0.5]], ink=2, size=4, timed=True)
    stage.show([plane(x=50, y=20, cell=(200, 100), layers=[path])])
    stage.count = 3
    row, early, late = (int(n) for n in (*stage.panels[0].px(np.array([[-1.0, 0.5]]))[0][::-1], 183))
    for position, inked in ((0, [False, False]), (1, [True, False]), (2, [True, True])):
        stage.position = position
        picture = pixels(stage).astype(int)
        assert [bool(np.abs(picture[row, x] - [0x00, 0x9E, 0x73]).max() < 40) for x in (early, late)] == inked
