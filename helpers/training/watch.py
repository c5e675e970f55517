"""How a run is watched and steered while it goes on: as text here, as a plot with buttons in a notebook."""

import threading
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from helpers.training.history import History, Plan, duration


class Control:
    """Stop, Pause and Resume, as flags: they may be set from any thread, and the loop looks at them each step."""

    def __init__(self):
        self._stop, self._go = threading.Event(), threading.Event()
        self._go.set()

    def stop(self) -> None:
        """End the run after the step it is in."""
        self._stop.set()
        self._go.set()

    def pause(self) -> None:
        """Hold the run after the step it is in."""
        self._go.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()

    def clear(self) -> None:
        """Forget a stop of an earlier run."""
        self._stop.clear()

    def wait(self, timeout: float | None = None) -> None:
        """Return at once, or when a pause is over."""
        self._go.wait(timeout)

    @property
    def stop_requested(self) -> bool:
        """Whether the run should end."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the run should hold."""
        return not self._go.is_set()


class Watch(Protocol):
    """What `fit(watch=...)` takes; whatever of it an object lacks is left out.

    All three methods are called in the thread that called `fit` (the kernel's, in a notebook), while no step is under
    way, so they may read the history and the model freely. They are called in the first process only.
    """

    control: Control
    """Its flags are read each step, so a button need only call `control.stop()`, `.pause()` or `.resume()`."""

    def start(self, plan: Plan) -> None:
        """Once, before the first step."""

    def update(self, history: History) -> None:
        """While it runs: at most ten times a second, at least five, and between these so seldom that it takes 1 % of the time."""

    def finish(self, history: History) -> None:
        """Once, at the end, also after an error; `history.stopped` says why it ended."""


class Progress:
    """A watch that writes a line of text for every tenth of the epochs; what `fit` uses if no other is given."""

    def __init__(self, lines: int = 10):
        self.control = Control()
        self.lines, self._plan, self._shown = lines, None, 0

    def start(self, plan: Plan) -> None:
        """Remember how long the run will be."""
        self._plan, self._shown = plan, plan.first_epoch

    def update(self, history: History) -> None:
        """Write the lines that are due. Which epochs get one depends on their number only, never on the clock."""
        for epoch in range(self._shown, history.epochs):
            if self._due(epoch) or (history.stopped and epoch == history.epochs - 1):
                number = f"{epoch + 1:>{len(str(self._plan.epochs))}}"
                say(f"epoch {number}   {history.row(epoch)}{self._left(history, epoch)}")
        self._shown = history.epochs

    def finish(self, history: History) -> None:
        """Write the last line and the summary."""
        if self._plan:
            self.update(history)
        say(history.summary())

    def _due(self, epoch: int) -> bool:
        return (epoch + 1) * self.lines // self._plan.epochs > epoch * self.lines // self._plan.epochs

    def _left(self, history: History, epoch: int) -> str:
        left = 0 if history.stopped else self._plan.epochs - epoch - 1
        return f"   {duration(left * sum(history.seconds) / history.epochs)} left" if left else ""


class Reporter:
    """Passes a run's news on to its watch, in the thread that called `fit`, without slowing the run."""

    INTERVAL = 0.1  # seconds between two updates, at least
    SHARE = 0.01  # of the time may go into updates, as long as
    LONGEST = 0.2  # seconds between two of them are not exceeded: a picture that stands still looks broken

    def __init__(self, watch: object, history: History, clock: Callable[[], float] = perf_counter):
        self.watch, self.history, self.clock = watch, history, clock
        self.speaks, self.told, self.cost, self.due = False, 0, 0.0, 0.0

    def start(self, plan: Plan) -> None:
        """Print what is about to run, and tell the watch; only the first of several processes speaks."""
        self.speaks = plan.rank == 0
        if self.speaks:
            say(str(plan))
            self.told = len(self.history.notes)
            self._call("start", plan)

    def update(self) -> None:
        """Pass on what is new, if it is time to."""
        now = self.clock()
        if now < self.due or not self.speaks:
            return
        self._notes()
        self._call("update", self.history)
        spent = self.clock() - now
        # One slow update alone (the first often is) says little about what the next will take.
        self.due = now + min(max(self.INTERVAL, min(self.cost, spent) / self.SHARE), self.LONGEST)
        self.cost = spent

    def finish(self) -> None:
        """Pass on the end."""
        if self.speaks:
            self._notes()
            self._call("finish", self.history)

    def _notes(self) -> None:
        for note in self.history.notes[self.told :]:
            say(note)
        self.told = len(self.history.notes)

    def _call(self, method: str, *arguments: object) -> None:
        getattr(self.watch, method, _ignore)(*arguments)


def say(text: str) -> None:
    """A line on the standard output: a run tells what it does, in a notebook and in a log alike."""
    print(text, flush=True)  # noqa: T201


def _ignore(*arguments: object) -> None:
    pass
