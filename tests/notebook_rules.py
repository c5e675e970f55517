"""What every committed notebook keeps to. A rule takes a notebook and yields a complaint for each place that breaks it.

RULES hold for every notebook, LECTURE_RULES for the numbered lectures. tests/test_notebooks.py applies them, and
breaks each one on purpose to see that it notices.
"""

import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tests.notebook_names import tree, unknown_names

Complaints = Iterator[str]
CELL_LINES = 20
CODE_LINES = 150
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", None}  # None: on the same slide; "-" hides the cell
UNWELCOME = {
    "FigureWidget": "5 MB each; use a view, or plotly's go.Figure",
    "clear_output": "flickers, and nbval knows it not; draw into one widget",
    "interact": "redraws the whole output; use an explorer",
    "input": "no one answers in a test; use a widget or an exercise",
}
PATH = re.compile(r"(?<![\w./:])/(?:home|Users|root|tmp|var|usr|opt|mnt|work|private)/\w|\b[A-Z]:\\\\?\w")
REMOTE = re.compile(
    r"<(?:img|script|link|iframe|audio|video|source|object|embed)\b[^>]*?\b(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//"
    r"|!\[[^\]]*\]\(\s*(?:https?:)?//|\b(?:import|from)\s*\(?[\"']https?://|url\(\s*[\"']?https?://",
    re.IGNORECASE,
)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code that are not empty."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield every stored output."""
    for cell in code_cells(notebook):
        yield from cell.outputs


def texts(notebook: NotebookNode) -> Iterator[str]:
    """Yield every piece of text a reader may see, without the pictures and sounds that lie in it as base64."""
    for cell in notebook.cells:
        yield cell.source
    for output in outputs(notebook):
        yield output.get("text", "")
        for value in output.get("data", {}).values():
            if isinstance(value, str):
                yield re.sub(r"base64,[\w+/=\s]+|^[\w+/=\s]{200,}$", "", value)


def tags(notebook: NotebookNode) -> set[str]:
    """Return the tags of all cells."""
    return {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}


def quote(cell: NotebookNode) -> str:
    """Return the first line of a cell, to find it by."""
    return repr(cell.source.strip().split("\n")[0][:60])


def no_trailing_semicolon(notebook: NotebookNode) -> Complaints:
    """nbval runs cells in a way that makes a `;` at the end count for nothing."""
    for cell in code_cells(notebook):
        if cell.source.rstrip().endswith(";"):
            yield f"{quote(cell)} ends in ';'. Return None instead, or write _ = ..."


def cells_fit_the_screen(notebook: NotebookNode) -> Complaints:
    """A cell can be seen as a whole, on a slide too."""
    for cell in code_cells(notebook):
        if (lines := len(cell.source.splitlines())) > CELL_LINES:
            yield f"{quote(cell)} has {lines} lines of at most {CELL_LINES}"


def code_is_short(notebook: NotebookNode) -> Complaints:
    """What is not the lecture's subject is in helpers. Comments, docstrings and the stubs of exercises do not count."""
    lecture = [cell for cell in code_cells(notebook) if not any("exercise:" in t for t in cell.metadata.get("tags", []))]
    code = sum(len(_lines_of_code(cell)) for cell in lecture)
    if code > CODE_LINES:
        yield f"{code} lines of code, of at most {CODE_LINES}"


