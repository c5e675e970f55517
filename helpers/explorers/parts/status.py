"""A line of words beside the buttons that says how far some work is; a screen reader says it, too."""

from __future__ import annotations

import html

import ipywidgets as widgets


class Status(widgets.HTML):
    """Empty until something is said."""

    def say(self, text: str) -> None:
        """Say this in place of what was said before; nothing, where the text is empty."""
        self.value = f'<span role="status" style="font-size:14px">{html.escape(text, quote=False)}</span>' if text else ""
