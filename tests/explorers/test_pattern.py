"""What a drawn kernel fires on, against torch and loops over the phrase's picture."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers import audio
from helpers.explorers import Pattern
from helpers.explorers.pattern.phrase import SCORE, phrase

DRAWN = [[1.0, 0, -1], [0, 2, 0], [-1, 0, 1]]
STATES = [
    {},
    {"kernel": "rising"},
    {"kernel": "falling", "size": 7, "threshold": 0.4},
    {"kernel": "held", "size": 3, "threshold": 1.0},
    {"kernel": "blur"},
    {"kernel": "drawn", "size": 3, "weights": DRAWN},
]


def by_hand(explorer: Pattern) -> np.ndarray:
    kernel = torch.as_tensor(explorer.result()["kernel"])
    return F.conv2d(phrase()[1].double()[None, None], kernel[None, None], padding=len(kernel) // 2)[0, 0].numpy()


@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_number_is_that_of_a_search_by_hand(state):
    explorer = Pattern(**state)
    result, y = explorer.result(), by_hand(explorer)
    np.testing.assert_allclose(result["response"], y, rtol=0, atol=1e-6)
    assert result["sum"] == pytest.approx(result["kernel"].sum())
    columns = [range(start, end) for _, start, end, *_ in SCORE]
    strongest = [max(0.0, max(float(y[row, c]) for row in range(64) for c in inside)) for inside in columns]
    np.testing.assert_allclose(result["strongest"], strongest, atol=1e-6)
    most = y.max()
    found = [(r, c) for r in range(64) for c in range(64) if y[r, c] > 0 and y[r, c] >= explorer.state["threshold"] * most]
    assert {tuple(cell) for cell in np.argwhere(result["matches"])} == set(found)
    rising = [inside for (kind, *_), inside in zip(SCORE, columns) if kind == "rising"]
    inside = [cell for cell in found if any(cell[1] in event for event in rising)]
    hit = [event for event in rising if any(cell[1] in event for cell in found)]
    assert result["precision"] == pytest.approx(len(inside) / max(1, len(found)))
    assert result["recall"] == pytest.approx(len(hit) / 2)


def test_a_preset_sums_to_nothing_so_that_loudness_alone_does_not_count():
    for kernel in ("rising", "falling", "held", "onset"):
        for size in (3, 5, 7):
            assert Pattern(kernel=kernel, size=size).result()["sum"] == pytest.approx(0, abs=1e-6)
    assert Pattern(kernel="blur").result()["sum"] == pytest.approx(1)


def test_a_rising_kernel_finds_the_rising_glissandi():
    result = Pattern(kernel="rising", size=7).result()
    kinds = [kind for kind, *_ in SCORE]
    assert kinds[int(result["strongest"].argmax())] == "rising"
    assert result["recall"] == 1


def test_the_phrase_is_what_its_score_says():
    """By the FFT of each column's samples: where a glissando begins and ends, and which bands a click fills."""
    x, mel, events = phrase()
    hertz = audio.mel_frequencies()
    assert np.abs(x.numpy()).max() <= 1
    for (kind, start, end, low, high), event in zip(SCORE, events):
        assert (event.kind, event.start, event.end) == (kind, start, end)
        if kind == "click":
            assert (mel[:, start:end].amax(1) > 0.3).all()
            continue
        for column, band in ((start + 1, low), (end - 2, high)):
            part = x[column * audio.HOP : (column + 1) * audio.HOP].double() * torch.hann_window(audio.HOP).double()
            peak = float(torch.fft.rfft(part, 1 << 16).abs().argmax()) * audio.RATE / (1 << 16)
            at = band + (high - low) * (1.5 / (end - start)) * (1 if band == low else -1)
            expected = float(torch.as_tensor(np.interp(at, range(64), hertz)))
            assert peak == pytest.approx(expected, rel=0.06)
    quiet = [c for c in range(64) if not any(start - 2 <= c < end + 2 for _, start, end, *_ in SCORE)]
    assert mel[:, quiet].max() < 0.2 if quiet else True


