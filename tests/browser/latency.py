"""How long a reader waits, measured in the page: from the event's own time to the end of the frame that shows its effect.

The machine that runs the tests may be busy, so a tier fails at three times its budget; the table shows what was reached.
"""

from __future__ import annotations

import numpy as np

TOLERANCE = 3
# For each event the time until the canvas was drawn, and until it was drawn with what the kernel answered.
RECORDER = """([canvas, words, types]) => {
  globalThis.recorder?.stop();
  const times = { drawn: [], answered: [], frames: [] };
  let at = null, drawn = false, answered = false, awaited = {};
  const heard = (event) => {
    if (event.isTrusted && at === null) [at, drawn, answered] = [event.timeStamp, false, false];
  };
  const afterFrame = new MessageChannel();
  afterFrame.port1.onmessage = ({ data }) => {
    const now = performance.now();
    times.frames.push(now);
    if (at === null) return;
    if (!drawn) times.drawn.push(now - at);
    drawn = true;
    awaited.drawn?.();
    if (!data) return;
    times.answered.push(now - at);
    at = null;
    awaited.answered?.();
  };
  const frames = new MutationObserver(() => afterFrame.port2.postMessage(answered));
  frames.observe(canvas, { attributes: true, attributeFilter: ["data-frame"] });
  const told = new MutationObserver(() => (answered = true));
  told.observe(words, { childList: true, characterData: true, subtree: true });
  told.observe(canvas, { attributes: true, attributeFilter: ["aria-label"] });
  for (const type of types) addEventListener(type, heard, true);
  globalThis.recorder = {
    times,
    next: () => (at = null),
    until: (kind, patience) => (kind === "drawn" ? drawn : at === null) || new Promise((done) => {
      awaited = { [kind]: done };
      setTimeout(done, patience);
    }),
    stop() {
      frames.disconnect();
      told.disconnect();
      for (const type of types) removeEventListener(type, heard, true);
    },
  };
}"""


class Table:
    """What was measured, one row a tier."""

    def __init__(self):
        self.measured: list[tuple[str, np.ndarray, float]] = []

    def add(self, name: str, times: list[float], budget: float) -> None:
        """Keep a tier's times in ms and assert that its 95th percentile is below three times the budget."""
        assert len(times) >= 20, f"{name}: only {len(times)} of 20 samples"
        self.measured.append((name, np.asarray(times), budget))
        slow = float(np.percentile(times, 95))
        assert slow <= TOLERANCE * budget, f"{name}: {slow:.0f} ms at the 95th percentile, budget {budget:.0f} ms"

    def rows(self) -> list[str]:
        """The table as lines of text."""
        head = f"{'':68}{'n':>4}{'p50':>8}{'p95':>8}{'budget':>8}"
        return [head, *(_row(*measured) for measured in self.measured)]


def _row(name: str, times: np.ndarray, budget: float) -> str:
    p50, p95 = np.percentile(times, [50, 95])
    return f"{name:68}{len(times):4}{p50:8.1f}{p95:8.1f}{budget:8.0f}{'' if p95 <= budget else '  over'}"


TABLE = Table()


class Recorder:
    """Records the times of one explorer's events."""

    def __init__(self, shown, *types: str):
        self.page = shown.page
        handles = [shown.canvas.element_handle(), shown.caption.element_handle()]
        self.page.evaluate(RECORDER, [*handles, list(types)])

    def sample(self, act, pause: int = 60) -> None:
        """Do something once the last effect is over, and wait for its effect."""
        self.page.evaluate("() => recorder.next()")
        act()
        self.page.wait_for_timeout(pause)

    def until(self, kind: str, act, pause: int = 400) -> None:
        """Do something and wait for its effect of that kind, at the most so many ms; then the page has a moment of rest."""
        self.page.evaluate("() => recorder.next()")
        act()
        self.page.evaluate("([kind, pause]) => recorder.until(kind, pause)", [kind, pause])
        self.page.wait_for_timeout(30)

    def times(self, kind: str) -> list[float]:
        """Those of a kind, without the first five: caches are cold."""
        return self.page.evaluate("(kind) => recorder.times[kind]", kind)[5:]
