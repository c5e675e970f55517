"""Running a notebook stores what a reader sees and nothing that changes from run to run."""

import nbformat
import pytest
from nbformat import v4

from helpers import publish
from tests import notebook_rules as rules

SLIDER = """
from ipywidgets import IntSlider

class Pictured(IntSlider):
    def _repr_mimebundle_(self, **options):
        return super()._repr_mimebundle_(**options) | {"image/png": "aGVsbG8=", "text/plain": "a slider at 0"}

Pictured()
"""


def stored(folder, *sources):
    path = folder / "a.ipynb"
    cells = [v4.new_code_cell(source, metadata={"tags": ["drive"], "slideshow": {"slide_type": "slide"}}) for source in sources]
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path


def test_a_notebook_is_run_and_keeps_to_the_rules(tmp_path, capsys):
    path = stored(tmp_path, SLIDER, "import os; print(sorted(os.listdir()))")
    assert publish.main([path]) == 0
    notebook = nbformat.read(path, as_version=4)
    widget, text = notebook.cells[0].outputs[0].data, notebook.cells[1].outputs[0].text
    assert widget == {"image/png": "aGVsbG8=", "text/plain": "a slider at 0"}
    assert text == "['a.ipynb']\n"
    assert notebook.metadata == publish.METADATA
    assert notebook.cells[0].metadata == {"tags": ["drive"], "slideshow": {"slide_type": "slide"}}
    assert not [complaint for rule in rules.RULES for complaint in rule(notebook)]


def test_running_again_changes_nothing(tmp_path):
    path = stored(tmp_path, SLIDER, "print(1)")
    publish.publish(path)
    first = path.read_bytes()
    publish.publish(path)
    assert path.read_bytes() == first


def test_a_failing_cell_is_named_and_the_file_stays(tmp_path, capsys):
    path = stored(tmp_path, "print('fine')", "int('not a number')")
    before = path.read_bytes()
    assert publish.main([path]) == 1
    assert "invalid literal for int()" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("key", "value"), [("execution", {}), ("collapsed", True), ("scrolled", True)])
def test_what_a_front_end_leaves_in_a_cell_is_dropped(key, value):
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1", metadata={key: value, "tags": ["a"]})])
    publish.tidy(notebook)
    assert notebook.cells[0].metadata == {"tags": ["a"]}
