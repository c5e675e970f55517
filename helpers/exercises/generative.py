"""Exercises on the smallest generative models: Bayes' rule, one step of EM, noise that becomes data; whose density is known.

Notebook: 07_generative_models. The oracles: softmax of a sum of logarithms, a product of matrices, an empirical quantile.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise, judged


def _classes(generator: Generator) -> Iterator[tuple[Float[Tensor, "class"], Float[Tensor, "class"]]]:
    yield torch.tensor([-1.0, -2.0]), torch.tensor([0.9, 0.1])
    yield torch.tensor([-2.0, -1.0]), torch.tensor([0.9, 0.1])  # the likelihood says one, the prior the other
    for classes, far in ((3, 0.0), (5, -4.0), (11, -3000.0)):  # a picture's likelihood is e to the minus thousands
        prior = torch.rand(classes, generator=generator) + 0.1
        yield far + 2 * torch.randn(classes, generator=generator), prior / prior.sum()


@exercise(_classes)
def class_posterior(log_likelihood: Float[Tensor, "class"], prior: Float[Tensor, "class"]) -> Float[Tensor, "class"]:
    """P(class | x) from log P(x | class) and P(class)."""
    return torch.softmax(log_likelihood + prior.log(), 0)


@class_posterior.mistake
def without_prior(log_likelihood, prior):
    """You leave out how frequent the classes are. A rare class needs better evidence."""
    return torch.softmax(log_likelihood, 0)


@class_posterior.mistake
def prior_alone(log_likelihood, prior):
    """You answer with the prior: what was believed before anything was heard."""
    return prior.clone()


@class_posterior.mistake
def added_to_a_logarithm(log_likelihood, prior):
    """You add the prior itself to a logarithm. Products become sums only where both sides are logarithms."""
    return torch.softmax(log_likelihood + prior, 0)


@class_posterior.mistake
def not_normalised(log_likelihood, prior):
    """That is the joint probability. What you return does not add up to one over the classes."""
    return log_likelihood.exp() * prior


@class_posterior.mistake
def underflow(log_likelihood, prior):
    """For a whole picture yours divides nought by nought: e to the minus three thousand is nought in a computer. Stay with
    logarithms as long as you can."""
    joint = log_likelihood.exp() * prior
    return joint / joint.sum()


@class_posterior.mistake
def one_winner(log_likelihood, prior):
    """You name the likeliest class. The question is how sure one may be of each."""
    return torch.nn.functional.one_hot((log_likelihood + prior.log()).argmax(), len(prior)).float()


@class_posterior.mistake
def still_logarithms(log_likelihood, prior):
    """Those are logarithms of probabilities. Return the probabilities."""
    return torch.log_softmax(log_likelihood + prior.log(), 0)


def _shares(generator: Generator) -> Iterator[tuple[Float[Tensor, "point 2"], Float[Tensor, "point component"]]]:
    yield torch.tensor([[0.0, 0.0], [1.0, 2.0], [4.0, 6.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    yield torch.tensor([[0.0, 0.0], [1.0, 2.0], [4.0, 6.0]]), torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    for points, components in ((6, 1), (9, 3), (20, 4)):
        x = torch.randn(points, 2, generator=generator)
        yield x, torch.softmax(2 * torch.randn(points, components, generator=generator), 1)


@exercise(_shares)
def component_means(points: Float[Tensor, "point 2"], shares: Float[Tensor, "point component"]) -> Float[Tensor, "component 2"]:
    """The M step: where each component's centre goes, if each point belongs to the components in these shares."""
    return shares.T @ points / shares.sum(0)[:, None]


@component_means.mistake
def all_points_alike(points, shares):
    """All your components go to the middle of everything. A point should draw a component only as far as it belongs to it."""
    return points.mean(0).expand(shares.shape[1], -1).clone()


@component_means.mistake
def over_all_points(points, shares):
    """Your weighted sums are divided by the number of points. A component that owns little would always be drawn to the
    origin: how much does it own?"""
    return shares.T @ points / len(points)


@component_means.mistake
def a_sum(points, shares):
    """That is a weighted sum. Twice as many points at the same places would move your centres."""
    return shares.T @ points


@component_means.mistake
def winners_only(points, shares):
    """You let each point belong wholly to its likeliest component, as k-means does. Here it belongs in shares."""
    hard = torch.nn.functional.one_hot(shares.argmax(1), shares.shape[1]).float()
    return hard.T @ points / hard.sum(0).clamp(min=1)[:, None]


