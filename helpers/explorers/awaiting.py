"""Keeps controls alive while a cell awaits: the browser is told that the kernel has heard each change.

ipykernel 7.4 hands a control's change on while `await fit(...)` runs, but does not report the end of that message; and
ipywidgets sends a control's next change only after that report, so the control would stay dead, even after the run.
"""

from __future__ import annotations

import inspect


def acknowledge() -> None:
    """Let the kernel report the end of every widget's message; does nothing outside a kernel, or the second time."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or getattr(kernel.shell_handlers["comm_msg"], "acknowledges", False):
        return
    handle = kernel.shell_handlers["comm_msg"]

    async def handler(stream: object, ident: list[bytes], message: dict) -> None:
        try:
            handled = handle(stream, ident, message)
            if inspect.isawaitable(handled):
                await handled
        finally:
            kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=message)

    handler.acknowledges = True
    kernel.shell_handlers["comm_msg"] = handler
