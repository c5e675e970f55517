"""Every committed notebook keeps to the rules, and each rule notices when it is broken."""

import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from tests import notebook_rules as rules

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/**/[!.]*.ipynb"))
LECTURES = [path for path in NOTEBOOKS if path.parent.name == "notebooks" and path.stem[:2].isdigit()]
SYLLABUS = tomllib.loads((ROOT / "tests" / "syllabus.toml").read_text())
MEGABYTE = 1_000_000


def name(value):
    return value.stem if isinstance(value, Path) else value.__name__


def test_there_are_lectures():
    assert LECTURES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
@pytest.mark.parametrize("rule", rules.RULES, ids=name)
def test_notebook_keeps(rule, path):
    assert not list(rule(nbformat.read(path, as_version=4)))


@pytest.mark.parametrize("path", LECTURES, ids=name)
@pytest.mark.parametrize("rule", rules.LECTURE_RULES, ids=name)
def test_lecture_keeps(rule, path):
    assert not list(rule(nbformat.read(path, as_version=4)))


@pytest.mark.parametrize("path", LECTURES, ids=name)
def test_lecture_teaches_its_syllabus(path):
    taught = {tag.removeprefix("concept:") for tag in rules.tags(nbformat.read(path, as_version=4)) if "concept:" in tag}
    assert taught == set(SYLLABUS[path.stem])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_is_small_and_valid(path):
    assert path.stat().st_size <= MEGABYTE
    nbformat.validate(nbformat.read(path, as_version=4))


def code(source, outputs=(), **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"slideshow": {}} | metadata)


def shown(**data):
    return v4.new_output("display_data", data={key.replace("_", "/"): value for key, value in data.items()})


def lecture(*cells):
    """A lecture that breaks no rule, with more cells at its end."""
    cells = [
        code("from helpers import audio, datasets"),
        code("note = audio.tone(440.0)\nawait note", tags=["drive"]),
        code("%matplotlib inline\nhelpers = 3\nhelpers.real", [shown(image_png="aGVsbG8=/home/me/" * 40, text_plain="a")]),
        v4.new_markdown_cell("Read [the paper](https://example.org).", metadata={"slideshow": {"slide_type": "notes"}}),
        *cells,
    ]
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    return v4.new_notebook(cells=cells, metadata=metadata)


WIDGET = "application/vnd.jupyter.widget-view+json"
ERROR = v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
BREACHES = [
    (rules.no_trailing_semicolon, code("1 + 1;  \n")),
    (rules.cells_fit_the_screen, code("x = 1\n" * 21)),
    (rules.code_is_short, *[code("x = 1\n" * 20) for _ in range(8)]),
    (rules.no_error_is_stored, code("int('x')", [ERROR])),
    (rules.no_widget_is_stored, code("w", [v4.new_output("display_data", data={WIDGET: {"model_id": "a"}})])),
    (rules.no_absolute_path, code("open('/home/me/a.wav')")),
    (rules.no_absolute_path, code("x", [v4.new_output("stream", text="saved in C:\\Users\\me")])),
    (rules.no_absolute_path, code("x", [shown(text_plain="'/tmp/a/b'")])),
    (rules.nothing_is_remote, v4.new_markdown_cell("![a](https://example.org/a.png)", metadata={"slideshow": {}})),
    (rules.nothing_is_remote, code("x", [shown(text_html='<script defer src="//example.org/a.js"></script>')])),
    (rules.no_unwelcome_name, code("go.FigureWidget()")),
    (rules.no_unwelcome_name, code("name = input()")),
    (rules.helpers_names_exist, code("audio.no_such_function(3)")),
    (rules.helpers_names_exist, code("from helpers.audio import no_such_function")),
    (rules.helpers_names_exist, code("import helpers.no_such_module")),
    (rules.helpers_names_exist, code("datasets.notes.no_such_function")),
    (rules.has_slides, v4.new_markdown_cell("no metadata")),
    (rules.predictions_come_first, code("Explorer(predict=True)", [shown(image_png="aGVsbG8=")])),
    (rules.has_slides, code("x", slideshow={"slide_type": "-"})),
]


def test_a_good_lecture_breaks_no_rule():
    complaints = [list(rule(lecture())) for rule in rules.RULES + rules.LECTURE_RULES]
    assert complaints == [[]] * len(complaints)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach[0].__name__)
def test_rule_notices(breach):
    rule, *cells = breach
    assert list(rule(lecture(*cells)))


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        (rules.was_run_top_to_bottom, lambda notebook: notebook.cells[0].update(execution_count=7)),
        (rules.no_widget_is_stored, lambda notebook: notebook.metadata.update(widgets={})),
        (rules.metadata_is_plain, lambda notebook: notebook.metadata.kernelspec.update(name="my-env")),
        (rules.metadata_is_plain, lambda notebook: notebook.metadata.language_info.update(version="3.11.7")),
        (rules.begins_with_helpers, lambda notebook: notebook.cells.insert(0, code("import torch"))),
        (rules.begins_with_helpers, lambda notebook: notebook.cells[0].update(source="import torch\nimport helpers")),
        (rules.has_slides, lambda notebook: notebook.cells.pop(3)),
        (rules.is_driven, lambda notebook: notebook.cells.pop(1)),
    ],
)
def test_rule_notices_what_is_spoilt(rule, spoil):
    notebook = lecture()
    spoil(notebook)
    assert list(rule(notebook))


def test_an_error_on_purpose_is_no_complaint():
    assert not list(rules.no_error_is_stored(lecture(code("int('x')", [ERROR], tags=["raises-exception"]))))
