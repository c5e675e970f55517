"""Newest wins: of many changes asked for in quick succession only the last is computed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL = 1 / 60  # seconds: no screen shows more


class Newest:
    """Collects changes and runs `run(**changes)` once for all that came meanwhile; at once where no loop turns.

    A slider dragged across its range sends a hundred values; the kernel computes those it has time for, and always
    the last. Callbacks only ever come here, so it does not matter on which thread the front end's messages arrive.
    """

    def __init__(self, run: Callable[..., object]) -> None:
        self.run = run
        self.runs = 0
        self._waiting: dict = {}
        self._timer: asyncio.TimerHandle | None = None
        self._ready = 0.0

    def __call__(self, **changes: object) -> None:
        self._waiting.update(changes)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if self._timer is None:
            self._timer = loop.call_at(max(loop.time(), self._ready), self.flush)

    def flush(self) -> None:
        """Run what waits, now."""
        changes, self._waiting = self._waiting, {}
        timer, self._timer = self._timer, None
        if timer:
            timer.cancel()
            self._ready = asyncio.get_running_loop().time() + INTERVAL
        if changes:
            self.runs += 1
            self.run(**changes)

    async def idle(self) -> None:
        """Wait until nothing waits."""
        while self._timer is not None:
            await asyncio.sleep(INTERVAL)
