"""An exercise on attention in a translating RNN: where to look.

Notebook: 05_rnns. The oracle scores all states in one matrix product. After Bahdanau, Cho and Bengio, 2015.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from helpers.exercises import exercise


def _asked(generator: Generator) -> Iterator[tuple[Tensor, ...]]:
    for time, width, inner in ((2, 2, 3), (4, 3, 3), (6, 5, 2), (9, 4, 4)):
        shapes = (width,), (time, width), (inner, width), (inner, width), (inner,)
        yield tuple(1.5 * torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


@exercise(_asked)
def where_to_look(
    s: Float[Tensor, "width"],
    H: Float[Tensor, "time width"],
    W: Float[Tensor, "inner width"],
    U: Float[Tensor, "inner width"],
    v: Float[Tensor, "inner"],
) -> Float[Tensor, "time"]:
    """Bahdanau's weights of a decoder in state s for each of the encoder's states, the rows of H."""
    joined = torch.cat([s.expand_as(H), H], 1) @ torch.cat([W, U], 1).T
    return torch.softmax(joined.tanh() @ v, 0)


@where_to_look.mistake
def scores(s, H, W, U, v):
    """These are the scores. The weights are positive and add up to 1: which function does that?"""
    return torch.tanh(W @ s + H @ U.T) @ v


@where_to_look.mistake
def straight(s, H, W, U, v):
    """Nothing is squashed before the scores are read off: then the question drops out, and every decoder state looks at the
    same place."""
    return torch.softmax((W @ s + H @ U.T) @ v, 0)


@where_to_look.mistake
def squashed_late(s, H, W, U, v):
    """You squash the score; it is what goes into the score that is squashed."""
    return torch.softmax(torch.tanh((W @ s + H @ U.T) @ v), 0)


@where_to_look.mistake
def nobody_asks(s, H, W, U, v):
    """Your weights do not depend on the decoder's state: where to look is the same at every step."""
    return torch.softmax(torch.tanh(H @ U.T) @ v, 0)


@where_to_look.mistake
def matrices_swapped(s, H, W, U, v):
    """You use the question's matrix for the encoder's states, and theirs for the question."""
    return torch.softmax(torch.tanh(U @ s + H @ W.T) @ v, 0)


@where_to_look.mistake
def each_for_itself(s, H, W, U, v):
    """Each of your weights is between 0 and 1 by itself; they do not compete, and do not add up to 1."""
    return torch.sigmoid(torch.tanh(W @ s + H @ U.T) @ v)


@where_to_look.mistake
def the_best_alone(s, H, W, U, v):
    """You look at one place only. A choice that hard has no gradient: let the others keep a share."""
    e = torch.tanh(W @ s + H @ U.T) @ v
    return (torch.arange(len(e)) == e.argmax()).double()
