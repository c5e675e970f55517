"""What is committed is ours, small, free of addresses that belong to one machine, and the same for everybody."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
# Ours, and no text: pictures for the README, weights that this project trained, with their recipe beside them, and samples of them.
OURS = re.compile(r"(docs/\S+|README)\.(png|webp)|data/checkpoints/(\S+\.safetensors|comparison\.npz)")
SHAPE = re.compile(r'\b(?:Float|U?Int[0-9]*|Bool|Shaped|Complex|Wave)\[[^"\]]*"[^"\]]*$')  # inside of a shape
INDEX = re.compile(
    r"(?:index|find)[-_](?:url|links)\s*[=: ]\s*[\"']?(?:https?:|file:|/)|trusted[-_]host\s*[=: ]|"
    r"https?://(?!127\.0\.0\.1)[^\s\"')]*/simple\b|https?://(?:\w+\.)*(?:pypi|pythonhosted|npmjs|registry)\b",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/\w")
JAVASCRIPT = re.compile(r"https?:|\brequire\s*\(|\bwindow\.(?!devicePixelRatio\b)")


def committed():
    """Every file that git tracks, or would track if it were added."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return sorted(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


FILES = committed()
TEXTS = {path: path.read_text(encoding="utf-8", errors="replace") for path in FILES if b"\0" not in path.read_bytes()}


def places(pattern, paths):
    """Each match of `pattern`, as file:line: match, but for the line that defines the pattern."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(TEXTS[path].splitlines(), start=1)
        for found in pattern.finditer(line)
    ]


def test_nothing_binary_but_our_own():
    binary = [str(path.relative_to(ROOT)) for path in FILES if path not in TEXTS]
    assert [name for name in binary if not OURS.fullmatch(name)] == []


def test_files_are_small():
    weights = 8 * MEGABYTE
    large = [path for path in FILES if path.stat().st_size > (weights if path.suffix == ".safetensors" else MEGABYTE)]
    assert large == []


def test_no_address_of_a_package_index():
    assert places(INDEX, TEXTS) == []


def test_no_path_of_one_machine():
    assert places(MACHINE, [path for path in TEXTS if path.name != "test_notebooks.py"]) == []


def test_views_and_explorers_stay_inside_the_notebook():
    scripts = [path for path in TEXTS if path.is_relative_to(ROOT / "helpers") and path.suffix in (".js", ".css")]
    rooms = [path for path in TEXTS if any(path.is_relative_to(ROOT / "helpers" / room) for room in ("explorers", "views"))]
    assert scripts
    assert places(JAVASCRIPT, scripts) == []
    assert places(re.compile("https?:"), rooms) == []


def test_every_name_is_known():
    """Ruff does not look (F821), for it takes the words of jaxtyping's strings for names; here what is in strings is let off."""
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "F821", "--output-format", "json", "helpers", "tests", "benchmarks"]
    found = json.loads(subprocess.run(ruff, cwd=ROOT, capture_output=True, check=False).stdout)
    assert len(found) > 100  # it looked
    unknown = [
        f"{Path(one['filename']).relative_to(ROOT)}:{row}: {line.strip()}"
        for one in found
        for row, column in [(one["location"]["row"], one["location"]["column"])]
        for line in [TEXTS[Path(one["filename"])].splitlines()[row - 1]]
        if not SHAPE.search(line[: column - 1])
    ]
    assert unknown == []
    assert SHAPE.search('x: Int[Tensor, "')
    assert not any(SHAPE.search(before) for before in ('said = f"{', 'x: Float[Tensor, "n"], y = f"'))


def test_no_widget_that_weighs_five_megabytes():
    assert places(re.compile("FigureWidget"), [path for path in TEXTS if path.is_relative_to(ROOT / "helpers")]) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (INDEX, "--index-url https://example.org"),
        (INDEX, "extra_index_url = file:///wheels"),
        (INDEX, "pip install --find-links /wheels a"),
        (INDEX, "https://packages.example.org/a/simple/torch"),
        (MACHINE, "open('/home/me/a.wav')"),
        (JAVASCRIPT, 'import * as d3 from "https://example.org/d3.js"'),
        (JAVASCRIPT, "window.state = 3"),
    ],
)
def test_patterns_notice(pattern, text):
    assert pattern.search(text)


@pytest.mark.parametrize("text", ["no index URLs", "find links in the text", "window.devicePixelRatio", "the work/life of"])
def test_patterns_do_not_notice_what_is_fine(text):
    assert not any(pattern.search(text) for pattern in (INDEX, MACHINE, JAVASCRIPT))


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("bench_*.py")), ids=lambda path: path.stem)
def test_benchmarks_can_be_imported_without_their_peers(path):
    assert callable(importlib.import_module(f"benchmarks.{path.stem}").main)
