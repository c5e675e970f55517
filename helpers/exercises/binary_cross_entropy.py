"""Exercise on yes or no: binary cross-entropy from logits.

Notebook: 02_loss_functions. The oracle is torch's own function. Large logits are among the cases: what overflows or takes
the logarithm of zero is met with a hint of its own.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise

HUGE = 2000.0  # a logit whose exponential is infinite in float64 too, which ends at e^709


def _binary(generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([0.0, 2.0, -1.0]), torch.tensor([1.0, 1.0, 0.0])
    yield 3 * torch.randn(6, generator=generator), torch.rand(6, generator=generator)
    yield torch.tensor([HUGE, -HUGE, HUGE, -HUGE]), torch.tensor([0.0, 1.0, 1.0, 0.0])


@exercise(_binary)
def bce_from_logits(z: Float[Tensor, "example"], y: Float[Tensor, "example"]) -> Float[Tensor, "example"]:
    """Binary cross-entropy of each example, from its logit z and its target y between 0 and 1."""
    return F.binary_cross_entropy_with_logits(z, y, reduction="none")


@bce_from_logits.mistake
def written_out(z, y):
    """Right for small logits. For large ones your probability rounds to zero or one, and its logarithm is infinite, or
    zero times infinite. Stay with the logit: what becomes of the logarithm of the sigmoid?"""
    p = torch.sigmoid(z)
    return -y * p.log() - (1 - y) * (1 - p).log()


@bce_from_logits.mistake
def what_happened(z, y):
    """You look up the probability of what happened. With a target between zero and one both terms count; and for large
    logits that probability rounds to zero."""
    p = torch.sigmoid(z)
    return -torch.where(y > 0.5, p, 1 - p).log()


@bce_from_logits.mistake
def exponential_overflows(z, y):
    """You stay with the logit, which is right, but the exponential of a large one is infinite. Only ever take that of a
    number that is not positive."""
    return torch.log(1 + z.exp()) - y * z


@bce_from_logits.mistake
def other_exponential_overflows(z, y):
    """You stay with the logit, which is right, but the exponential of a very negative one's opposite is infinite. Only
    ever take that of a number that is not positive."""
    return torch.log(1 + (-z).exp()) + (1 - y) * z


@bce_from_logits.mistake
def capped(z, y):
    """Right for small logits, but the loss stops growing at a hundred: torch holds the logarithm there when it is given
    probabilities, and the gradient dies. Give it, or use, the logits."""
    return F.binary_cross_entropy(torch.sigmoid(z), y, reduction="none")


@bce_from_logits.mistake
def negative(z, y):
    """Your losses are negative: the logarithm of a probability is. Which sign is missing?"""
    return -bce_from_logits(z, y)


@bce_from_logits.mistake
def targets_swapped(z, y):
    """You have zero and one the wrong way round: a large logit says that one is likely."""
    return bce_from_logits(-z, y)


@bce_from_logits.mistake
def no_sigmoid(z, y):
    """You take logarithms of z itself. A logit is no probability yet."""
    return -y * z.log() - (1 - y) * (1 - z).log()


@bce_from_logits.mistake
def one_term(z, y):
    """Your loss leaves out what it costs to be wrong where the target is zero."""
    return -y * F.logsigmoid(z)


@bce_from_logits.mistake
def averaged(z, y):
    """You return one number, the mean. A number for each example was asked for."""
    return F.binary_cross_entropy_with_logits(z, y)
