"""Search: what each method has found, counted again here, and what is drawn and heard of it."""

import numpy as np
import pytest

from helpers.concepts.tuning import landscape, tune
from helpers.explorers import Search
from tests.explorers.test_contract import refused_in_words, same

METHODS = ("random search", "genetic algorithm", "gradient descent")


def best_so_far(losses, spent):
    """After 1 … 240 evaluations: the least of the losses that were known by then, and its number."""
    numbers = [min((i for i in range(len(losses)) if spent[i] <= n), key=lambda i: losses[i]) for n in range(1, 241)]
    return np.array([losses[i] for i in numbers]), numbers


def test_random_search_is_the_least_of_its_draws():
    result, value = Search(seed=3).result(), landscape("sine", "smoothed").value
    places = np.random.default_rng(3).random((240, 2))
    losses = value(*places.T)
    best, numbers = best_so_far(losses, np.arange(1, 241))
    np.testing.assert_allclose(result["best of random search"], best)
    np.testing.assert_allclose(result["best place of random search"], places[numbers])
    assert (result["tried by random search"], result["gradients of random search"]) == (240, 0)


@pytest.mark.parametrize("price", [0, 1, 2, 3])
def test_descent_pays_for_its_gradients(price):
    result, surface = Search(price=price, seed=1).result(), landscape("sine", "smoothed")
    random, places, spent, total, gradients = np.random.default_rng(1), [], [], 0, 0
    while total < 240:
        path = tune(surface, "Adam", tuple(random.random(2)), 40, 0.03)[0]
        total += 1
        places.append(path[0])
        spent.append(total)
        for place in path[1:]:
            if total + 1 + price > 240:
                break
            total, gradients = total + 1 + price, gradients + 1
            places.append(place)
            spent.append(total)
        if total + 1 + price > 240 and len(places) % 41:
            break
    best, _ = best_so_far(surface.value(*np.array(places).T), spent)
    np.testing.assert_allclose(result["best of gradient descent"], best)
    assert result["tried by gradient descent"] == len(places)
    assert result["gradients of gradient descent"] == gradients
    assert f"({len(places)} losses and {gradients} gradients)" in Search(price=price, seed=1).grid.caption


@pytest.mark.parametrize("name", METHODS)
def test_the_best_never_gets_worse_and_is_the_loss_there(name):
    result = Search(synth="echo", seed=2).result()
    best = result[f"best of {name}"]
    assert (np.diff(best) <= 0).all()
    places = result[f"best place of {name}"]
    np.testing.assert_allclose(best, landscape("echo", "smoothed").value(*places.T))


def test_all_three_begin_at_the_same_place():
    result = Search(seed=5).result()
    first = [result[f"best place of {name}"][0] for name in METHODS]
    np.testing.assert_array_equal(first[0], first[1])
    np.testing.assert_array_equal(first[0], first[2])


def test_near_is_when_both_knobs_of_the_best_are():
    explorer = Search()
    for name in METHODS:
        near = explorer.result()[f"near of {name}"]
        away = np.abs(explorer.result()[f"best place of {name}"] - [0.5, 0.6]).max(1)
        wanted = f"is near after {near} evaluations" if near > 0 else "does not come near"
        assert wanted in explorer.grid.caption
        assert (away[: near - 1] > 0.05).all() if near > 0 else (away > 0.05).all()
        assert near < 0 or away[near - 1] <= 0.05


def test_the_picture_shows_what_was_tried_so_far():
    explorer = Search(position=60)
    for name in METHODS:
        tried = explorer.result()[f"tried by {name}"]
        plane = explorer.grid.panel(name)
        layers = {layer.name: layer for layer in plane.layers}
        assert len(layers["tried"].xy) == tried
        assert plane.title == f"{name}: {tried} places"
        np.testing.assert_allclose(layers["now"].xy[60], layers["tried"].xy[-1])
        np.testing.assert_allclose(layers["best"].xy[60], explorer.result()[f"best place of {name}"][60])
    assert explorer.result()["tried by gradient descent"] == 21  # a start, and 20 steps at three evaluations each
    assert explorer.result()["evaluations"] == 61


def test_a_restart_interrupts_the_path():
    plane = Search(position=239).grid.panel("gradient descent")
    path = next(layer for layer in plane.layers if layer.name == "path")
    assert np.flatnonzero(np.isnan(path.xy[:, 0])).tolist() == [41]


def test_what_is_heard_is_the_best_so_far():
    for position in (5, 239):
        explorer = Search(position=position)
        tracks = {track.name: track.samples for track in explorer.tracks()}
        assert list(tracks) == ["target", *(f"best so far, {name}" for name in METHODS)]
        t = np.arange(12_800) / 16_000
        for name in METHODS:
            f, a = explorer.result()[f"best settings of {name}"]
            wanted = (a * np.sin(2 * np.pi * f * t))[400:12_400]
            np.testing.assert_allclose(tracks[f"best so far, {name}"][400:12_400], wanted, atol=1e-4)


def test_without_mutation_the_population_runs_dry():
    still, lively = (Search(mutation=m).result()["best of genetic algorithm"] for m in (0.0, 0.05))
    assert len(np.unique(still[20:])) < len(np.unique(lively[20:]))
    assert still[-1] > lively[-1]


def test_one_evaluation_is_not_some():
    assert "a gradient counted as 1 evaluation." in Search(price=1).alt()
    assert "a gradient counted as 2 evaluations." in Search().alt()


def test_the_question_knows_the_lowest():
    explorer = Search(predict=True)
    least = {name: explorer.result()[f"best of {name}"][-1] for name in METHODS}
    assert explorer.asked.truth == min(least, key=least.get)


def test_seeds():
    assert same(Search(seed=4).result(), Search(seed=4).result())
    assert not same(Search(seed=4).result(), Search(seed=5).result())


@pytest.mark.parametrize(
    ("state", "way_out"),
    [
        ({"synth": "organ"}, "sine, FM, echo"),
        ({"loss": "mel"}, "waveform, spectral, smoothed"),
        ({"price": 4}, "0, 1, 2, 3|0 to 3"),
        ({"price": -1}, "0, 1, 2, 3|0 to 3"),
        ({"mutation": 0.9}, "0 to 0.3"),
        ({"lr": 0.0}, "0.001 to"),
        ({"position": 240}, "0 to 239"),
        ({"seed": -1}, "choose 0"),
    ],
    ids=str,
)
def test_what_cannot_be_is_explained(state, way_out):
    refused_in_words(Search(), Search, state, way_out)
