"""An explorer some of whose work takes longer than a moment: it goes on in the background while the controls stay alive."""

from __future__ import annotations

from helpers.explorers.base import Explorer
from helpers.explorers.parts.background import Background
from helpers.explorers.parts.status import Status


class Working(Explorer):
    """A subclass puts `self.said` beside its buttons, starts generators with `self._work.start` and writes `_progress`."""

    said: Status  # made in `build`, like all that is shown

    def __init__(self, **options: object) -> None:
        self._work = Background(self._progress, self._stopped)
        super().__init__(**options)

    def _progress(self, said: str) -> None:
        """Draw what there is by now; `said` is what the work yielded last."""
        raise NotImplementedError

    def _stopped(self, error: Exception) -> None:
        self.said.say(f"stopped: {error}")

    def cancel(self) -> Working:
        """End the work after the piece it is in; what is known by then is kept."""
        if self._work.busy:
            self._work.cancel()
            self.said.say("cancelled")
        return self

    async def done(self) -> Explorer:
        await super().done()
        await self._work.done()
        return self

    def close(self) -> None:
        self._work.cancel()
        super().close()
