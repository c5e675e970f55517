"""What is drawn next: against the order and the filters of the transformers library, written again in torch, and by chance."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from helpers.concepts import sampling

NOTHING = -math.inf


def logits(n: int, seed: int, spread: float = 3.0) -> np.ndarray:
    return spread * np.random.default_rng(seed).normal(size=n)


def theirs(z: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float) -> np.ndarray:
    """As the transformers library's logits processors do it: each puts -inf where it cuts, softmax after each. No ties."""
    x = torch.tensor(z, dtype=torch.float64) / temperature
    if top_k is not None and top_k < len(x):
        x = torch.where(x < torch.topk(x, top_k).values[-1], NOTHING, x)
    if top_p < 1:
        ascending, order = x.sort()
        cut = torch.zeros_like(x, dtype=torch.bool)
        cut[order] = ascending.softmax(0).cumsum(0) <= 1 - top_p
        x = torch.where(cut, NOTHING, x)
    p = x.softmax(0)
    x = torch.where(p < min_p * p.max(), NOTHING, x)
    return x.softmax(0).numpy()


@pytest.mark.parametrize("temperature", [0.05, 0.7, 1.0, 10.0])
@pytest.mark.parametrize("top_k", [None, 1, 5, 40, 70])
@pytest.mark.parametrize("top_p", [1.0, 0.95, 0.5, 0.01])
@pytest.mark.parametrize("min_p", [0.0, 0.1, 0.9, 1.0])
def test_all_combinations_are_as_the_transformers_library_has_them(temperature, top_k, top_p, min_p):
    z = logits(70, seed=1)
    found = sampling.probabilities(z, temperature, top_k, top_p, min_p)
    assert np.allclose(found, theirs(z, temperature, top_k, top_p, min_p), rtol=1e-9, atol=1e-12)
    assert abs(found.sum() - 1) < 1e-12
    assert ((found > 0) == sampling.sieve(z, temperature, top_k, top_p, min_p).kept).all()


def test_the_softmax_is_that_of_the_whole_vocabulary_whatever_is_kept():
    z = logits(60, seed=2)
    sieve = sampling.sieve(z, 2.0, top_k=3, top_p=0.5)
    whole = torch.tensor(z / 2).softmax(0).numpy()
    assert np.allclose(sieve.softmax, whole, rtol=1e-12)
    assert sieve.cut == pytest.approx(1 - whole[sieve.kept].sum(), abs=1e-12)


def test_temperature_from_the_largest_alone_to_all_alike():
    z = logits(20, seed=3)
    one_hot = np.eye(20)[z.argmax()]
    assert (sampling.probabilities(z, 0.0) == one_hot).all()
    assert np.allclose(sampling.probabilities(z, 1e-3), one_hot, atol=1e-12)
    assert np.allclose(sampling.probabilities(z, 1e9), 1 / 20, atol=1e-8)
    assert np.allclose(sampling.probabilities(z), torch.tensor(z).softmax(0).numpy(), rtol=1e-12)


def test_what_cuts_nothing_changes_nothing_and_one_is_greedy():
    z = logits(20, seed=4)
    plain = sampling.probabilities(z, 0.8)
    assert (sampling.probabilities(z, 0.8, top_k=20, top_p=1.0, min_p=0.0) == plain).all()
    assert (sampling.probabilities(z, 0.8, top_k=200) == plain).all()
    for settings in ({"top_k": 1}, {"top_p": 1e-9}, {"min_p": 1.0}):
        assert (sampling.probabilities(z, 0.8, **settings) == np.eye(20)[z.argmax()]).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_kept_set_is_the_smallest_that_holds_p(seed):
    z, top_p = logits(12, seed), float(np.random.default_rng(seed).uniform(0.05, 0.99))
    sieve = sampling.sieve(z, top_p=top_p)
    p = np.sort(sieve.softmax)[::-1]
    assert p[: sieve.count].sum() >= top_p - 1e-9
    assert p[: sieve.count - 1].sum() < top_p


def test_a_share_that_is_reached_exactly_needs_no_further_symbol():
    p = np.array([0.4, 0.3, 0.2, 0.1])
    for share, count in ((0.4, 1), (0.7, 2), (0.9, 3), (0.95, 4)):
        assert sampling.sieve(np.log(p), top_p=share).count == count


