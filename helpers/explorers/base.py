"""The contract every explorer keeps: a JSON state, controls that are also methods, results, sound, words and a picture.

An explorer joins a concept (pure mathematics) to views (what the browser draws). It can be built and driven with no
browser; one test-suite, tests/explorers/test_contract.py, holds all of them to it.
"""

from __future__ import annotations

import copy
import html
from collections.abc import Iterable
from typing import ClassVar
from uuid import uuid4

import ipywidgets as widgets
import numpy as np

from helpers.explorers import cells
from helpers.explorers.along import Along
from helpers.explorers.baked import Baked, bake
from helpers.explorers.driving import drive
from helpers.explorers.newest import Newest
from helpers.explorers.parts.fresh import stamps
from helpers.explorers.presets import Presets
from helpers.explorers.question import Question
from helpers.explorers.values import check, hidden_of, not_offered
from helpers.views import Grid, Player, Track
from helpers.views.still import png


class Explorer(Along):
    """What is the same in all explorers; a subclass says what its state means.

    A subclass sets `defaults` (the state's names and first values), `presets`, `axis` (the state that play and step
    move along) and `view` (the canvas), and writes `build` (controls and views, once), `compute` (state →
    `self.result_`), `draw` (result → views), `alt` and, where it sounds, `tracks`.

    hide: names of controls not to show; predict: ask for a prediction before showing anything.
    Raises ValueError for a state or control of an unknown name, and for a value of the wrong kind.
    """

    defaults: ClassVar[dict] = {}
    presets: ClassVar[dict[str, dict]] = {}
    view: ClassVar[type[Grid]] = Grid
    given: dict = {}  # what it was made with besides its state: a network, notes
    result_: dict = {}  # the numbers on the screen

    def __init__(self, *, hide: Iterable[str] = (), predict: bool = False, **state: object) -> None:
        check(type(self).__name__, self.defaults, state)
        self._state = self.settle(copy.deepcopy({**self.defaults, **state}), state)
        if problem := self.impossible(self._state):
            raise ValueError(f"{type(self).__name__}: {problem}")
        self.controls: dict[str, widgets.ValueWidget] = {}
        self.grid, self.player = self.view(), Player()
        self._signature = uuid4().hex
        self.problem: str | None = None
        self.asked: Question | None = None
        self._showing = False
        self._presets = Presets(self)
        self._newest = Newest(self.set)
        self._message = widgets.HTML()
        self._extras: list[widgets.Widget] = []
        self._kept: list[widgets.Widget] = []
        self.grid.on("position", self._scrubbed)
        try:
            self._assemble(hide, predict)
        except BaseException:
            self.close()
            raise
        cells.adopt(self)

    # what a subclass writes

    def build(self) -> None:
        """Make the controls (with `control`) and set up the views; called once."""

    def compute(self) -> None:
        """From the state to `self.result_`, the numbers on the screen."""
        raise NotImplementedError

    def draw(self) -> None:
        """From the result to the views."""
        raise NotImplementedError

    def alt(self) -> str:
        """What the picture shows, in words."""
        raise NotImplementedError

    def tracks(self) -> list[Track]:
        """The sounds of the present state."""
        return []

    def impossible(self, state: dict) -> str | None:
        """Why this state cannot be, and what could; None if it can."""
        return None

    def settle(self, state: dict, changes: dict) -> dict:
        """What else of the state follows from these changes; it may change and return `state`."""
        return state

    def question(self) -> Question | None:
        """What to ask before showing anything."""
        return None

    # the face

    @property
    def state(self) -> dict:
        """A copy of the state, JSON: `type(self)(**self.state)` shows the same."""
        return copy.deepcopy(self._state)

    def set(self, **changes: object) -> Explorer:
        """Change the state as the controls do; what cannot be is explained (`problem`) and the last state stays."""
        check(type(self).__name__, self.defaults, changes)
        wanted = {**self._state, **copy.deepcopy(changes)}
        self.problem = not_offered(self.controls, wanted)
        if not self.problem:
            wanted = self.settle(wanted, changes)
            self.problem = self.impossible(wanted)
        if not self.problem:
            self._go_to(wanted)
        self._show(set(changes) if self.problem else set())
        return self

    def reset(self) -> Explorer:
        """Go back to the state it was made with."""
        return self.set(**copy.deepcopy(self._first))

    async def done(self) -> Explorer:
        """Wait until play has ended and what the controls asked for is drawn."""
        await self._newest.idle()
        while self.grid.playing:
            await cells.turn()
        return self

    def result(self) -> dict:
        """Every number on the screen, as floats, ints, strings and numpy arrays."""
        return copy.deepcopy(self.result_)

    def audio(self) -> tuple[np.ndarray, int]:
        """What it sounds like: the first track's float32 samples, (time,), and their rate in Hz."""
        tracks = self.tracks()
        if not tracks:
            raise ValueError(f"{type(self).__name__} makes no sound in this state.")
        return tracks[0].samples, tracks[0].rate

    def to_code(self) -> str:
        """One line that makes this explorer again; a network or notes stand in it by their parameter's name."""
        said = {name: value for name, value in self._state.items() if value != self.defaults[name]}
        parts = [*(f"{name}={name}" for name in self.given), *(f"{name}={value!r}" for name, value in said.items())]
        return f"{type(self).__name__}({', '.join(parts)})"

    def static(self) -> bytes:
        """The picture as a PNG."""
        return png(self.grid)

    def bake(self, frames: int = 12, **grid: list) -> Baked:
        """Precompute some states, at most 400 kB of HTML: a static page or a slide scrubs them without a kernel.

        frames: how many places along the axis, fewer where they would not fit (presets, where there is no axis); or
        grid: for each name of the state the values to be combined, a slider each.
        Raises ValueError where a state cannot be, or the grid is too large.
        """
        return bake(self, frames, grid)

    def preset(self, name: str) -> dict:
        """The whole state that a preset stands for."""
        return self._presets.whole(name)

    def drive(self) -> int:
        """Move every control to its ends, take every preset, come back; returns how many states were shown.

        Raises FloatingPointError where a number on the screen is not finite. CI runs it in each notebook.
        """
        asked, self._newest.run = self._newest.run, self.set  # what else is worked out in the background is waited for
        try:
            return drive(self, self._newest.flush)
        finally:
            self._newest.run = asked

    def close(self) -> None:
        """Free every widget model it made, shown or hidden."""
        whole = [self.widget] if hasattr(self, "widget") else []
        hidden = [*self.controls.values(), *self._extras, *self._kept, *([self._menu] if self._menu else [])]
        cells.free(*whole, *hidden, self._message, self.grid, self.player)

    # inside

    def control(self, name: str, widget: widgets.ValueWidget) -> widgets.ValueWidget:
        """Tie a control to the state of that name, both ways; the newest of many quick changes wins."""
        self.controls[name] = widget
        if problem := not_offered(self.controls, self._state):
            raise ValueError(f"{type(self).__name__}: {problem}")
        widget.value = self._state[name]

        def ask(change: dict) -> None:
            if not self._showing:
                self._newest(**{name: change["new"]})

        widget.observe(ask, "value")
        return widget

    def beside(self, widget: widgets.Widget) -> widgets.Widget:
        """Show a widget of the subclass's own in the row of controls."""
        self._extras.append(widget)
        return widget

    def keep(self, widget: widgets.Widget) -> None:
        """Free this widget, which nothing shows, together with the explorer."""
        self._kept.append(widget)

    def _assemble(self, hide: Iterable[str], predict: bool) -> None:
        """Controls, message, pictures and sounds in one widget; below a question if a prediction is wanted."""
        self.build()
        hidden = hidden_of(type(self).__name__, {*self.controls, "presets"}, hide)
        self.compute()
        self._first = self.state
        self._menu = self._presets.menu(self._take_preset)
        known = {"presets": self._menu, **self.controls}
        shown = [control for name, control in known.items() if control and name not in hidden]
        extras = [] if "presets" in hidden and not shown else self._extras
        row = widgets.Box([*shown, *extras], layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
        self.widget = content = widgets.VBox([row, self._message, self.grid, self.player])
        self.asked = self.question() if predict else None
        if self.asked:
            self.widget = widgets.VBox([self.asked.before(content), content])
        self._show()

    _menu: widgets.Dropdown | None = None

    def _take_preset(self, change: dict) -> None:
        if change["new"] and not self._showing:
            self.set(**self.preset(change["new"]))

    def _scrubbed(self, position: int, sound: str | None = None) -> None:
        """The transport has gone on; led by a sound that is offered no more, it tells of what was shown before."""
        if sound is None or any(track["key"] == sound for track in self.player.tracks):
            self.set(**{self.axis: position})

    def _go_to(self, wanted: dict) -> None:
        """Compute this state; one that cannot be computed leaves the last."""
        last, self._state = self._state, wanted
        try:
            self.compute()
        except BaseException:
            self._state = last
            raise

    def _show(self, unsettled: Iterable[str] = ()) -> None:
        """Draw, and let the controls say what the state says (but for those that asked the impossible)."""
        self._showing = True
        try:
            if self.given:  # the state alone does not say what sounds, and a network may have learned on
                self.player.whose = f"{self._signature} {stamps(self.given)} "
            if not self.problem:
                self.draw()  # it may move a control's end, so that the value can follow
                self.grid.alt = self.alt()
            for name, control in self.controls.items():
                if name not in unsettled and control.value != self._state[name]:
                    control.value = self._state[name]
            if self._menu:
                self._menu.value = self._presets.shown(self._state)
            said = html.escape(self.problem or "", quote=False)
            self._message.value = f'<div class="dl-problem" role="alert">{said}</div>' if said else ""
        finally:
            self._showing = False

    def __repr__(self) -> str:
        return self.to_code()

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        bundle = self.widget._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        if self.asked and self.asked.said is None:  # where no widget can be, the picture would give the answer away
            return {**data, "text/plain": repr(self.asked)}, metadata
        said = self.alt()
        data |= {"image/png": self.static(), "text/plain": said}
        return data, {**metadata, "image/png": {"alt": said}}
