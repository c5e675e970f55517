"""The parts that explorers share: questions, cells, newest wins."""

import asyncio

import ipywidgets as widgets
import pytest
from ipywidgets.widgets.widget import _instances

from helpers.explorers import Convolution, Question, cells
from helpers.explorers.newest import Newest
from helpers.explorers.parts.sources import KERNELS, kernel_menu, mel_names, source

# ---- predict first


def question(**options: object) -> Question:
    return Question("Which is higher?", ["440 Hz", "880 Hz"], **options)


def test_an_answer_is_remembered_and_judged():
    asked = question(truth="880 Hz", why="An octave up.")
    asked.buttons[1].click()
    assert asked.said == "880 Hz"
    assert "✓" in asked._feedback.value
    assert "An octave up." in asked._feedback.value
    asked.answer("440 Hz")
    assert "✗ You said: 440 Hz" in asked._feedback.value
    assert [button.button_style for button in asked.buttons] == ["info", ""]
    asked.close()


def test_a_truth_that_is_not_known_yet_is_told_later():
    asked = question()
    asked.answer("440 Hz")
    assert "880" not in asked._feedback.value
    assert asked.reveal("880 Hz") is asked
    assert "✗ You said: 440 Hz. <b>It is: 880 Hz.</b>" in asked._feedback.value
    assert repr(asked).endswith("It is: 880 Hz. ")


def everything_said(asked: Question) -> str:
    """All that a page shows or a notebook stores, but the question and its options."""
    parts = [asked._feedback.value, asked.show_button.description, repr(asked), asked._repr_mimebundle_()[0]["text/plain"]]
    return " ".join(parts).replace("Which is higher? (440 Hz / 880 Hz)", "")


def test_what_is_settled_before_an_answer_is_told_after_it():
    asked = question().reveal("880 Hz", "An octave up.")
    assert "Settled: answer, or show it." in asked._feedback.value
    assert "880" not in everything_said(asked)
    assert "octave" not in everything_said(asked)
    assert asked.show_button.layout.display == ""
    asked.answer("440 Hz")
    assert "✗ You said: 440 Hz. <b>It is: 880 Hz.</b> An octave up." in asked._feedback.value
    assert "It is: 880 Hz. An octave up." in repr(asked)
    assert asked.show_button.layout.display == "none"


def test_what_is_settled_can_be_shown_without_an_answer():
    asked = question()
    with pytest.raises(ValueError, match="not known yet"):
        asked.show()
    assert asked.show_button.layout.display == "none"
    asked.reveal("440 Hz").show_button.click()
    assert "No prediction was made. <b>It is: 440 Hz.</b>" in asked._feedback.value
    assert asked.show_button.layout.display == "none"
    asked.reveal("880 Hz")  # the cell runs again: what was asked for stays shown
    assert "It is: 880 Hz." in asked._feedback.value
    asked.answer("880 Hz")
    assert "✓ As you said." in asked._feedback.value


def test_the_truth_is_computed_only_when_it_is_wanted():
    wanted = []
    asked = question(truth=lambda: wanted.append(1) or "440 Hz")
    assert not wanted
    asked.answer("440 Hz")
    assert wanted == [1]
    assert "✓" in asked._feedback.value


def test_what_is_not_offered_is_refused():
    with pytest.raises(ValueError, match="choose one of"):
        question().answer("660 Hz")
    with pytest.raises(ValueError, match="none of the options"):
        question(truth="660 Hz").answer("440 Hz")
    with pytest.raises(ValueError, match="none of the options"):
        question().reveal("660 Hz")


def test_words_are_words_and_no_markup():
    asked = Question("<b>x</b> < y?", ["a < b", "c"], truth="a < b")
    asked.answer("c")
    assert "a &lt; b" in asked._feedback.value
    assert "&lt;b&gt;x" in asked.widget.children[0].value
    assert "<b>x</b> < y? (a < b / c)" in repr(asked)


def test_a_closed_question_leaves_nothing():
    before = set(_instances)
    asked = question()
    asked.close()
    assert set(_instances) == before


# ---- which cell made what


@pytest.fixture
def run_cell(monkeypatch):
    monkeypatch.setattr(cells, "_made", {})
    runs = iter(range(1000))

    def run(cell: str, *makes):
        number = next(runs)
        monkeypatch.setattr(cells, "running", lambda: (cell, f"run {number}"))
        return [make() for make in makes]

    return run


def alive(made) -> bool:
    return made.widget.comm is not None


def test_a_cell_that_runs_again_closes_what_it_made_and_nothing_else(run_cell):
    first = run_cell("one", Convolution, question)
    other = run_cell("two", Convolution)
    assert all(alive(made) for made in [*first, *other])
    again = run_cell("one", Convolution)
    assert not any(alive(made) for made in first)
    assert all(alive(made) for made in [*other, *again])


def test_outside_a_notebook_nothing_is_closed():
    assert cells.running() is None
    first = Convolution()
    Convolution()
    assert alive(first)


def test_closing_frees_layouts_and_styles_and_what_lies_within():
    before = set(_instances)
    cells.free(widgets.VBox([widgets.HBox([widgets.IntSlider(), widgets.Button()]), widgets.HTML()]))
    assert set(_instances) == before


# ---- newest wins


def test_without_a_loop_each_change_is_run_at_once():
    seen = []
    newest = Newest(lambda **changes: seen.append(changes))
    newest(a=1)
    newest(a=2, b=3)
    assert seen == [{"a": 1}, {"a": 2, "b": 3}]


def test_in_a_loop_changes_gather_and_the_last_of_each_name_wins():
    seen = []

    async def drag():
        newest = Newest(lambda **changes: seen.append(changes))
        for i in range(100):
            newest(a=i)
            newest(b=-i)
        assert not seen  # the caller is not held up
        await newest.idle()
        newest(a="later")
        await newest.idle()

    asyncio.run(drag())
    assert seen == [{"a": 99, "b": -99}, {"a": "later"}]


def test_what_waits_can_be_run_now():
    seen = []

    async def drag():
        newest = Newest(lambda **changes: seen.append(changes))
        newest(a=1)
        newest.flush()
        assert seen == [{"a": 1}]
        await newest.idle()

    asyncio.run(drag())
    assert seen == [{"a": 1}]


# ---- names


def test_every_kernel_is_on_the_menu():
    assert [value for _, value in kernel_menu()] == [*KERNELS, "drawn"]


def test_rows_and_columns_of_a_picture_are_named_by_what_they_are():
    rows, columns = mel_names()
    assert (len(rows), len(columns)) == (64, 64)
    assert (columns[0], columns[16], columns[63]) == ("0.0 s", "1.0 s", "3.9 s")
    hertz = [float(name.removesuffix(" Hz").replace(",", "")) for name in rows]
    assert hertz == sorted(hertz)
    assert 30 < hertz[0] < 80
    assert hertz[-1] < 8000


def test_padding_has_no_name():
    note = source("note", "brass", 0)
    names = note.names(66, 66)
    assert names["row_names"][0] == names["column_names"][-1] == ""
    assert names["row_names"][1:-1] == note.row_names
