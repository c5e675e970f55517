"""What a Film sends: places to within less than a pixel, shares of parts as they are; what cannot be; the still picture."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.views import Dots, Film, Plane, Swarm
from helpers.views.film import REACH
from helpers.views.still import pixels

SCRIPT = Path(__file__).parents[2] / "helpers" / "views" / "film.js"

RANDOM = np.random.default_rng(0)


def shown(*layers, **more):
    film = Film()
    film.show([Plane("p", **{"x_range": (-2, 2), "y_range": (-1, 3), "cell": (200, 200), "layers": list(layers), **more})])
    return film, {layer["name"]: layer for layer in film.spec["panels"][0]["layers"]}


def places(film, said):
    """A layer's places as the browser has them, worked out from the bytes."""
    rows = said["parts"] * said["dots"] + said["dots"] * said["arrows"]
    shares = np.frombuffer(film.places, "<u2")[said["start"] :][: 2 * rows].reshape(-1, 2) / 65_535
    plane = film.panels[0]
    low, high = np.array([plane.x_range, plane.y_range]).T
    return low + (5 * shares - 2) * (high - low)


def test_places_travel_as_two_bytes_each_and_are_right_to_a_part_of_a_pixel():
    first, second = RANDOM.normal(size=(5, 7, 2)), RANDOM.normal(size=(3, 4, 2))
    film, said = shown(Dots("between", [(0, 0)]), Swarm("a", first), Swarm("b", second))
    assert len(film.places) == 2 * (first.size + second.size)
    for name, xy in (("a", first), ("b", second)):
        np.testing.assert_allclose(places(film, said[name]).reshape(xy.shape), xy, atol=4 * 5 / 65_535)
        assert (said[name]["parts"], said[name]["dots"], said[name]["count"]) == (*xy.shape[:2], 0)
    json.dumps(film.spec, allow_nan=False)


def test_the_browser_reads_places_by_the_reach_they_were_written_with():
    assert re.search(r"const REACH_PLANES = ([\d.]+);", SCRIPT.read_text())[1] == f"{REACH:g}"


def test_a_mixture_sends_its_parts_once():
    parts, mix = RANDOM.normal(size=(2, 30, 2)), RANDOM.uniform(size=(1000, 2))
    film, said = shown(Swarm("m", parts, mix=mix))
    assert len(film.places) == 2 * parts.size
    found = np.frombuffer(film.data, np.float32)[said["m"]["offset"] :][: mix.size].reshape(mix.shape)
    np.testing.assert_allclose(found, mix, rtol=1e-6)
    swarm = film.panels[0].layers[0]
    np.testing.assert_allclose(swarm.at(7), mix[7, 0] * parts[0] + mix[7, 1] * parts[1])
    assert np.array_equal(swarm.at(5000), swarm.at(999))


def test_what_is_far_outside_stands_at_the_reach():
    film, said = shown(Swarm("far", [[(1e6, 0.0)]]))
    np.testing.assert_allclose(places(film, said["far"]), [[10, 0]], atol=1e-3)


def test_nothing_new_is_not_sent_again():
    xy = RANDOM.normal(size=(3, 4, 2))
    film, _ = shown(Swarm("a", xy))
    before = film.spec, film.places, film.data
    film.show([Plane("p", x_range=(-2, 2), y_range=(-1, 3), cell=(200, 200), layers=[Swarm("a", xy)])])
    assert (film.spec, film.places, film.data) == before


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Swarm("s", np.zeros((3, 2))), r"shape \(3, 2\); it is \(frame, dot, 2\)"),
        (lambda: Swarm("s", np.full((1, 1, 2), np.nan)), "all of it finite"),
        (lambda: Swarm("s", np.zeros((2, 5, 2)), mix=np.zeros((9, 3))), r"it is \(frame, 2\)"),
        (lambda: Swarm("s", np.zeros((2, 5, 2)), feet=np.zeros((4, 2))), "4 feet for 5 arrows"),
        (lambda: Swarm("s", np.zeros((2, 5, 2)), ink=[0, 1]), "2 inks for 5 dots"),
    ],
)
def test_what_cannot_be_is_explained(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_the_still_picture_has_the_frame_of_the_position():
    xy = np.array([[(-1.0, 0.4)], [(1.0, 1.6)]])
    film, _ = shown(Swarm("a", xy, ink=1, size=8))
    for position, (x, y) in enumerate(((50, 130), (150, 70))):
        film.position = position
        image = pixels(film)
        assert abs(image[y, x].astype(int) - [0xD5, 0x5E, 0x00]).max() < 30
        assert (image[200 - y, 200 - x] > 240).all()


def test_an_arrow_goes_from_its_foot_to_the_place_of_the_frame():
    film, _ = shown(Swarm("a", [[(1.0, 1.0)]], feet=[(-1.0, 1.0)], ink=0, size=6))
    image = pixels(film)
    assert image[100, 90, 0] < 120
    assert (image[60, 90] > 240).all()
