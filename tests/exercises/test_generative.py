"""Typical wrong ways with Bayes' rule, an M step, and noise that becomes data."""

import math

import torch

from helpers.check import check
from helpers.exercises.generative import noise_to_data
from tests.exercises.wrong import tell_apart


def posterior(log_likelihood, prior):
    joint = [float(value) + math.log(float(p)) for value, p in zip(log_likelihood, prior)]
    most = max(joint)
    parts = [math.exp(j - most) for j in joint]
    return [part / sum(parts) for part in parts]


def means(points, shares):
    found = []
    for k in range(shares.shape[1]):
        total = sum(float(s[k]) for s in shares)
        found.append([sum(float(s[k]) * float(p[axis]) for p, s in zip(points, shares)) / total for axis in range(2)])
    return torch.tensor(found)


def test_loops_will_do():
    assert check("class_posterior", posterior).ok
    assert check("component_means", means).ok
    assert check("noise_to_data", lambda noise, data: [sorted(data.tolist())[int(u * len(data))] for u in noise.tolist()]).ok


def test_wrong_posteriors():
    tell_apart(
        "class_posterior",
        {
            "how frequent": lambda ll, prior: posterior(ll, torch.ones(len(prior))),
            "before anything was heard": lambda ll, prior: prior / prior.sum(),
            "both sides are logarithms": lambda ll, prior: posterior(ll, prior.exp()),
            "add up to one": lambda ll, prior: torch.exp(ll + prior.log()),
            "nought by nought": lambda ll, prior: (ll.exp() * prior) / (ll.exp() * prior).sum(),
            "likeliest class": lambda ll, prior: (ll + prior.log() == (ll + prior.log()).max()).float(),
            "Return the probabilities": lambda ll, prior: torch.tensor(posterior(ll, prior)).log(),
        },
    )


def test_wrong_means():
    tell_apart(
        "component_means",
        {
            "middle of everything": lambda x, s: x.mean(0) + torch.zeros(s.shape[1], 1),
            "number of points": lambda x, s: torch.stack([(s[:, k, None] * x).mean(0) for k in range(s.shape[1])]),
            "Twice as many points": lambda x, s: torch.stack([(s[:, k, None] * x).sum(0) for k in range(s.shape[1])]),
            "k-means": lambda x, s: torch.stack(
                [x[s.argmax(1) == k].mean(0) if (s.argmax(1) == k).any() else torch.zeros(2) for k in range(s.shape[1])]
            ),
        },
    )


def test_wrong_ways_from_noise_to_data():
    tell_apart(
        "noise_to_data",
        {
            "happen to lie": lambda u, x: torch.stack([x[int(v * len(x))] for v in u]),
            "uniform as what went in": lambda u, x: torch.lerp(x.min(), x.max(), u),
            "other way": lambda u, x: x.sort().values.flip(0)[(u * len(x)).long()],
            "half as often": lambda u, x: torch.stack([sorted(x)[round(v * (len(x) - 1))] for v in u.tolist()]),
            "order of the noise": lambda u, x: x.sort().values[(u * len(x)).long()].sort().values,
            "need not look": lambda u, x: x.mean() + (x.std() if len(x) > 1 else 0) * math.sqrt(2) * torch.erfinv(2 * u - 1),
        },
    )


def test_every_datum_has_an_equal_share_of_the_noises():
    data, noise = torch.tensor([4.0, 9.0, 1.0, 2.0, 7.0]), (torch.arange(1000) + 0.5) / 1000
    drawn = noise_to_data(noise, data)
    assert [(drawn == x).sum().item() for x in data] == [200] * 5
    assert (noise_to_data.mistakes[-2](noise, data) == 1).sum() == 125  # the least one


def test_diffusion_is_an_exception_that_has_a_name():
    message = check("exact_densities", ["GRU", "transformer", "naive Bayes", "Gaussian mixture", "diffusion"]).message
    assert "differential equation" in message


def test_whose_density_is_known():
    assert check("exact_densities", ["GRU", "transformer", "naive Bayes", "gaussian mixture "]).ok
    tell_apart(
        "exact_densities",
        {
            "only draws": ["GRU", "transformer", "naive Bayes", "Gaussian mixture", "GAN"],
            "has a bound from its training": ["GRU", "transformer", "naive Bayes", "Gaussian mixture", "VAE"],
            "probabilities multiply": ["naive Bayes", "Gaussian mixture"],
            "1 more can do it": ["GRU", "transformer", "naive Bayes"],
            "none of the eight": ["WaveNet"],
            "list of names": "GRU",
        },
    )
