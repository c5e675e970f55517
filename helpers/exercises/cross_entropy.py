"""Exercises on probabilities: softmax, cross-entropy of many classes from logits, and its gradient.

Notebook: 02_loss_functions. The oracles are torch's own functions and its autograd. Large logits are among the cases:
what overflows or takes the logarithm of zero is met with a hint of its own.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn import functional as F

from helpers.exercises import exercise
from helpers.exercises.binary_cross_entropy import HUGE

Logits = Float[Tensor, "classes"]


def _tempered(generator: Generator) -> Iterator[tuple[Logits, float]]:
    yield torch.tensor([1.0, 2.0]), 1.0
    yield torch.tensor([1.0, 0.0, -1.0]), 2.0
    for classes, temperature in ((4, 0.5), (6, 3.0)):
        yield 2 * torch.randn(classes, generator=generator), temperature
    yield torch.tensor([HUGE, HUGE - 1, 0.0]), 1.0


@exercise(_tempered)
def softmax(z: Logits, temperature: float) -> Logits:
    """Probabilities from logits, at a temperature."""
    return F.softmax(z / temperature, 0)


@softmax.mistake
def overflowing(z, temperature):
    """Right for small logits, but the exponential of a large one is infinite. Only differences count: what could you
    subtract from all of them first?"""
    e = (z / temperature).exp()
    return e / e.sum()


@softmax.mistake
def without_temperature(z, temperature):
    """Your temperature changes nothing. Is it used, and inside the exponential? Outside it cancels."""
    return F.softmax(z, 0)


@softmax.mistake
def inverse_temperature(z, temperature):
    """Your temperature works the wrong way round: a high one should make the classes more alike."""
    return F.softmax(z * temperature, 0)


@softmax.mistake
def no_exponential(z, temperature):
    """You share in proportion to the logits themselves. Some are negative; what makes any number positive?"""
    return z / z.sum()


@softmax.mistake
def sigmoids(z, temperature):
    """Those are sigmoids, one for each class on its own. Together they should add up to one."""
    return torch.sigmoid(z / temperature)


@softmax.mistake
def relative_to_the_largest(z, temperature):
    """Your largest is always one. Divide by the sum of all, so that together they are one."""
    return ((z - z.max()) / temperature).exp()


@softmax.mistake
def logarithms(z, temperature):
    """Those are logarithms of the probabilities."""
    return F.log_softmax(z / temperature, 0)


@softmax.mistake
def hardmax(z, temperature):
    """You give everything to the largest logit. That is what softmax is the soft version of."""
    return F.one_hot(z.argmax(), len(z)).float()


def _targets(generator: Generator) -> Iterator[tuple[Logits, int]]:
    yield torch.tensor([1.0, 3.0]), 0
    for classes, target in ((3, 2), (5, 1), (8, 7)):
        yield 2 * torch.randn(classes, generator=generator), target
    yield torch.tensor([0.0, HUGE, -HUGE]), 2
    yield torch.tensor([HUGE, -10.0, 3.0]), 0


@exercise(_targets)
def cross_entropy(z: Logits, target: int) -> Tensor:
    """Cross-entropy of logits z with the number of the class that is true."""
    return F.cross_entropy(z, torch.tensor(target))


@cross_entropy.mistake
def all_classes(z, target):
    """You add up the terms of all classes. The target is zero for all but one: only its term survives."""
    return -F.log_softmax(z, 0).sum()


@cross_entropy.mistake
def positive(z, target):
    """Your losses are negative. Which sign is missing?"""
    return F.log_softmax(z, 0)[target]


@cross_entropy.mistake
def the_logit(z, target):
    """You look up the logit of the true class. It has to be compared with the others' first."""
    return -z[target]


@cross_entropy.mistake
def the_probability(z, target):
    """You return how much probability is missing. What is wanted grows without end as it goes to zero."""
    return 1 - F.softmax(z, 0)[target]


@cross_entropy.mistake
def log_of_softmax(z, target):
    """Right for small logits. For large ones an exponential is infinite or rounds to zero, and the loss is infinite with
    it. Take the logarithm on paper first, and then see that no exponent is positive."""
    return -F.softmax(z, 0)[target].log()


@cross_entropy.mistake
def overflowing_sum(z, target):
    """Right for small logits, but the exponential of a large one is infinite. Subtract the largest logit from all first."""
    return z.exp().sum().log() - z[target]


@cross_entropy.mistake
def overflowing_quotient(z, target):
    """Right for small logits, but the exponential of a large one is infinite, and infinite divided by infinite is NaN.
    Divide on paper first, before any number is put in."""
    return -(z.exp()[target] / z.exp().sum()).log()


@cross_entropy.mistake
def largest(z, target):
    """You look up the class that the logits like best. Which class was true?"""
    return -F.log_softmax(z, 0).max()


@cross_entropy.mistake
def softmax_twice(z, target):
    """You apply softmax twice: whatever takes logits, torch's cross-entropy too, does so itself."""
    return F.cross_entropy(F.softmax(z, 0), torch.tensor(target))


@cross_entropy.mistake
def in_bits(z, target):
    """Your logarithm is to base two: those are bits. Networks use the natural one."""
    return cross_entropy(z, target) / torch.log(torch.tensor(2.0))


@exercise(_targets)
def cross_entropy_gradient(z: Logits, target: int) -> Logits:
    """Derivative of the cross-entropy with respect to each logit."""
    z = z.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(z, torch.tensor(target)), z)
    return gradient


def _one_hot(z: Logits, target: int) -> Logits:
    return F.one_hot(torch.tensor(target), len(z)).float()


@cross_entropy_gradient.mistake
def downhill(z, target):
    """That is the way down. The gradient points uphill; the minus sign comes with the step."""
    return _one_hot(z, target) - F.softmax(z, 0)


@cross_entropy_gradient.mistake
def probabilities(z, target):
    """Those are the probabilities. The true class should be pulled up, so its entry is not positive."""
    return F.softmax(z, 0)


@cross_entropy_gradient.mistake
def true_class_only(z, target):
    """Your gradient is zero for the classes that were not true. Raising their logits lowers the true one's probability."""
    return (F.softmax(z, 0) - 1) * _one_hot(z, target)


@cross_entropy_gradient.mistake
def others_only(z, target):
    """Your gradient is zero for the class that was true: its logit counts as well."""
    return F.softmax(z, 0) * (1 - _one_hot(z, target))


@cross_entropy_gradient.mistake
def with_respect_to_probability(z, target):
    """That is the derivative with respect to the probabilities. One more link of the chain leads to the logits."""
    return -_one_hot(z, target) / F.softmax(z, 0)


@cross_entropy_gradient.mistake
def logits_minus_target(z, target):
    """You compare logits with the target. What are logits turned into before they are compared?"""
    return z - _one_hot(z, target)


@cross_entropy_gradient.mistake
def minus_everywhere(z, target):
    """You take one away from every class. From which one only?"""
    return F.softmax(z, 0) - 1


@cross_entropy_gradient.mistake
def overflow(z, target):
    """Right for small logits, but the exponential of a large one is infinite. Subtract the largest logit from all first."""
    e = z.exp()
    return e / e.sum() - _one_hot(z, target)


@cross_entropy_gradient.mistake
def the_loss(z, target):
    """That is the loss, one number. Wanted is how it changes with each logit."""
    return cross_entropy(z, target)
