"""What every view shares: messages are answered whatever happens, in few updates; its text form is its words."""

import re
from collections import Counter

import numpy as np
import pytest
from ipywidgets.widgets.widget import Widget

from helpers.views import Grid, Player, Track
from helpers.views.widget import script, style


def receive(view, *buffers, **message):
    view._receive(view, message, list(buffers))


def test_a_message_is_answered_even_if_its_handler_fails():
    grid = Grid()
    grid.on("hover", lambda panel: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receive(grid, type="hover", panel="x", id=41)
    assert grid.answered == 41
    with pytest.raises(TypeError):
        receive(grid, type="hover", unexpected=1, id=42)
    assert grid.answered == 42


def test_a_message_nobody_waits_for_is_answered_too():
    grid = Grid()
    receive(grid, type="nobody listens", id=7)
    assert grid.answered == 7
    receive(grid, type="ready")  # without a number there is nothing to answer
    assert grid.answered == 7
    assert grid.attached


def test_a_handler_gets_the_message_and_its_buffers():
    grid, heard = Grid(), []
    grid.on("paint", lambda **message: heard.append(message))
    receive(grid, type="paint", panel="k", row=1, column=2, value=-1.0, id=1)
    receive(grid, b"123", type="paint", panel="k", id=2)
    assert heard == [{"panel": "k", "row": 1, "column": 2, "value": -1.0}, {"panel": "k", "buffers": [b"123"]}]


def test_what_a_handler_changes_goes_in_one_message_before_the_answer(monkeypatch):
    grid, sent = Grid(), []
    monkeypatch.setattr(Widget, "_send", lambda self, message, buffers=None: sent.append(sorted(message["state"])))

    def change():
        grid.caption, grid.alt = "a", "b"
        grid.count = 3
        grid.caption = "c"

    grid.on("change", change)
    receive(grid, type="change", id=5)
    assert sent == [["alt", "caption", "count"], ["answered"]]


@pytest.mark.parametrize("make", [Grid, Player, lambda: Player([Track("a tone", np.zeros(9))])])
def test_the_text_form_is_words_and_the_same_each_time(make):
    first, second = (make()._repr_mimebundle_() for _ in range(2))
    words = [(bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] for bundle in (first, second)]
    assert words[0] == words[1]
    assert "0x" not in words[0]
    assert "Player: a tone" in Player([Track("a tone", np.zeros(9))]).alt


def test_a_view_asks_nothing_of_another_host():
    for text in (Grid._esm, Player._esm, style()):
        for word in ("http:", "https:", "import ", "fetch(", "XMLHttpRequest", "@import", "url("):
            assert word not in str(text)


def test_scripts_are_text_and_no_files_that_would_keep_widgets_alive():
    assert isinstance(script("link", "grid"), str)
    assert script("link", "grid").count("export default") == 1


@pytest.mark.parametrize("view", [Grid, Player])
def test_no_two_scripts_of_a_view_use_the_same_name(view):
    names = Counter(re.findall(r"^(?:const|let|(?:async )?function|class) (\w+)", str(view._esm), re.MULTILINE))
    assert names["makeLink"] == names["render"] == 1
    assert [name for name, times in names.items() if times > 1] == []
