"""Typical wrong steps of a spiking neuron."""

import numpy as np

from helpers.check import check
from tests.exercises.wrong import tell_apart


def stepped(v, current, dt, tau, change=lambda v, c, dt, tau: dt / tau * (c - v), after=lambda u: 0.0, before=False):
    out, fired = [], []
    for u, inward in zip(v.tolist(), current.tolist()):
        moved = u + change(u, inward, dt, tau)
        fired.append((u if before else moved) >= 1)
        out.append(after(moved) if fired[-1] else moved)
    return np.array(out), fired


def test_a_loop_will_do():
    assert check("lif_step", stepped).ok


def test_wrong_steps():
    tell_apart(
        "lif_step",
        {
            "does not leak": lambda *args: stepped(*args, change=lambda v, c, dt, tau: dt / tau * c),
            "leak has the wrong sign": lambda *args: stepped(*args, change=lambda v, c, dt, tau: dt / tau * (c + v)),
            "has no part in your step": lambda *args: stepped(*args, change=lambda v, c, dt, tau: dt * (c - v)),
            "multiply by the time constant": lambda *args: stepped(*args, change=lambda v, c, dt, tau: dt * tau * (c - v)),
            "should be empty afterwards": lambda *args: stepped(*args, after=lambda u: u),
            "take the threshold away": lambda *args: stepped(*args, after=lambda u: u - 1),
            "spikes before the step": lambda *args: stepped(*args, before=True),
            "rests at the threshold": lambda *args: stepped(*args, after=lambda u: 1.0),
        },
    )