@component_means.mistake
def squared_shares(points, shares):
    """Your weights are not the shares: sure points count too much."""
    return (shares**2).T @ points / (shares**2).sum(0)[:, None]


def _noise(generator: Generator) -> Iterator[tuple[Float[Tensor, "draw"], Float[Tensor, "example"]]]:
    yield torch.tensor([0.1, 0.3, 0.6, 0.9]), torch.tensor([5.0, 1.0, 2.0, 10.0])
    yield torch.tensor([0.9, 0.1, 0.45]), torch.tensor([3.0, 3.0, 3.0, 8.0, 1.0])
    # near the edges of the five shares
    yield torch.tensor([0.19, 0.21, 0.39, 0.41, 0.79, 0.81]), torch.tensor([4.0, 9.0, 1.0, 2.0, 7.0])
    for draws, examples in ((5, 1), (12, 7), (30, 40)):
        u = torch.rand(draws, generator=generator)
        yield (u * examples).floor() / examples + 0.5 / examples, torch.randn(examples, generator=generator).exp()


@exercise(_noise)
def noise_to_data(noise: Float[Tensor, "draw"], data: Float[Tensor, "example"]) -> Float[Tensor, "draw"]:
    """The example at the same place among the sorted data as the noise has between 0 and 1."""
    return data.sort().values[(noise * len(data)).long().clamp(max=len(data) - 1)]


@noise_to_data.mistake
def unsorted(noise, data):
    """Yours takes examples in the order in which they happen to lie. Then near noises become far data: put the data in order."""
    return data[(noise * len(data)).long()]


@noise_to_data.mistake
def stretched(noise, data):
    """Yours stretches the noise between the least and the largest example. What comes out is as uniform as what went in."""
    return data.min() + noise * (data.max() - data.min())


@noise_to_data.mistake
def from_above(noise, data):
    """Yours runs the other way: small noise gives large data."""
    return data.sort(descending=True).values[(noise * len(data)).long()]


@noise_to_data.mistake
def sorted_draws(noise, data):
    """Your draws come out in order of size. Each noise has its own datum; keep the order of the noise."""
    return data.sort().values[(noise.sort().values * len(data)).long()]


@noise_to_data.mistake
def rounded(noise, data):
    """In yours the least and the largest example are drawn half as often as the others. Each has the same share of the noises."""
    return data.sort().values[(noise * (len(data) - 1)).round().long()]


@noise_to_data.mistake
def bell(noise, data):
    """Yours draws from a Gaussian with the data's mean and deviation. The data need not look like one."""
    spread = data.std() if len(data) > 1 else 0.0
    return data.mean() + spread * torch.special.ndtri(noise)


EXACT, BOUND, SAMPLES = {"naive Bayes", "Gaussian mixture", "GRU", "transformer"}, {"VAE", "diffusion"}, {"GAN", "consistency"}


@judged
def exact_densities(answer: object) -> str | None:
    """What is wrong with a list of those of eight models whose training gives the exact probability of an example, or None.

    In closed form or as a product. Diffusion has a number too, from the solver of an ordinary differential equation (Y. Song et
    al., Score-based generative modeling, ICLR, 2021), as exact as the solver is; that is no answer to this question.
    """
    if not isinstance(answer, list | tuple | set) or not all(isinstance(name, str) for name in answer):
        return "Give a list of names, each in quotes."
    known = {name.lower(): name for name in EXACT | BOUND | SAMPLES}
    if unknown := [name for name in answer if name.strip().lower() not in known]:
        return f"{unknown[0]!r} is none of the eight names."
    names = {known[name.strip().lower()] for name in answer}
    if names == EXACT:
        return None
    if names & SAMPLES:
        return "One of yours only draws: whatever you show it, it has no number for it."
    if names & BOUND:
        return (
            "One of yours has a bound from its training: it sums over hidden causes, or over ways through noise, that nobody can "
            "sum over exactly. Diffusion, run as a differential equation, gets a number from its solver; still not in closed form."
        )
    if not {"GRU", "transformer"} & names:
        return "What of models that tell one symbol after the other? Each time they give a probability, and probabilities multiply."
    return f"All of yours are right, but {len(EXACT - names)} more can do it."
