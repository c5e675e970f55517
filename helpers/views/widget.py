"""What every view shares: its JavaScript read once, a stable text form, and messages answered newest first."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


def script(*names: str) -> str:
    """The views' JavaScript modules joined into one (a file path as `_esm` would keep every widget alive for ever)."""
    return "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)


def style() -> str:
    """The views' style sheet: JupyterLab's own colours, so that both themes are legible."""
    return (HERE / "views.css").read_text(encoding="utf-8")


class View(anywidget.AnyWidget):
    """A widget whose text form is its alternative text, so that notebooks store the same words on every run.

    The browser sends one message at a time and waits for `answered` to name it; what happens meanwhile waits in the
    browser, and only the newest of it is sent.
    """

    alt = traitlets.Unicode("").tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self._handlers: dict[str, object] = {}
        self.on_msg(self._receive)

    def on(self, kind: str, handler: object) -> None:
        """Call `handler(**message)` when the browser sends a message of this kind."""
        self._handlers[kind] = handler

    def _receive(self, _widget: object, message: dict, buffers: list) -> None:
        message = dict(message)
        number = message.pop("id", None)
        handler = self._handlers.get(message.pop("type", ""))
        try:
            with self.hold_sync():
                if handler:
                    handler(**message, **({"buffers": buffers} if buffers else {}))
        finally:
            if number is not None:
                self.answered = number

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": self.alt or type(self).__name__}, metadata
