"""Predict first: a question with a few answers, asked before the picture that settles it."""

from __future__ import annotations

import html
from collections.abc import Callable

import ipywidgets as widgets

from helpers.explorers import cells


class Question:
    """Asks; remembers the answer; tells what is so, once it is known.

    text: the question; options: the answers offered; truth: the right one, or a function that computes it when it is
    wanted; why: one sentence that explains it. Without `truth` (it is not known yet) call `reveal(truth, why)` later.
    Whoever runs all cells before class is told nothing: until there is an answer, the truth waits behind a button.
    Raises ValueError where the truth is none of the options: then the question is wrong.
    """

    def __init__(self, text: str, options: list[str], truth: str | Callable[[], str] | None = None, why: str = "") -> None:
        self.text, self.options, self.truth, self.why = text, list(options), truth, why
        self.said: str | None = None
        self._told = False
        self._hidden: widgets.Widget | None = None
        self._feedback = widgets.HTML()
        self.show_button = widgets.Button(description="show the answer", layout=widgets.Layout(width="auto", display="none"))
        self.show_button.on_click(lambda _: self.show())
        self.buttons = [self._button(option) for option in self.options]
        ask = widgets.HTML(f'<div style="font-size:18px"><b>Predict first.</b> {html.escape(text)}</div>')
        row = widgets.Box(self.buttons, layout=widgets.Layout(flex_flow="row wrap"))
        told = widgets.HBox([self._feedback, self.show_button], layout=widgets.Layout(align_items="center"))
        self.widget = widgets.VBox([ask, row, told])
        cells.adopt(self)

    def _button(self, option: str) -> widgets.Button:
        button = widgets.Button(description=option, layout=widgets.Layout(width="auto", min_width="90px"))
        button.on_click(lambda _: self.answer(option))
        return button

    def answer(self, option: str) -> None:
        """Commit to an answer."""
        if option not in self.options:
            raise ValueError(f"{option!r} is not offered; choose one of {self.options}.")
        self.said = option
        for button in self.buttons:
            button.button_style = "info" if button.description == option else ""
        if self._hidden is not None:
            self._hidden.layout.display = ""
        if self.truth is None:
            self._feedback.value = "<i>Noted. Read on to see.</i>"
        else:
            self.show()

    def reveal(self, truth: str, why: str = "") -> Question:
        """Settle it: what is so is shown beside what was predicted; where nothing was, it waits to be asked for."""
        self._check(truth)
        self.truth, self.why = truth, why
        if self.said is not None or self._told:
            return self.show()
        self._feedback.value = '<div role="status" style="font-size:16px">Settled: answer, or show it.</div>'
        self.show_button.layout.display = ""
        return self

    def show(self) -> Question:
        """Say what is so, with or without a prediction. Raises ValueError where it is not known yet."""
        if self.truth is None:
            raise ValueError(f"What is so is not known yet: {self.text!r} has no truth. Call reveal(truth, why) first.")
        self.truth = self.truth() if callable(self.truth) else self.truth
        self._check(self.truth)
        self._told = True
        self.show_button.layout.display = "none"
        mark = "✓ As you said." if self.said == self.truth else f"✗ You said: {self.said}."
        self._feedback.value = (
            f'<div role="status" style="font-size:16px">{html.escape(mark if self.said else "No prediction was made.")} '
            f"<b>It is: {html.escape(self.truth)}.</b> {html.escape(self.why)}</div>"
        )
        return self

    def _check(self, truth: str) -> None:
        if truth not in self.options:
            raise ValueError(f"The truth is {truth!r}, which is none of the options {self.options}.")

    def before(self, content: widgets.Widget) -> widgets.Widget:
        """Keep `content` hidden until the question is answered; returns the question's own widget."""
        content.layout.display = "none"
        self._hidden = content
        return self.widget

    def close(self) -> None:
        """Free every widget model it made."""
        cells.free(self.widget)

    def __repr__(self) -> str:
        asked = f"Predict first. {self.text} ({' / '.join(self.options)})"
        return f"{asked}\nIt is: {self.truth}. {self.why}" if self._told else asked

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        bundle = self.widget._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": repr(self)}, metadata
