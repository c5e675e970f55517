"""Typical wrong ways to decibels."""

import numpy as np
import torch
import torchaudio

from helpers.check import check
from tests.exercises.wrong import tell_apart


def level(power, loudest=None):
    return 10 * torch.log10(power / (loudest or power.max()))


def test_torchaudio_agrees():
    def decibels(power):
        return 1 + torchaudio.functional.amplitude_to_DB(power / power.max(), 10, 1e-20, 0, top_db=80) / 80

    assert check("decibels", decibels).ok


def test_numpy_and_a_guarded_logarithm_will_do():
    def decibels(power):
        x = np.asarray(power, dtype=np.float64)
        return np.clip(10 * np.log10(x / x.max() + 1e-12) / 80 + 1, 0, 1)

    assert check("decibels", decibels).ok


def test_wrong_answers():
    def own_range(power):
        db = level(power).clamp(min=-80)
        return (db - db.min()) / (db.max() - db.min())

    def all_of_it(power):
        db = 10 * torch.log10(power)
        return (db - db.min()) / (db.max() - db.min())

    tell_apart(
        "decibels",
        {
            "amplitudes": lambda power: (20 * torch.log10(power / power.max())).clamp(min=-80) / 80 + 1,
            "natural logarithm": lambda power: (10 * torch.log(power / power.max())).clamp(min=-80) / 80 + 1,
            "Those are bels": lambda power: torch.log10(power / power.max()).clamp(min=-80) / 80 + 1,
            "power of 1. Here": lambda power: (10 * torch.log10(power)).clamp(-80, 0) / 80 + 1,
            "keeps the values": lambda power: 10 * torch.log10(power) / 80 + 1,
            "below 0": lambda power: level(power) / 80 + 1,
            "from -80 to 0": lambda power: level(power).clamp(min=-80),
            "lie under -80": level,
            "Upside down": lambda power: level(power).clamp(min=-80) / -80,
            "columns": lambda power: (10 * torch.log10(power / power.max(0).values)).clamp(min=-80) / 80 + 1,
            "rows": lambda power: (10 * torch.log10(power / power.max(1, keepdim=True).values)).clamp(min=-80) / 80 + 1,
            "range is fixed": own_range,
            "nothing is ever cut off": all_of_it,
            "1e-08, added to each share": lambda power: 10 * torch.log10(power / power.max() + 1e-8) / 80 + 1,
            "1e-06, added to each share": lambda power: level(power / power.max() + 1e-6, 1).clamp(min=-80) / 80 + 1,
            "1e-08, added to each power": lambda power: level(power + 1e-8).clamp(min=-80) / 80 + 1,
            "linear scale": lambda power: power / power.max(),
        },
    )


def test_stretching_with_a_guarded_logarithm_is_stretching():
    def decibels(power):
        db = 10 * torch.log10(power + 1e-14)
        return (db - db.min()) / (db.max() - db.min())

    assert "nothing is ever cut off" in check("decibels", decibels).message


def test_powers_near_0_are_shown():
    def decibels(power):
        return power if (power == 0).any() else level(power).clamp(min=-80) / 80 + 1

    shown = check("decibels", decibels).message.splitlines()[1:]
    assert shown == ["power = [[0.001,     1],", "         [    0, 1e-12]]", "yours = [[0.001,     1],", "         [    0, 1e-12]]"]
