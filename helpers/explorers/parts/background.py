"""Long work in small pieces on the kernel's loop: controls stay alive, pictures come on the way, cancel works at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from time import perf_counter

SLICE = 0.03  # seconds of work between two turns of the event loop
FRAME = 0.2  # seconds between two pictures


class Background:
    """Runs a generator that yields after each small piece of work, saying how far it is; `show` is told now and then.

    stopped: told of the error that ended it, where there is one; nobody may be waiting for it.
    Where no loop turns, it runs to its end at once. Starting something new ends what is still going on. A generator
    that is ended gets GeneratorExit, so it can put in order what it borrowed in a `finally`.
    """

    def __init__(self, show: Callable[[str], object], stopped: Callable[[Exception], object] = lambda error: None) -> None:
        self.show, self.stopped = show, stopped
        self._tasks: list[asyncio.Task] = []
        self._stop = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether something is going on."""
        return any(not task.done() for task in self._tasks) and not self._stop.is_set()

    def start(self, steps: Generator[str, None, None]) -> None:
        """Begin, and return at once where a loop turns."""
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in steps:
                pass
            return
        self._stop = asyncio.Event()
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(loop.create_task(self._run(steps, self._stop)))

    def cancel(self) -> None:
        """End what is going on after the piece it is in."""
        self._stop.set()

    async def done(self) -> None:
        """Wait for its end; an error that ended it is raised here."""
        for task in list(self._tasks):
            try:
                await task
            finally:
                self._tasks.remove(task)

    async def _run(self, steps: Generator[str, None, None], stop: asyncio.Event) -> None:
        turn = due = perf_counter() + SLICE
        try:
            for said in steps:
                if (now := perf_counter()) >= turn:
                    if now >= due:
                        self.show(said)
                        due = now + FRAME
                    await asyncio.sleep(0.002)  # not 0: the browser's messages need more than one turn
                    turn = perf_counter() + SLICE
                if stop.is_set():
                    return
        except Exception as error:
            self.stopped(error)
            raise
        finally:
            steps.close()
