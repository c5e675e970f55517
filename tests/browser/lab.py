"""A page of the real JupyterLab: puts cells into its notebook, runs them, and hands out what they show."""

from __future__ import annotations

import ast
import json
import re
import urllib.request
from pathlib import Path

import nbformat
from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebSocket

from tests.browser.shown import Shown

LOCAL = re.compile(r"(?:https?|wss?)://127\.0\.0\.1[:/]|(?:data|blob|about|chrome-error|devtools):|file:")
# Of JupyterLab's own making, and of what test_late holds; whatever else a page complains of fails the test it happened in.
KNOWN = (
    "[anywidget] Failed to initialize model",
    "was preloaded using link preload but not used",
    "ResizeObserver loop",
    "Cannot GET shutdown",
)
NEW = """async (codes) => {
  const { content, context, sessionContext } = jupyterapp.shell.currentWidget;
  const shared = content.model.sharedModel;
  const cells = codes.map((source) => ({ cell_type: "code", source, metadata: {} }));
  shared.transact(() => {
    shared.deleteCellRange(0, shared.cells.length);
    shared.insertCells(0, cells);
  });
  for (let i = 0; i < codes.length; i++) {
    content.activeCellIndex = i;
    await jupyterapp.commands.execute("notebook:run-cell");
  }
}"""
ERRORS = """() => jupyterapp.shell.currentWidget.content.widgets.flatMap(
  ({ model }) => model.type === "code" ? model.toJSON().outputs.filter((o) => o.output_type === "error") : []
).map((o) => `${o.ename}: ${o.evalue}`)"""
ASK = """async (expression) => {
  const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
  const user_expressions = { it: `__import__("json").dumps(${expression})` };
  const request = { code: "", silent: true, store_history: false, user_expressions };
  const { it } = (await kernel.requestExecute(request).done).content.user_expressions;
  if (it.status !== "ok") throw new Error(`${it.ename}: ${it.evalue}`);
  return it.data["text/plain"];
}"""
START = """([code, at]) => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = at;
  content.activeCell.model.sharedModel.setSource(code);
  jupyterapp.commands.execute("notebook:run-cell");
}"""
# Not the kernel's status: it says idle after every message that a widget sends while a cell waits.
BUSY = """() => jupyterapp.shell.currentWidget.content.widgets.some(
  ({ model }) => model.type === "code" && model.executionState !== "idle"
)"""
SCROLL = "(i) => jupyterapp.shell.currentWidget.content.scrollToItem(i, 'start')"
READY = "() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


class Lab:
    """One browser page on a notebook of its own; `asked` are the addresses outside that it tried, `problems` its errors."""

    def __init__(self, context: BrowserContext, address: str, token: str, files: Path):
        self.context, self.address, self.token, self.files = context, address, token, files
        self.asked: list[str] = []
        self.problems: list[str] = []
        self.page = context.new_page()
        context.on("request", self._requested)
        self.page.on("websocket", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._problem(str(error)))

    def open(self, name: str = "scratch.ipynb", notebook: nbformat.NotebookNode | None = None) -> Lab:
        """Show a notebook, an empty one if none is given, with a kernel that is ready; what was saved there is gone."""
        self.page.goto("about:blank")  # it saves what it shows when it is left
        notebook = notebook or nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        nbformat.write(notebook, self.files / name)
        self.page.goto(f"{self.address}/lab/tree/{name}?reset&token={self.token}")
        self.page.wait_for_function(READY, timeout=60_000)
        return self

    def show(self, *codes: str) -> list[Shown]:
        """Put these cells in place of all others and run them; what each shows comes back, scrolled to when used."""
        self.page.evaluate(NEW, list(codes))
        self.idle()
        return [Shown(self, i) for i in range(len(codes))]

    def start(self, code: str, at: int = 0) -> None:
        """Put code into a cell and run it, without waiting for its end."""
        self.page.evaluate(START, [code, at])
        self.page.wait_for_function(BUSY)

    def busy(self) -> bool:
        """Whether a cell is running."""
        return self.page.evaluate(BUSY)

    def idle(self) -> None:
        """Wait until no cell is running, and assert that none has failed."""
        self.page.wait_for_function(f"() => !({BUSY})()", timeout=800_000)  # the test's own limit comes first
        if errors := self.errors():
            raise AssertionError(f"In the notebook: {errors}")

    def cell(self, i: int):
        """The notebook's cell of that number."""
        return self.page.locator(f".jp-Notebook-cell[data-windowed-list-index='{i}']")

    def scroll_to(self, i: int) -> None:
        """Bring a cell into view, as the outline does."""
        self.page.evaluate(SCROLL, i)

    def ask(self, expression: str) -> object:
        """The value of a Python expression in the notebook's kernel, through JSON."""
        return json.loads(ast.literal_eval(self.page.evaluate(ASK, expression)))

    def errors(self) -> list[str]:
        """What went wrong in the notebook's cells."""
        return self.page.evaluate(ERRORS)

    def command(self, name: str, **arguments: object) -> None:
        """Do what a menu entry of JupyterLab does."""
        self.page.evaluate("([name, given]) => jupyterapp.commands.execute(name, given).then(() => {})", [name, arguments])

    def setting(self, plugin: str, **values: object) -> None:
        """Change JupyterLab's settings as its settings editor does; counts from the next `open`."""
        request = urllib.request.Request(
            f"{self.address}/lab/api/settings/{plugin}", json.dumps({"raw": json.dumps(values)}).encode(), method="PUT"
        )
        request.add_header("Authorization", f"token {self.token}")
        urllib.request.urlopen(request).close()

    def _requested(self, request: Request | WebSocket) -> None:
        if not LOCAL.match(request.url):
            self.asked.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._problem(f"{message.text} ({message.location.get('url', '')})")

    def _problem(self, text: str) -> None:
        if not any(known in text for known in KNOWN):
            self.problems.append(text)
