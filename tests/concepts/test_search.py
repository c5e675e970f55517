"""Searches against what must be so: minima of their draws, survivors that survive, a known bowl whose bottom they find."""

import numpy as np
import pytest

from helpers.concepts.search import Found, cross, descents, genetic, mutate, random_search, select
from helpers.concepts.surfaces import Surface
from helpers.concepts.tuning import tune

BOTTOM = np.array([0.7, 0.2])


def bowl(x, y):
    return (x - BOTTOM[0]) ** 2 + 3 * (y - BOTTOM[1]) ** 2


SURFACE = Surface("bowl", bowl, lambda x, y: (2 * (x - BOTTOM[0]), 6 * (y - BOTTOM[1])), (0, 1), (0, 1), (0.1, 0.9), BOTTOM[None])
SEARCHES = {
    "random": lambda budget, seed: random_search(SURFACE, budget, seed),
    "genetic": lambda budget, seed: genetic(SURFACE, budget, seed),
    "descents": lambda budget, seed: descents(SURFACE, budget, seed, lr=0.05, steps=40),
}
each = pytest.mark.parametrize("name", SEARCHES)


@each
def test_the_best_so_far_is_the_least_of_what_was_tried(name):
    found = SEARCHES[name](150, 3)
    best = found.loss[found.best()]
    np.testing.assert_array_equal(best, [min(found.loss[: i + 1]) for i in range(len(found.loss))])
    assert (np.diff(best) <= 0).all()
    np.testing.assert_allclose(found.loss, bowl(*found.places.T))
    assert ((found.places >= 0) & (found.places <= 1)).all()


def test_a_search_finds_what_its_best_place_is_near():
    places, flat = np.array([[0.7, 0.2], [0.72, 0.24], [0.7, 0.5]]), np.zeros(3, int)
    assert Found(places, np.array([2.0, 1.0, 3.0]), np.arange(1, 4), flat).finds(BOTTOM)
    assert not Found(places, np.array([2.0, 3.0, 1.0]), np.arange(1, 4), flat).finds(BOTTOM)
    assert not Found(places, np.array([2.0, 1.0, 3.0]), np.arange(1, 4), flat).finds(BOTTOM, within=0.03)


def test_of_equals_the_first_is_the_best():
    found = Found(np.zeros((4, 2)), np.array([2.0, 1.0, 1.0, 3.0]), np.arange(1, 5), np.zeros(4, int))
    assert found.best().tolist() == [0, 1, 1, 1]


@each
def test_the_seed_decides(name):
    first, again, other = (SEARCHES[name](120, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.places, again.places)
    assert not np.array_equal(first.places[:20], other.places[:20])


@each
def test_it_comes_near_the_bottom_of_a_bowl(name):
    within = {"random": 0.1, "genetic": 0.03, "descents": 0.05}[name]
    for seed in range(5):
        found = SEARCHES[name](240, seed)
        assert np.linalg.norm(found.places[found.best()[-1]] - BOTTOM) < within


@each
def test_no_search_spends_more_than_it_has(name):
    for budget in (1, 2, 19, 20, 21, 100, 123):
        found = SEARCHES[name](budget, 0)
        assert found.spent[-1] <= budget
        assert (np.diff(found.spent) > 0).all()
        assert found.spent[0] == 1
        if name != "descents":
            assert len(found.loss) == budget


def test_random_places_are_spread_evenly():
    places = random_search(SURFACE, 4000, 0).places
    counts, *_ = np.histogram2d(*places.T, bins=4, range=[[0, 1], [0, 1]])
    assert ((counts > 200) & (counts < 300)).all()  # 250 each, and some luck


def test_the_price_of_a_gradient():
    found = descents(SURFACE, 100, 0, steps=10, price=2)
    assert found.spent[:12].tolist() == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 32]  # then it starts again
    evaluations = len(found.loss)
    assert evaluations + 2 * found.gradients[-1] == found.spent[-1]
    assert found.gradients[:13].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11]
    assert random_search(SURFACE, 9, 0).gradients.tolist() == [0] * 9
    assert descents(SURFACE, 100, 0, steps=10, price=0).spent.tolist() == list(range(1, 101))
    assert found.known(5).tolist() == [0, 0, 0, 1, 1]  # after 1, 2 … 5 evaluations


def test_each_descent_is_a_run_of_its_own():
    found = descents(SURFACE, 200, 4, lr=0.05, steps=15, price=0)
    starts = np.random.default_rng(4).random((2, 2))
    for i, start in enumerate(starts):
        np.testing.assert_allclose(found.places[16 * i : 16 * (i + 1)], tune(SURFACE, "Adam", tuple(start), 15, 0.05)[0])


# ---- the parts of a genetic algorithm


def test_the_best_of_a_generation_is_never_lost():
    """With elitism the best is still among the parents: without mutation its values stay in the population for good."""
    found = genetic(SURFACE, 400, 5, population=10, elite=1, mutation=0.0)
    best = found.places[found.best()[-1]]
    later = found.places[-9:]
    assert found.best()[-1] < len(found.loss) - 9
    assert (later == best).all(1).any()
    wild = genetic(SURFACE, 400, 5, population=10, elite=1, mutation=0.5)
    tame = genetic(SURFACE, 400, 5, population=10, elite=0, mutation=0.5)
    assert wild.loss[-90:].mean() < tame.loss[-90:].mean()  # the survivor goes on having children


def test_without_mutation_equal_parents_stay_what_they_are():
    same = np.tile([0.3, 0.4], (20, 1))
    assert (genetic(SURFACE, 200, 0, mutation=0.0, first=same).places == [0.3, 0.4]).all()


def test_without_mutation_no_child_has_a_value_that_no_ancestor_had():
    found = genetic(SURFACE, 200, 1, mutation=0.0)
    for axis in range(2):
        assert set(found.places[:, axis]) == set(found.places[:20, axis])


def test_a_tournament_prefers_the_better():
    random, loss = np.random.default_rng(0), np.array([3.0, 1.0, 2.0, 0.0])
    share = np.bincount(select(loss, 40_000, random), minlength=4) / 40_000
    np.testing.assert_allclose(share, [1 / 16, 5 / 16, 3 / 16, 7 / 16], atol=0.01)  # of 16 pairs, those it wins


def test_a_child_has_each_parameter_from_either_parent():
    mothers, fathers = np.zeros((4000, 2)), np.ones((4000, 2))
    children = cross(mothers, fathers, np.random.default_rng(0))
    kinds, counts = np.unique(children, axis=0, return_counts=True)
    assert kinds.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert (np.abs(counts - 1000) < 120).all()


def test_a_mutation_is_as_large_as_it_says_and_stays_inside():
    middle = np.full((5000, 2), 0.5)
    moved = mutate(middle, 0.05, np.random.default_rng(0)) - 0.5
    assert moved.std() == pytest.approx(0.05, rel=0.05)
    edge = mutate(np.ones((100, 2)), 0.5, np.random.default_rng(0))
    assert edge.max() == 1
    assert edge.min() >= 0


def test_a_population_without_children_is_refused():
    with pytest.raises(ValueError, match="0 to 9"):
        genetic(SURFACE, 100, 0, population=10, elite=10)