def test_only_the_matches_are_heard():
    explorer = Pattern(kernel="rising", size=7)
    whole, heard = (track.samples for track in explorer.tracks())
    assert len(heard) == len(whole) == 64_000
    found = explorer.result()["matches"].any(0)
    reach = np.convolve(found, np.ones(15), "same") > 0  # a window of 7 columns, and the spectrogram's own
    silent = np.repeat(~np.convolve(reach, np.ones(3), "same").astype(bool), audio.HOP)
    assert silent.sum() > 8_000
    assert np.abs(heard[silent]).max() < 1e-3
    assert 0.05 < np.abs(heard).max() <= 1
    assert np.square(heard).sum() < np.square(whole).sum()


def test_nothing_matches_nothing_is_heard():
    explorer = Pattern()
    assert not explorer.result()["matches"].any()
    assert np.abs(explorer.tracks()[1].samples).max() < 1e-6
    assert "fires nowhere" in explorer.alt()
    assert "balance them" in explorer.grid.caption


def test_outlines_cover_the_matches_and_nothing_else():
    explorer = Pattern(kernel="held", threshold=0.3)
    covered = np.zeros((64, 64), int)
    for mark in explorer.grid.marks:
        assert (mark["panel"], mark["height"]) == ("phrase", 1)
        covered[mark["row"], mark["column"] : mark["column"] + mark["width"]] += 1
    assert np.array_equal(covered, explorer.result()["matches"])


def test_words_say_the_numbers():
    explorer = Pattern(kernel="blur", threshold=0.5)
    result = explorer.result()
    assert f"{round(100 * result['precision'])} %" in explorer.alt()
    assert "add up to 1.00" in explorer.alt()
    assert f"{max(result['strongest'][[1, 5]]):.2f}" in explorer.alt()


def test_the_menu_offers_what_it_can_compute():
    explorer = Pattern()
    for _, value in explorer.controls["kernel"].options:
        explorer.controls["kernel"].value = value
        assert explorer.problem is None
        assert explorer.state["kernel"] == value


def test_drawing_keeps_what_was_drawn_when_the_kernel_grows():
    explorer = Pattern(size=3)
    explorer.grid._receive(explorer.grid, {"type": "paint", "panel": "kernel", "row": 2, "column": 0, "value": -1.0}, [])
    expected = np.zeros((3, 3))
    expected[2, 0] = -1
    assert explorer.state["kernel"] == "drawn"
    assert np.array_equal(explorer.result()["kernel"], expected)
    assert np.array_equal(explorer.set(size=5).result()["kernel"], np.pad(expected, 1))
    assert np.array_equal(explorer.set(threshold=0.5).result()["kernel"], np.pad(expected, 1))


def test_the_question_is_settled_by_the_unshifted_diagonal():
    mel, diagonal = F.pad(phrase()[1].double(), (2, 2, 2, 2)), (2 * torch.eye(5) - 1).double()
    y = F.conv2d(mel[None, None], diagonal[None, None])[0, 0]
    most = {}
    for kind, start, end, *_ in SCORE:
        most[kind] = max(most.get(kind, 0.0), float(y[:, start:end].max()))
    question = Pattern().question()
    assert question.truth() == max(most, key=most.get) == "falling"
    assert f"add up to −{-int(diagonal.sum())}." in question.why
    assert all(f"{kind} {value:.2f}" in question.why for kind, value in most.items())
    # What it says of why: the window is nearly empty, and the diagonal's two ends give the answer.
    _, start, end, *_ = SCORE[3]
    row, column = np.unravel_index(int(y[:, start:end].argmax()), (64, end - start))
    window = mel[row : row + 5, start + column : start + column + 5]
    assert float(window[0, 0] + window[4, 4]) > 0.9 * float(window.sum())
    assert min(window[0, 0], window[4, 4]) > 0.4
