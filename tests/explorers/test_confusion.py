"""The matrix one can listen to, against counting note by note."""

import numpy as np
import pytest
import torch

from helpers import audio
from helpers.datasets.notes import FAMILIES, load_notes
from helpers.explorers import Confusion
from helpers.explorers.parts.thumbnails import short, thumbnails
from tests.explorers.making import logits, notes


def by_hand() -> tuple[np.ndarray, dict[tuple[int, int], list[int]], np.ndarray]:
    """Counts, the notes of each cell, and each note's probabilities."""
    counts, members, chances = np.zeros((11, 11), int), {}, []
    for i, said in enumerate(logits().double().numpy()):
        chance = np.exp(said) / np.exp(said).sum()
        truth, guess = int(notes().family[i]), int(np.argmax(chance))
        counts[truth, guess] += 1
        members.setdefault((truth, guess), []).append(i)
        chances.append(chance)
    return counts, members, np.array(chances)


def explorer(**state: object) -> Confusion:
    return Confusion(logits(), notes(), **state)


def test_counts_accuracy_and_recall():
    result, (counts, _, _) = explorer().result(), by_hand()
    assert np.array_equal(result["counts"], counts)
    assert result["accuracy"] == pytest.approx(np.trace(counts) / len(notes()))
    np.testing.assert_allclose(result["recall"], np.diag(counts) / np.maximum(counts.sum(1), 1), rtol=1e-6)


def test_each_cell_opens_its_own_notes_the_surest_first():
    counts, members, chances = by_hand()
    opened = explorer()
    for truth in range(11):
        for guess in range(11):
            result = opened.set(truth=FAMILIES[truth], guess=FAMILIES[guess]).result()
            expected = sorted(members.get((truth, guess), []), key=lambda i: -chances[i, guess])
            assert result["members"].tolist() == expected
            np.testing.assert_allclose(result["confidence"], chances[expected, guess], rtol=1e-5)
            assert result["of_truth"] == counts[truth].sum()
            assert opened.count() == min(9, len(expected))
            shown = [panel for panel in opened.grid.panels if panel.name.startswith("note")]
            assert [panel.column_axis for panel in shown] == [f"{100 * chances[i, guess]:.0f} %" for i in expected[:9]]
            for panel, i in zip(shown, expected):
                name, pitch = panel.title.rsplit(" ", 1)
                full = notes().titles[int(notes().instrument[i])]
                assert full.startswith(name.removesuffix("…"))
                assert f", {pitch}, " in notes().label(i)


def test_titles_of_neighbouring_notes_do_not_run_into_each_other():
    every = load_notes("test")
    first = {int(instrument): i for i, instrument in reversed(list(enumerate(every.instrument)))}
    said = [short(every, i) for i in first.values()]
    assert len(set(said)) == len(first) == 20
    assert "Electric Guitar" in " ".join(said)
    panels = thumbnails(every[[*first.values()][:9]], 0, 32, ["100 %"] * 9)
    step = panels[1].x - panels[0].x
    assert max(map(len, said)) * 8.3 <= step  # px of a letter in the widest of the usual fonts
    assert [panel.title for panel in panels] == said[:9]


def test_percent_are_shares_of_the_row():
    counts, _, _ = by_hand()
    shown = explorer(show="percent").grid.panel("counts").values
    np.testing.assert_allclose(shown, 100 * counts / counts.sum(1, keepdims=True))
    np.testing.assert_allclose(shown.sum(1), 100)
    assert np.array_equal(explorer(show="counts").grid.panel("counts").values, counts)


def test_a_click_on_a_cell_opens_it_and_a_click_on_a_note_chooses_it():
    opened = explorer()
    counts, _, _ = by_hand()
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    opened.grid._receive(opened.grid, {"type": "click", "panel": "counts", "row": int(row), "column": int(column), "id": 1}, [])
    assert (opened.state["truth"], opened.state["guess"], opened.state["note"]) == (FAMILIES[row], FAMILIES[column], 0)
    opened.grid._receive(opened.grid, {"type": "click", "panel": "note2", "row": 5, "column": 5, "id": 2}, [])
    assert opened.state["note"] == 2
    assert opened.controls["note"].value == 2
    assert opened.grid.marks[1]["panel"] == "note2"


def test_the_most_frequent_mistake_is_one_button_away():
    counts, _, _ = by_hand()
    np.fill_diagonal(counts, 0)
    opened = explorer()
    button = next(w for w in opened._extras if w.description == "the most frequent mistake")
    button.click()
    assert counts[FAMILIES.index(opened.state["truth"]), FAMILIES.index(opened.state["guess"])] == counts.max() > 0
    truth = opened.question().truth()
    assert truth == f"{opened.state['truth']} → {opened.state['guess']}"


def test_the_notes_of_a_cell_are_heard_one_after_another_at_their_own_level():
    opened = explorer(truth="organ", guess="organ", note=1)
    members = opened.result()["members"][:9].tolist()
    together, chosen = opened.tracks()
    assert np.array_equal(chosen.samples, notes().audio(members[1]).numpy())
    fade = audio.fade(16_000).numpy()
    expected = np.concatenate([notes().audio(i)[:16_000].numpy() * fade for i in members])
    np.testing.assert_allclose(together.samples, expected, atol=1e-7)
    assert together.name.startswith(f"these {len(members)}")


def test_an_empty_cell_shows_and_plays_nothing():
    counts, _, _ = by_hand()
    row, column = np.argwhere(counts == 0)[0]
    opened = explorer(truth=FAMILIES[row], guess=FAMILIES[column])
    assert opened.count() == 0
    assert opened.tracks() == []
    assert opened.step(3).back().play().state["note"] == 0
    assert f"0 of {counts[row].sum()}" in opened.alt()
    assert opened.static()


def test_words_say_the_numbers():
    opened = explorer(truth="organ", guess="organ")
    result = opened.result()
    assert f"accuracy {100 * result['accuracy']:.1f} %" in opened.alt()
    assert f"{len(result['members'])} of {result['of_truth']} organ notes" in opened.alt()
    assert notes().label(int(result["members"][0])) in opened.alt()
    assert f"organ {100 * result['confidence'][0]:.0f} %" in opened.alt()


def test_logits_of_another_shape_are_refused_with_the_right_one():
    with pytest.raises(ValueError, match=rf"\({len(notes())}, 11\)"):
        Confusion(torch.zeros(3, 11), notes())
