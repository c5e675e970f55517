"""Augmentation against what it says: a known note comes out where the arithmetic puts it, by NumPy's interpolation."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.concepts import augment


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def notes():
    x = torch.rand(24, 1, 64, 64, generator=seeded(1))
    x[:, :, 40:] = 0.0
    return x, torch.tensor([0, 1, 2, 3] * 6)


def test_rows_are_those_of_the_spectrogram():
    hz = audio.mel_frequencies()
    torch.testing.assert_close(augment._hz(torch.arange(64), 64), hz, rtol=1e-4, atol=0.01)
    torch.testing.assert_close(augment._row(hz, 64), torch.arange(64.0), rtol=0, atol=1e-3)


def test_transposing_equals_interpolation_by_numpy(notes):
    x, _ = notes
    y = augment.transpose(x, seeded(), semitones=9)
    semitones = 9 * (2 * torch.rand(len(x), 1, 1, 1, generator=seeded()).flatten().double().numpy() - 1)
    mel = np.linspace(2595 * np.log10(1 + 30 / 700), 2595 * np.log10(1 + 8000 / 700), 66)[1:-1]
    hz = 700 * (10 ** (mel / 2595) - 1)
    for note, s in enumerate(semitones):
        rows = np.interp(2595 * np.log10(1 + hz * 2 ** (-s / 12) / 700), mel, np.arange(64))
        lowest = hz * 2 ** (-s / 12)
        inside = (lowest > hz[0]) & (lowest < hz[-1])
        for column in (0, 17, 63):
            expected = np.interp(rows, np.arange(64), x[note, 0, :, column].double().numpy())
            np.testing.assert_allclose(y[note, 0, inside, column], expected[inside], atol=1e-4)


def test_an_octave_up_puts_a_tone_an_octave_higher():
    seconds = torch.arange(4 * audio.RATE) / audio.RATE
    low, high = (audio.log_mel(torch.sin(2 * torch.pi * f * seconds)[None])[:, None] for f in (600.0, 1200.0))
    draws = torch.rand(256, 1, 1, 1, generator=seeded()).flatten()
    most = draws.argmax()
    moved = augment.transpose(low.expand(256, -1, -1, -1), seeded(), semitones=12.0)[most]
    assert abs(int(moved[0, :, 30].argmax()) - int(high[0, 0, :, 30].argmax())) <= 1
    assert int(moved[0, :, 30].argmax()) - int(low[0, 0, :, 30].argmax()) > 8


def test_no_semitones_no_colour_no_blend_change_nothing(notes):
    x, y = notes
    torch.testing.assert_close(augment.transpose(x, seeded(), semitones=0.0), x, atol=1e-4, rtol=0)
    assert torch.equal(augment.colour(x, seeded(), tilt=0.0, gain=0.0), x)
    assert torch.equal(augment.blend(x, y, seeded(), most=0.0), x)


def test_a_note_is_blended_with_one_of_its_own_family_only():
    y = torch.tensor([0, 0, 1, 1, 1, 2])
    x = torch.zeros(6, 1, 64, 64)
    x[range(6), 0, range(6), 0] = 1.0  # each note is a cell of its own
    blended = augment.blend(x, y, seeded())[:, 0, :6, 0]
    torch.testing.assert_close(blended.sum(1), torch.ones(6))
    own, other = blended.diagonal(), blended - torch.diag(blended.diagonal())
    assert (own >= 0.5).all()
    assert ((other > 0) <= (y[:, None] == y[None])).all()
    given = (other > 0).sum(1)
    assert given.max() == 1
    assert [int(given[y == family].sum()) for family in range(3)] == [1, 2, 0]  # all but the first of each
    assert torch.equal(blended[5], x[5, 0, :6, 0])


def test_colour_is_a_straight_line_over_the_rows_within_its_bounds():
    x = torch.full((400, 1, 64, 3), 0.5)
    x[:, :, 10] = 0.0
    change = augment.colour(x, seeded(), tilt=0.15, gain=0.1)[:, 0, :, 0] - x[:, 0, :, 0]
    assert (change[:, 10] == 0).all()  # silence stays silent
    rows = np.delete(np.arange(64), 10)
    slopes, middles = np.polyfit(np.linspace(-1, 1, 64)[rows], change[:, rows].T.double().numpy(), 1)
    np.testing.assert_allclose(change[:, rows], np.outer(slopes, np.linspace(-1, 1, 64)[rows]) + middles[:, None], atol=1e-6)
    assert 0.14 < abs(slopes).max() <= 0.15
    assert 0.09 < abs(middles).max() <= 0.1
    assert abs(np.corrcoef(slopes, middles)[0, 1]) < 0.2  # two draws, not one


def test_vary_repeats_itself_keeps_labels_and_range_and_leaves_its_input_alone(notes):
    x, y = notes
    kept, state = x.clone(), torch.get_rng_state()
    first, second, third = (augment.vary(x, y, seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[0], third[0])
    assert torch.equal(first[1], y)
    assert first[0].shape == x.shape
    assert 0 <= first[0].min() <= first[0].max() <= 1
    assert torch.equal(x, kept)
    assert torch.equal(torch.get_rng_state(), state)
