"""Run what a student handed in so that it can harm nothing: not the notebook, the kernel, nor the checker's patience.

The work runs in a thread of its own. After the time allowed an exception is raised inside it, again and again, for a
loop may catch a few; a thread that still lives then (it sleeps, or waits inside C) is left behind. What it prints is
kept, up to a point. Out of reach is only what never gives the interpreter back: one endless call into C, such as
sum(itertools.repeat(1)).
"""

import builtins
import ctypes
import io
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

GRACE = 1.0  # seconds to interrupt a thread that takes too long, before it is left behind
PRINTED = 800  # characters


@dataclass(frozen=True)
class Outcome:
    """How the work ended: with a value, with an error, or not in time (`left` if it could not be ended at all)."""

    printed: str
    value: object = None
    error: BaseException | None = None
    late: bool = False
    left: bool = False


def guarded(work: Callable[[], object], seconds: float, namespace: dict) -> Outcome:
    """Run the work for at most so many seconds; `namespace` holds the global names it uses, perhaps exit."""
    printed, worker = _Beginning(), _Worker(work)
    with redirect_stdout(printed), redirect_stderr(printed), _no_way_out(vars(builtins), namespace):
        worker.start()
        try:
            worker.join(seconds)
        finally:  # also when the student presses Stop
            late = not worker.over
            worker.end()
    if late:
        return Outcome(printed.text, late=True, left=not worker.over)
    return Outcome(printed.text, worker.value, worker.error)


class _Stop(SystemExit):
    """Ends a worker; no Exception, so that a loop which catches those ends too."""


_raise_in = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.py_object)(("PyThreadState_SetAsyncExc", ctypes.pythonapi))
STOP, NOTHING = ctypes.py_object(_Stop), ctypes.py_object()


class _Worker(threading.Thread):
    """Work that can be ended from outside, and a thread that cannot once the work is over.

    An exception from outside arrives after a call or at a jump back, and threads take turns there too. Where neither
    stands between two statements, as between the test of `over` and what follows it, nothing comes between them.
    """

    def __init__(self, work: Callable[[], object]):
        super().__init__(daemon=True)
        self.work, self.value, self.error, self.over = work, None, None, False

    def run(self):
        me = threading.get_ident()
        try:
            self.value = self.work()
        except BaseException as error:
            self.error = error
        self.over = True
        _raise_in(me, NOTHING)

    def end(self):
        give_up, it = time.monotonic() + GRACE, self.ident
        interval, hook = sys.getswitchinterval(), sys.unraisablehook
        # A loop around a bare except swallows all but an exception that finds it between two rounds: take quick turns.
        sys.setswitchinterval(1e-6)
        # One that strikes a destructor is lost, which nobody need read. This hook is in C, which no exception strikes.
        sys.unraisablehook = deque(maxlen=0).append
        try:
            while time.monotonic() < give_up:
                if self.over:
                    break
                _raise_in(it, STOP)
                time.sleep(0)
        finally:
            sys.setswitchinterval(interval)
            sys.unraisablehook = hook
        if self.over:
            self.join()


class _Beginning(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    text = ""

    def write(self, words: str) -> int:
        if len(self.text) < PRINTED:
            self.text += words if len(self.text + words) < PRINTED else words[: PRINTED - len(self.text)] + " …\n"
        return len(words)


@contextmanager
def _no_way_out(*namespaces: dict) -> Iterator[None]:
    """Make exit() and quit() end the thread alone: a notebook's own would end the kernel."""
    doors = [(space, name, space[name]) for space in namespaces for name in ("exit", "quit") if name in space]
    for space, name, _ in doors:
        space[name] = sys.exit
    try:
        yield
    finally:
        for space, name, door in doors:
            space[name] = door
