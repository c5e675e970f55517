"""The numbers of a duel's picture. Notebook: 07b_gans. Concepts: helpers/concepts/adversarial.py, duel.py, fidelity.py."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers.concepts.adversarial import Kind, discriminator_loss, generator_loss, kind, pull
from helpers.concepts.duel import NOISES, Game
from helpers.datasets.clouds import REACH
from helpers.explorers.duel import arena
from helpers.explorers.duel.course import Course, length

PULLED = 48  # fakes with an arrow
TRAIL = 10  # places of the fakes' middle
CURVE = 400  # points of a course that are drawn


def numbers(state: dict, course: Course) -> dict:
    """Everything on the screen, at the move that is looked at; losses are those of the yard's points."""
    here, the_kind, yard = state["position"], kind(state["loss"]), course.yard
    game, mark, made = course.at(here), course.mark(here), [move.who for move in course.moves[:here]]
    fake = game.generate(yard.z)
    of_real, of_fake = game.score(yard.real.float()), game.score(fake)
    pulls = PULLED * pull(state["loss"], game.score, fake[:PULLED])  # each fake's own, not its share of the mean
    seen, low, high, middle = opinion(game, the_kind)
    return {
        "position": here, "of_d": made.count("D"), "of_g": made.count("G"), "moves": length(state["moves"]),
        "modes": mark.modes, "of": len(yard.cloud.centres), "quality": mark.quality, "mmd": mark.mmd,
        "wasserstein": mark.wasserstein, "floor": yard.floor,
        "loss_d": float(discriminator_loss(state["loss"], of_real, of_fake)),
        "loss_g": float(generator_loss(state["loss"], of_fake)), "even": the_kind.d, "even_g": the_kind.g,
        "opinion": seen, "low": low, "high": high, "middle": middle,
        "real": yard.real.numpy(), "fake": morphed(yard.z, fake, state["morph"]).numpy(),
        "manifold": manifold(game, state["morph"]), "trail": trail(course, here),
        "pulled": fake[:PULLED].numpy(), "pull": pulls.numpy(), "strongest": float(pulls.norm(dim=1).max()),
        "marks": marks(course, length(state["moves"])), **curves(course, length(state["moves"])),
    }  # fmt: skip


def opinion(game: Game, the_kind: Kind) -> tuple[Float[np.ndarray, "y x"], float, float, float]:
    """What D says of each place, the ends of its colours, and where it is undecided (0 where it never is)."""
    at = torch.linspace(-REACH, REACH, arena.NODES)
    scores = game.score(torch.stack(torch.meshgrid(at, at, indexing="xy"), -1))
    if game.rules.loss in arena.CLASSIFIERS:
        return torch.sigmoid(scores).numpy(), 0.0, 1.0, 0.5
    if the_kind.middle is not None:
        half = 0.5 if game.rules.loss == "least squares" else 1.0
        return scores.numpy(), the_kind.middle - half, the_kind.middle + half, the_kind.middle
    low, high = float(scores.min()), float(scores.max())
    return scores.numpy(), low, max(high, low + 1e-6), 0.0


def morphed(z: Float[Tensor, "*batch noise"], points: Float[Tensor, "*batch 2"], way: float) -> Float[Tensor, "*batch 2"]:
    """Points on their way from the noise they were made of (its first two numbers, half as large) to where G puts them."""
    start = torch.cat([z, torch.zeros_like(z)], -1)[..., :2] / 2
    return points if way == 1 else (1 - way) * start + way * points


def manifold(game: Game, way: float) -> Float[np.ndarray, "line point 2"]:
    """A net over the noise as G folds it; nothing where noise has more than two numbers."""
    size, normal = NOISES[game.rules.noise]
    ends, along = (2.0 if normal else 1.0), torch.linspace(-1, 1, arena.ALONG)
    if size > 2:
        return np.zeros((0, 0, 2))
    if size == 1:
        net = ends * torch.linspace(-1, 1, 8 * arena.ALONG)[None, :, None]
    else:
        net = ends * torch.stack(torch.meshgrid(torch.linspace(-1, 1, arena.LINES), along, indexing="ij"), -1)
        net = torch.cat([net, net.flip(-1)])
    return morphed(net, game.generate(net), way).numpy()


def trail(course: Course, here: int) -> Float[np.ndarray, "place 2"]:
    """Where the middle of all fakes was lately, every few moves, up to the one that is looked at."""
    return np.array([mark.middle for mark in course.marks if mark.move < here][-TRAIL:] + [course.mark(here).middle])


def curves(course: Course, end: int) -> dict[str, np.ndarray]:
    """Rows of move and loss, and of move and log₁₀ of the gradient's length, of each side."""
    found = {}
    made = np.array([(move.who == "D", move.loss, move.gradient) for move in course.moves[:end]]).reshape(-1, 3)
    for who, whose in (("D", made[:, 0] == 1), ("G", made[:, 0] == 0)):
        at = thinned(np.flatnonzero(whose))
        found[f"{who} loss"] = np.column_stack([at + 1, made[at, 1]])
        found[f"{who} gradient"] = np.column_stack([at + 1, np.log10(np.maximum(made[at, 2], 1e-12))])
    return found


def marks(course: Course, end: int) -> Float[np.ndarray, "mark 4"]:
    """Rows of move, share of modes, share of fakes near one, log₁₀ of MMD²."""
    of = max(len(course.yard.cloud.centres), 1)
    measured = [mark for mark in course.marks if mark.move < end] + [course.mark(end)]
    return thinned(np.array([[m.move, m.modes / of, m.quality, np.log10(max(m.mmd, 1e-9))] for m in measured]))


def thinned(rows: np.ndarray) -> np.ndarray:
    """Enough of a course to draw it: the last is always among them."""
    return rows[:: -max(1, len(rows) // CURVE)][::-1]