def test_among_equals_the_lower_number_is_kept():
    assert sampling.probabilities(np.zeros(4), top_k=2).tolist() == [0.5, 0.5, 0, 0]
    assert sampling.probabilities(np.array([0.0, 1.0, 1.0]), 0.0).tolist() == [0, 1, 0]
    assert sampling.probabilities(np.array([0.0, 1.0, 1.0]), top_p=0.1).tolist() == [0, 1, 0]


@pytest.mark.filterwarnings("error")
def test_huge_logits_and_forbidden_symbols_are_safe():
    z = np.array([1e4, -1e4, NOTHING, 1e4 - 1])
    for temperature in (1e-300, 0.05, 1.0, 10.0):
        p = sampling.probabilities(z, temperature, top_k=4, top_p=1.0)
        assert np.isfinite(p).all()
        assert p[2] == 0
    assert sampling.sieve(z, top_k=4).count == 2  # e^-20000 is 0 in float64, as is what is forbidden
    assert sampling.probabilities(np.array([NOTHING, NOTHING, 0.0]), 0.0).tolist() == [0, 0, 1]
    assert (sampling.probabilities(np.array([0.0, NOTHING, 0.0]), 1e6) == [0.5, 0, 0.5]).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"temperature": -1.0}, "-1.0"), ({"temperature": math.inf}, "inf"), ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0.0}, "top_p is 0"), ({"top_p": 1.5}, "1.5"), ({"min_p": -0.1}, "-0.1"), ({"min_p": 2.0}, "2.0"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be(settings, said):
    with pytest.raises(ValueError, match=said):
        sampling.probabilities(np.zeros(3), **settings)


@pytest.mark.parametrize("z", [[math.nan, 0.0], [math.inf, 0.0], [NOTHING, NOTHING]])
def test_logits_that_cannot_be(z):
    with pytest.raises(ValueError, match="logits"):
        sampling.probabilities(np.array(z))


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"top_k": 8}, {"top_p": 0.9}, {"top_k": 20, "top_p": 0.8}])
def test_ten_thousand_draws_come_as_often_as_they_should(settings):
    p = theirs(logits(30, seed=5, spread=1.5), **{"temperature": 1.0, "top_k": None, "top_p": 1.0, "min_p": 0.0, **settings})
    random = np.random.default_rng(0)
    mine = sampling.probabilities(logits(30, seed=5, spread=1.5), **settings)
    counts = np.bincount([sampling.draw(mine, random.random()) for _ in range(10_000)], minlength=30)
    assert (counts[p == 0] == 0).all()
    expected = 10_000 * p[p > 0]
    rare = expected < 5  # a chi-square test wants five of each: the rare ones are counted together
    groups = [np.append(x[~rare], x[rare].sum()) if rare.any() else x for x in (counts[p > 0], expected)]
    assert chisquare(*groups).pvalue > 0.001


def test_a_draw_never_gives_what_has_no_probability():
    p = np.array([0.0, 0.1, 0.0, 0.2, 0.0])
    for u in (0.0, np.nextafter(1 / 3, 0), 1 / 3, np.nextafter(1, 0)):
        assert sampling.draw(p, u) in (1, 3)


def test_entropy_of_equals_of_one_and_of_a_coin():
    assert sampling.entropy(np.full(8, 1 / 8)) == pytest.approx(3, abs=1e-12)
    assert sampling.entropy(np.eye(4)[2]) == 0
    assert sampling.entropy(np.array([0.9, 0.1])) == pytest.approx(0.4689955935892812, abs=1e-12)


def counting(most: int):
    """A model that says the number after the last one is likely, and writes down what it was given."""
    given = []

    def read(new, state):
        given.append(list(new))
        last = list(new)[-1]
        z = np.zeros(most)
        z[(last + 1) % most] = 4.0
        return z, (state or 0) + len(new)

    return read, given


def test_generation_reads_the_prompt_once_then_each_symbol_and_stops_at_the_end():
    read, given = counting(6)
    assert list(sampling.generate(read, [0, 1, 2], 10, end=5, temperature=0.0)) == [3, 4, 5]
    assert given == [[0, 1, 2], [3], [4]]
    assert len(list(sampling.generate(read, [0], 4, temperature=0.0))) == 4


def test_the_same_seed_gives_the_same_symbols_however_long():
    read, _ = counting(6)
    first, again, other = (list(sampling.generate(read, [0], n, seed=s, temperature=2.0)) for n, s in ((40, 1), (60, 1), (40, 2)))
    assert again[:40] == first
    assert other != first
    rest = list(sampling.generate(read, [0, *first[:15]], 25, seed=1, spent=15, temperature=2.0))
    assert first[:15] + rest == first


