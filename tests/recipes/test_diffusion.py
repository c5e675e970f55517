"""How the diffusion model and its consistency model are trained: each part against what it must do."""

import copy
import math

import pytest
import torch

from helpers.datasets.harmonics import load_harmonics
from helpers.models.denoiser import Denoiser, signal
from helpers.models.jumper import SMALLEST, Jumper
from helpers.models.pictures import KINDS_OF_NOTE
from helpers.recipes import diffusion as d

WIDTHS = [8, 8, 8]
RECIPE = {"steps": 4, "batch": 8, "lr": 1e-3, "warm": 2, "withheld": 0.5, "average": 0.9, "seed": 0}


def made(kind=Denoiser):
    torch.manual_seed(0)
    return kind(WIDTHS)


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path):
    whole = d.descend(made(), d.v_loss, RECIPE)

    def tired(*args, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return d.v_loss(*args)

    with pytest.raises(KeyboardInterrupt):
        d.descend(made(), tired, RECIPE, tmp_path / "begun", every=2)
    resumed = d.descend(made(), d.v_loss, RECIPE, tmp_path / "begun", every=2)
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_run_does_not_go_on_from_that_of_another_recipe(tmp_path):
    d.descend(made(), d.v_loss, RECIPE, tmp_path / "begun", every=2)
    with pytest.raises(ValueError, match=r"begun by another recipe: .*'lr': 0.001.* there, .*'lr': 0.002.* here. Delete it"):
        d.descend(made(), d.v_loss, RECIPE | {"lr": 2e-3}, tmp_path / "begun", every=2)


def test_the_average_follows_the_weights():
    slow, fast = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    expected = 0.9 * slow.weight.detach() + 0.1 * fast.weight.detach()
    d.follow(slow, fast, 0.9)
    torch.testing.assert_close(slow.weight.detach(), expected)


def test_the_pace_rises_in_a_line_and_falls_along_a_cosine():
    paces = [d.pace(k, 100, 10) for k in range(100)]
    assert paces[0] == pytest.approx(0.1)
    assert max(paces) == paces[9]
    assert paces[50] == pytest.approx(0.5)
    assert paces[99] < 0.001


def test_about_that_share_of_families_is_withheld():
    family = torch.arange(10_000) % KINDS_OF_NOTE
    told = d.withhold(family, 0.15, torch.Generator().manual_seed(0))
    assert (told == KINDS_OF_NOTE).float().mean() == pytest.approx(0.15, abs=0.012)
    assert torch.equal(told[told != KINDS_OF_NOTE], family[told != KINDS_OF_NOTE])


def test_who_predicts_nothing_pays_the_power_of_v():
    """Half that of the noise and half that of the pictures."""
    pictures = load_harmonics("valid").picture
    power = (1 + float(signal(pictures).square().mean())) / 2
    assert d.loss_of_v(made(), pictures, None) == pytest.approx(power, rel=0.01)
    draw = torch.Generator().manual_seed(0)
    x_0 = signal(pictures)[torch.randperm(len(pictures), generator=draw)]  # they lie in the order of their families
    assert d.v_loss(made(), made(), x_0, torch.full((len(x_0),), 11), draw).item() == pytest.approx(power, rel=0.02)


def test_the_loss_of_v_is_that_of_the_formula():
    torch.manual_seed(1)
    model, x_0, family = made().eval(), signal(torch.rand(6, 24, 32)), torch.arange(6)
    torch.nn.init.normal_(model.last[2].weight, std=0.1)
    draw = torch.Generator().manual_seed(5)
    found = float(d.v_loss(model, model, x_0, family, draw))
    draw = torch.Generator().manual_seed(5)
    t = (torch.arange(6) + torch.rand(1, generator=draw)) / 6
    eps, angle = torch.randn(x_0.shape, generator=draw), (t * math.pi / 2)[:, None, None]
    v = angle.cos() * eps - angle.sin() * x_0
    said = model(angle.cos() * x_0 + angle.sin() * eps, t, family)
    assert found == pytest.approx(float((said - v).square().mean()), rel=0.01)  # bfloat16 has eight bits


def test_jumps_learn_from_the_averaged_model_and_the_teacher_and_leave_both_alone():
    torch.manual_seed(2)
    student, average, teacher = made(Jumper), made(Jumper), made()
    for model in (student, average, teacher):
        for p in model.parameters():
            torch.nn.init.normal_(p, std=0.1)
    before = copy.deepcopy((average, teacher))
    draw, notes = torch.Generator().manual_seed(0), load_harmonics("valid")[:8]
    d.jump_loss(student, average, signal(notes.picture), notes.family, draw, teacher, 20).backward()
    assert all(p.grad is not None for p in student.parameters())
    assert all(p.grad is None for model in (average, teacher) for p in model.parameters())
    for model, was in zip((average, teacher), before, strict=True):
        assert all(torch.equal(p, q) for p, q in zip(model.parameters(), was.parameters(), strict=True))


def test_the_loss_of_a_jump_is_that_of_the_formula():
    torch.manual_seed(2)
    student, average, teacher = made(Jumper), made(Jumper), made()
    for model in (student, average, teacher):
        torch.nn.init.normal_(model.get_parameter("last.2.weight" if model is teacher else "network.last.2.weight"), std=0.1)
    notes = load_harmonics("valid")[:4]
    x_0 = signal(notes.picture)
    found = float(d.jump_loss(student, average, x_0, notes.family, torch.Generator().manual_seed(0), teacher, 10).detach())
    draw = torch.Generator().manual_seed(0)
    k, eps = torch.randint(10, (4,), generator=draw), torch.randn(x_0.shape, generator=draw)
    t, to = (SMALLEST + (1 - SMALLEST) * (k + more) / 10 for more in (1, 0))
    angle, step = (t * math.pi / 2)[:, None, None], ((t - to) * math.pi / 2)[:, None, None]
    x = angle.cos() * x_0 + angle.sin() * eps
    there = step.cos() * x - step.sin() * teacher(x, t, notes.family)
    off = (student(x, t, notes.family) - average(there, to, notes.family)).flatten(1).norm(dim=1)
    c = 0.03 * math.sqrt(768)
    assert found == pytest.approx(float((torch.sqrt(off**2 + c**2) - c).mean().detach()), rel=0.03)  # bfloat16