def _lines_of_code(cell: NotebookNode) -> list[str]:
    documented = [node for node in ast.walk(tree(cell)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    strings = [node.body[0] for node in documented if ast.get_docstring(node) is not None]
    prose = {number for string in strings for number in range(string.lineno, string.end_lineno + 1)}
    numbered = enumerate(cell.source.splitlines(), 1)
    return [line for n, line in numbered if n not in prose and line.strip() and not line.lstrip().startswith("#")]


def was_run_top_to_bottom(notebook: NotebookNode) -> Complaints:
    """The stored outputs belong together."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"cells were run in the order {counts}. Run make notebooks"


def no_error_is_stored(notebook: NotebookNode) -> Complaints:
    """No cell failed, but those that show an error on purpose."""
    for cell in code_cells(notebook):
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{quote(cell)} stored an error: {output.ename}: {output.evalue}"


def no_widget_is_stored(notebook: NotebookNode) -> Complaints:
    """A widget without its kernel is an error message in JupyterLab; its picture and text are stored instead."""
    if "widgets" in notebook.metadata:
        yield "the notebook holds widget state. Run make notebooks"
    for cell in code_cells(notebook):
        if any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in cell.outputs):
            yield f"{quote(cell)} stored a widget. Give it a picture and alt text, and run make notebooks"


def no_absolute_path(notebook: NotebookNode) -> Complaints:
    """A path of the machine that ran the notebook is of no use elsewhere."""
    for text in texts(notebook):
        for found in PATH.finditer(text):
            yield f"absolute path: {text[max(0, found.start() - 20) : found.end() + 40]!r}"


def nothing_is_remote(notebook: NotebookNode) -> Complaints:
    """Pictures and scripts come with the notebook: it works offline, and tells no one that it is read."""
    for text in texts(notebook):
        for found in REMOTE.finditer(text):
            yield f"loads from elsewhere: {found[0]!r}"


def no_unwelcome_name(notebook: NotebookNode) -> Complaints:
    """Some things that notebooks often use do not work here; UNWELCOME says why."""
    for cell in code_cells(notebook):
        for node in ast.walk(tree(cell)):
            name = getattr(node, "id", getattr(node, "attr", None))
            if name in UNWELCOME:
                yield f"{quote(cell)} uses {name}: {UNWELCOME[name]}"


def metadata_is_plain(notebook: NotebookNode) -> Complaints:
    """The kernel's name is one that everybody has, and nothing in it differs from machine to machine."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield f"the kernel is {notebook.metadata.get('kernelspec')}, not python3. Run make notebooks"
    if "version" in notebook.metadata.get("language_info", {}):
        yield "the Python version is stored. Run make notebooks"


def helpers_names_exist(notebook: NotebookNode) -> Complaints:
    """Every name that the notebook takes from helpers is there: code and text stay in step."""
    yield from unknown_names([tree(cell) for cell in code_cells(notebook)])


def begins_with_helpers(notebook: NotebookNode) -> Complaints:
    """The first code cell is one import of helpers."""
    first = code_cells(notebook)[0]
    statements = tree(first).body
    if len(statements) != 1 or "helpers" not in first.source or not isinstance(statements[0], ast.Import | ast.ImportFrom):
        yield f"the first cell of code is {quote(first)}, not one import of helpers"


def has_slides(notebook: NotebookNode) -> Complaints:
    """Each cell says where it stands in the slides, and some are the speaker's notes."""
    types = []
    for cell in notebook.cells:
        if "slideshow" not in cell.metadata:
            yield f"{quote(cell)} has no slideshow metadata; {{}} means: on the same slide"
            continue
        types.append(cell.metadata.slideshow.get("slide_type"))
        if types[-1] not in SLIDE_TYPES:
            yield f"{quote(cell)} has slide_type {types[-1]!r}; leave it out to stay on the same slide"
    if "notes" not in types:
        yield "no cell holds speaker notes (slide_type 'notes')"


def predictions_come_first(notebook: NotebookNode) -> Complaints:
    """What asks for a prediction stores no picture, which a reader would see before the question can be answered."""
    for cell in code_cells(notebook):
        if "predict=True" in cell.source and any("image/png" in output.get("data", {}) for output in cell.outputs):
            yield f"{quote(cell)} asks for a prediction, and its stored picture answers it. Run make notebooks"


def is_driven(notebook: NotebookNode) -> Complaints:
    """A cell moves every control, so that running the notebook runs the callbacks."""
    if "drive" not in tags(notebook):
        yield "no cell is tagged 'drive'"


RULES = (
    no_trailing_semicolon,
    cells_fit_the_screen,
    code_is_short,
    was_run_top_to_bottom,
    no_error_is_stored,
    no_widget_is_stored,
    no_absolute_path,
    nothing_is_remote,
    no_unwelcome_name,
    metadata_is_plain,
    helpers_names_exist,
)
LECTURE_RULES = (begins_with_helpers, has_slides, predictions_come_first, is_driven)