def keskar(z: np.ndarray, seen: set[int], penalty: float) -> np.ndarray:
    """As the transformers library's RepetitionPenaltyLogitsProcessor does it: gather, where, scatter."""
    x, at = torch.tensor(z)[None], torch.tensor([sorted(seen)])
    score = torch.gather(x, 1, at)
    return x.scatter(1, at, torch.where(score < 0, score * penalty, score / penalty))[0].numpy()


@pytest.mark.parametrize("penalty", [1.0, 1.2, 3.0])
def test_the_penalty_is_that_of_the_transformers_library(penalty):
    z, seen = logits(15, seed=6), [3, 7, 7, 11]
    found = sampling.penalised(z, seen, penalty)
    assert np.allclose(found, keskar(z, set(seen), penalty), rtol=1e-12)
    assert (found[[0, 1, 14]] == z[[0, 1, 14]]).all()
    p, q = sampling.softmax(z), sampling.softmax(found)
    if penalty == 1:
        assert (found == z).all()
    else:
        assert q[[3, 7, 11]].sum() < p[[3, 7, 11]].sum()
        assert (found[[3, 7, 11]] < z[[3, 7, 11]]).all()


def test_a_penalty_leaves_what_is_given_alone_and_what_is_forbidden_forbidden():
    z = np.array([2.0, NOTHING, 0.0])
    assert sampling.penalised(z, [0, 1, 2], 2.0).tolist() == [1.0, NOTHING, 0.0]
    assert z.tolist() == [2.0, NOTHING, 0.0]
    assert (sampling.penalised(z, [], 5.0) == z).all()
    for wrong in (0.5, math.inf):
        with pytest.raises(ValueError, match=str(wrong)):
            sampling.penalised(z, [], wrong)


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 10.0])
def test_a_mask_is_never_broken_and_changes_no_proportions(temperature):
    z, legal = logits(12, seed=7), np.arange(12) % 3 == 0
    p = sampling.probabilities(sampling.masked(z, legal), temperature)
    assert (p[~legal] == 0).all()
    random = np.random.default_rng(1)
    assert all(legal[sampling.draw(p, random.random())] for _ in range(2000))
    if temperature:
        expected = torch.tensor(z / temperature)[torch.tensor(legal)].softmax(0).numpy()
        assert np.allclose(p[legal], expected, rtol=1e-9)
    with pytest.raises(ValueError, match="No symbol is legal"):
        sampling.masked(z, np.zeros(12, bool))


@pytest.mark.parametrize("apart", [0.5, 2.0])
def test_entropy_against_temperature_of_two_symbols_is_that_of_a_coin(apart):
    temperatures = np.geomspace(0.05, 10, 12)
    found = sampling.entropies(np.array([0.0, apart]), temperatures)
    p = 1 / (1 + np.exp(-apart / temperatures))
    coin = -(p * np.log2(p) + (1 - p) * np.log2(np.maximum(1 - p, 1e-300)))
    assert np.allclose(found[:, 0], coin, atol=1e-9)
    assert np.allclose(found[:, 0], found[:, 1], rtol=1e-12)  # nothing is cut


def test_entropy_rises_with_temperature_as_the_variance_says():
    """dH/dT = Var(z) / T^3, the variance of the logits under the softmax, in nats."""
    z, T, step = logits(20, seed=8), 0.9, 1e-4
    below, above = sampling.entropies(z, [T - step, T + step])[:, 0] * math.log(2)
    p = sampling.softmax(z, T)
    variance = float(p @ z**2 - (p @ z) ** 2)
    assert (above - below) / (2 * step) == pytest.approx(variance / T**3, rel=1e-5)
    ends = sampling.entropies(z, [0.0, 1e9], top_k=4)
    assert ends[0].tolist() == [0.0, 0.0]
    assert ends[1] == pytest.approx([math.log2(20), 2.0], abs=1e-6)


def test_what_adjusts_logits_knows_all_that_came_before():
    read, _ = counting(6)
    asked = []

    def adjust(z, before):
        asked.append(list(before))
        return sampling.masked(z, ~np.isin(np.arange(6), before))

    drawn = list(sampling.generate(read, [0, 1], 4, adjust=adjust, temperature=3.0, seed=2))
    assert sorted([0, 1, *drawn]) == [0, 1, 2, 3, 4, 5]  # nothing comes twice
    assert asked == [[0, 1, *drawn[:i]] for i in range(4)]
