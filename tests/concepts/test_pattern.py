"""What a kernel fires on, against loops over the cells of its response."""

import pytest
import torch

from helpers.concepts.pattern import Event, matches, precision_recall, strongest

EVENTS = [Event("rising", 1, 4), Event("held", 5, 8), Event("rising", 9, 12)]


def response(seed: int) -> torch.Tensor:
    return torch.randn(6, 14, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("seed", range(5))
def test_strongest_is_the_largest_cell_in_the_events_columns(seed):
    y = response(seed)
    for event in EVENTS:
        cells = [float(y[row, column]) for row in range(6) for column in range(event.start, event.end)]
        assert strongest(y, event) == max(0.0, *cells)
    assert strongest(-y.abs(), EVENTS[0]) == 0


@pytest.mark.parametrize("threshold", [0.3, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_matches_precision_and_recall_cell_by_cell(seed, threshold):
    y = response(seed)
    most = max(float(v) for v in y.flatten())
    found = {(r, c) for r in range(6) for c in range(14) if y[r, c] > 0 and y[r, c] >= threshold * most}
    assert {tuple(cell) for cell in matches(y, threshold).nonzero().tolist()} == found
    for kind in ("rising", "held"):
        wanted = [event for event in EVENTS if event.kind == kind]
        inside = sum(any(e.start <= c < e.end for e in wanted) for _, c in found)
        hit = sum(any(e.start <= c < e.end for _, c in found) for e in wanted)
        precision, recall = precision_recall(y, EVENTS, kind, threshold)
        assert (precision, recall) == (inside / len(found), hit / len(wanted))


def test_what_never_fires_matches_nothing():
    silent = -torch.ones(6, 14)
    assert not matches(silent, 0.5).any()
    assert precision_recall(silent, EVENTS, "held", 0.5) == (0, 0)
    assert not matches(torch.zeros(6, 14), 0.5).any()


def test_a_kind_that_does_not_occur_is_named():
    with pytest.raises(ValueError, match=r"'click'.*held.*rising"):
        precision_recall(response(0), EVENTS, "click", 0.5)
