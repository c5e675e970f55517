"""Runs the notebooks top to bottom and stores them as they are committed: `make notebooks`.

A stored notebook shows what its reader will see before running it: pictures, text and sounds. A widget cannot live
without its kernel, so its picture and description stay and the widget itself is left out; what differs from run to
run (times, model ids, the Python's version) is left out too, so that a change in git is a change of content.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
CELL_SECONDS = 180
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"


def run(notebook: NotebookNode, folder: Path) -> None:
    """Execute every cell in `folder`; raises what nbclient raises when a cell fails or takes too long."""
    resources = {"metadata": {"path": str(folder)}}
    options = {"store_widget_state": False, "record_timing": False, "kernel_name": "python3"}
    NotebookClient(notebook, timeout=CELL_SECONDS, resources=resources, **options).execute()


def tidy(notebook: NotebookNode) -> None:
    """Leave in the notebook only what a reader or a tool needs."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled", "trusted"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if len(data) > 1:
                data.pop(WIDGET, None)
            output.get("metadata", {}).pop(WIDGET, None)


def publish(path: Path) -> None:
    """Run the notebook at `path` and put the result in its place; if a cell fails the file stays as it was."""
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path.parent)
    tidy(notebook)
    part = path.with_suffix(".ipynb.part")
    nbformat.write(notebook, part)
    os.replace(part, path)


def main(paths: Iterable[Path]) -> int:
    """Publish each notebook, and return how many failed."""
    failed = 0
    for path in paths:
        try:
            publish(path)
            print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB")
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failed += 1
            print(f"{path} stays as it was; a cell failed:\n{error}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    named = map(Path, sys.argv[1:])
    sys.exit(main(list(named) or sorted(ROOT.glob("notebooks/**/[!.]*.ipynb"))) > 0)
