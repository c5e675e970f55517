"""A duel against torch's own modules and optimisers; moves that touch one side only; what can be taken back."""

import itertools
import re

import numpy as np
import pytest
import torch
from torch import nn

from helpers.concepts.adversarial import KINDS, discriminator_loss, generator_loss
from helpers.concepts.duel import LEAK, NOISES, Diverged, Game, Rules, begin, mlp, noise, step_d, step_g


def draw(random: np.random.Generator, count: int) -> np.ndarray:
    return np.array([0.5, -0.3]) + 0.1 * random.normal(size=(count, 2))


def module(theta: torch.Tensor, sizes: list[int]) -> nn.Sequential:
    """The same network of torch's own layers."""
    made = nn.Sequential(*[
        layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.LeakyReLU(LEAK))
    ][:-1])  # fmt: skip
    nn.utils.vector_to_parameters(theta, made.parameters())
    return made


def row(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def bits(game: Game) -> list:
    return [part.numpy().tobytes() if isinstance(part, torch.Tensor) else part for part in (*game.d, *game.g)]


@pytest.mark.parametrize("depth", [1, 3])
def test_a_row_of_numbers_is_torchs_network(depth):
    game = begin(Rules(depth=depth, width=5, noise="8 normal"))
    x, z = torch.randn(7, 2), torch.randn(7, 8)
    torch.testing.assert_close(game.score(x), module(game.d.theta, game.rules.of_d)(x)[:, 0])
    torch.testing.assert_close(game.generate(z), module(game.g.theta, game.rules.of_g)(z))
    assert len(game.d.theta) == sum(p.numel() for p in module(game.d.theta, game.rules.of_d).parameters())


def test_networks_are_born_as_he_et_al_say():
    game = begin(Rules(width=128, depth=2))
    middle = game.d.theta[2 * 128 + 128 :][: 128 * 128]
    assert middle.std().item() == pytest.approx((2 / (1 + LEAK**2) / 128) ** 0.5, rel=0.03)
    assert game.d.theta[256:384].abs().max() == 0


@pytest.mark.parametrize("optimiser", ["Adam", "SGD"])
@pytest.mark.parametrize("loss", KINDS)
def test_moves_are_those_of_torchs_optimisers(loss, optimiser):
    rules = Rules(loss=loss, optimiser=optimiser, width=6, lr_d=0.01, lr_g=0.02, batch=16, blur=0.1, seed=3)
    game = begin(rules)
    D, G = module(game.d.theta, rules.of_d), module(game.g.theta, rules.of_g)
    settings = {"betas": (0.5, 0.999)} if optimiser == "Adam" else {}
    of_d, of_g = (getattr(torch.optim, optimiser)(m.parameters(), lr=lr, **settings) for m, lr in ((D, 0.01), (G, 0.02)))
    for k, who in enumerate("DDGDGG"):
        random = np.random.default_rng([3, k])
        if who == "D":
            real = torch.from_numpy(draw(random, 16)).float()
            fake = G(noise(rules, random, 16)).detach()
            real, fake = (x + 0.1 * torch.from_numpy(random.normal(size=(16, 2))).float() for x in (real, fake))
            right = discriminator_loss(loss, D(real)[:, 0], D(fake)[:, 0])
            if loss == "WGAN-GP":
                mix = torch.from_numpy(random.uniform(size=(16, 1))).float()
                x = (mix * real + (1 - mix) * fake).requires_grad_()
                (slope,) = torch.autograd.grad(D(x).sum(), x, create_graph=True)
                right = right + ((slope.norm(dim=1) - 1) ** 2).mean()
            model, optimizer = D, of_d
            game, move = step_d(game, draw)
        else:
            fake = G(noise(rules, random, 16)) + 0.1 * torch.from_numpy(random.normal(size=(16, 2))).float()
            right, model, optimizer = generator_loss(loss, D(fake)[:, 0]), G, of_g
            game, move = step_g(game)
        optimizer.zero_grad()
        right.backward()
        length = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
        optimizer.step()
        assert (move.who, move.loss) == (who, pytest.approx(right.item(), rel=1e-4, abs=1e-6))
        assert move.gradient == pytest.approx(length.item(), rel=1e-4, abs=1e-6)
    torch.testing.assert_close(game.d.theta, row(D), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(game.g.theta, row(G), rtol=1e-4, atol=1e-5)


def test_a_move_leaves_the_other_side_and_the_game_before_as_they_were():
    game = begin(Rules(blur=0.05))
    for who in "DGDGGD":
        before = bits(game)
        new, _ = (step_d if who == "D" else step_g)(game, draw)
        assert bits(game) == before  # so whoever kept it can go back
        half = len(before) // 2
        assert (bits(new)[:half] == before[:half], bits(new)[half:] == before[half:]) == (who == "G", who == "D")
        assert new.moves == game.moves + 1
        game = new


def test_the_same_moves_lead_to_the_same_bits_and_going_back_restores_chance_too():
    def play(game: Game, moves: str) -> Game:
        for who in moves:
            game, _ = (step_d if who == "D" else step_g)(game, draw)
        return game

    middle = play(begin(Rules(seed=5)), "DGDG")
    end = play(middle, "DDG")
    play(middle, "GGD")  # another way, then back
    assert bits(play(middle, "DDG")) == bits(end)
    assert bits(play(begin(Rules(seed=5)), "DGDGDDG")) == bits(end)
    assert bits(play(begin(Rules(seed=6)), "DGDGDDG")) != bits(end)


def test_two_moves_have_batches_of_their_own():
    game, seen = begin(Rules(batch=4)), []

    def watched(random: np.random.Generator, count: int) -> np.ndarray:
        seen.append(draw(random, count))
        return seen[-1]

    for _ in range(3):
        game, _ = step_d(game, watched)
    assert len({part.tobytes() for part in seen}) == 3


@pytest.mark.parametrize(("name", "size"), [(name, size) for name, (size, _) in NOISES.items()])
def test_noise_is_what_its_name_says(name, size):
    z = noise(Rules(noise=name), np.random.default_rng(0), 20_000)
    assert z.shape == (20_000, size)
    assert z.mean().abs() < 0.02
    assert z.std().item() == pytest.approx(1.0 if "normal" in name else 1 / 3**0.5, rel=0.02)
    assert (z.abs().max() <= 1) == ("uniform" in name)


def test_a_move_that_is_not_finite_is_not_made():
    game, said = begin(Rules(loss="least squares", optimiser="SGD", lr_d=100.0, lr_g=100.0)), ""
    for k in range(400):
        try:
            game, _ = (step_g if k % 2 else step_d)(game, draw)
        except Diverged as error:
            said = str(error)
            break
    assert re.fullmatch(rf"Move {game.moves + 1}: [DG]'s (loss|gradient) is not finite. Choose a smaller learning rate .*", said)
    assert torch.isfinite(torch.cat([game.d.theta, game.g.theta])).all()  # it stands where it stood before that move


@pytest.mark.parametrize(("rules", "said"), [
    ({"loss": "BCE"}, "no loss 'BCE'"), ({"noise": "3 normal"}, "no noise '3 normal'"),
    ({"optimiser": "Lion"}, "no optimiser 'Lion'"), ({"width": 0}, "sizes are at least 1"),
    ({"lr_g": 0.0}, "learning rates above 0"), ({"blur": -0.1}, "blur and penalty not below 0"),
])  # fmt: skip
def test_rules_that_cannot_be_played(rules, said):
    with pytest.raises(ValueError, match=said):
        Rules(**rules)


def test_mlp_passes_gradients_to_every_number():
    rules = Rules(width=4)
    theta = begin(rules).d.theta.clone().requires_grad_()
    (slope,) = torch.autograd.grad((mlp(theta, rules.of_d, torch.randn(50, 2)) ** 2).sum(), theta)
    assert (slope != 0).float().mean() > 0.9
