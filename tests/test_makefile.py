"""What make does on machines that lack something, and what it leaves alone; each in a copy of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECORDER = """#!/bin/sh
echo "$@" >> "{log}"
"""


@pytest.fixture
def project(tmp_path):
    """A folder with our Makefile, the files that it looks at, and a space in its name."""
    folder = tmp_path / "a project"
    (folder / "helpers" / "datasets").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def make(folder, *words, **variables):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "HELPERS"))}
    return subprocess.run(["make", *words], cwd=folder, env=clean | variables, capture_output=True, text=True)


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def installed(project):
    """The project with an environment whose Python only writes down how it was called."""
    python = script(project / ".venv" / "bin" / "python", RECORDER.format(log=project / "calls"))
    (project / ".venv" / "pyvenv.cfg").touch()
    (project / "data" / "cache").mkdir(parents=True)
    (project / ".venv" / ".installed").write_text(f"{project}\n")
    (project / "data" / "cache" / ".ready").touch()
    assert python.exists()
    return project


def calls(project):
    log = project / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_python_is_missing(project):
    done = make(project, "lab", "PYTHON=no-such-python")
    assert done.returncode
    assert "There is no no-such-python here. Install Python 3.11 or newer" in done.stdout
    assert "apt-get install python3" in done.stdout


def test_python_is_too_old(project):
    old = script(project / "old", '#!/bin/sh\ntest "$1" = --version && echo Python 3.9.2\nexit 1\n')
    done = make(project, "lab", f"PYTHON=./{old.name}")
    assert done.returncode
    assert "./old is Python 3.9.2; the lectures need 3.11 or newer." in done.stdout
    assert not (project / ".venv").exists()


def test_python_cannot_make_an_environment(project):
    for name in ("ensurepip", "pip"):
        script(project / "stubs" / name / "__main__.py", f"raise SystemExit('No module named {name}')")
        script(project / "stubs" / name / "__init__.py", "")
    done = make(project, "lab", f"PYTHON={sys.executable}", PYTHONPATH=str(project / "stubs"))
    assert done.returncode
    assert f"sudo apt-get install {Path(sys.executable).name}-venv" in done.stdout
    assert not (project / ".venv").exists()


def test_a_folder_that_is_no_environment_is_spared(project):
    (project / ".venv").mkdir()
    (project / ".venv" / "thesis.txt").touch()
    done = make(project, "lab", f"PYTHON={sys.executable}")
    assert done.returncode
    assert ".venv is no environment of ours" in done.stdout
    assert (project / ".venv" / "thesis.txt").exists()


def test_the_second_time_only_the_server_starts(installed):
    assert make(installed, "lab").returncode == 0
    assert calls(installed) == ["-m helpers.server notebooks/01_neurons.ipynb"]


def test_another_notebook(installed):
    make(installed, "lab", "NOTEBOOK=notebooks/05_rnns.ipynb")
    assert calls(installed) == ["-m helpers.server notebooks/05_rnns.ipynb"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_other_versions_are_installed(installed, name):
    later = (installed / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(installed / name, (later, later))
    make(installed, "lab")
    assert calls(installed)[0] == "-m pip install -c constraints.txt -e .[test]"


def test_a_moved_project_is_installed_again(installed):
    moved = installed.rename(installed.parent / "moved")
    script(moved / ".venv" / "bin" / "python", RECORDER.format(log=moved / "calls"))
    make(moved, "doctor")
    assert calls(moved) == ["-m pip install -c constraints.txt -e .[test]", "-m helpers.doctor"]
    assert (moved / ".venv" / ".installed").read_text() == f"{moved}\n"


def test_data_is_built_when_it_is_missing_and_where_it_is_wanted(installed):
    (installed / "elsewhere").mkdir()
    make(installed, "lab", HELPERS_DATA="elsewhere")
    assert calls(installed)[0] == "-m helpers.datasets"
    assert (installed / "elsewhere" / ".ready").exists()


def test_a_failed_build_is_tried_again(installed):
    (installed / "data" / "cache" / ".ready").unlink()
    script(installed / ".venv" / "bin" / "python", "#!/bin/sh\nexit 1\n")
    assert make(installed, "lab").returncode
    assert not (installed / "data" / "cache" / ".ready").exists()


def test_tests_run_each_part(installed):
    make(installed, "test")
    log = "\n".join(calls(installed))
    for part in (
        "ruff check",
        "lint_imports",
        "pytest tests",
        "--nbval-lax",
        "tests.browser.chromium",
        "pytest tests/browser --ignore=tests/browser/test_lectures.py --ignore=tests/browser/test_latency.py"
        " --ignore=tests/browser/test_attention_size.py",
        "pytest tests/browser/test_lectures.py",
        "pytest tests/browser/test_latency.py tests/browser/test_attention_size.py",
    ):
        assert part in log


def test_clean_removes_only_what_tools_left_behind(installed):
    ours = ["build/slides/a.html", "helpers/__pycache__/a.pyc", "notebooks/.ipynb_checkpoints/a.ipynb", ".ruff_cache/a"]
    theirs = [
        "data/cache/notes/a.wav",
        "notebooks/mine.ipynb",
        "mine/__pycache__/a.pyc",
        ".venv/bin/python",
        "mine/build/a",
    ]
    for name in ours + theirs:
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        (installed / name).touch()
    assert make(installed, "clean").returncode == 0
    assert [name for name in ours if (installed / name).exists()] == []
    assert [name for name in theirs if not (installed / name).exists()] == []


def test_distclean_spares_the_data_and_what_is_no_environment(installed):
    (installed / ".venv" / "pyvenv.cfg").unlink()
    assert make(installed, "distclean").returncode
    assert (installed / ".venv" / "bin" / "python").exists()
    (installed / ".venv" / "pyvenv.cfg").touch()
    assert make(installed, "distclean").returncode == 0
    assert not (installed / ".venv").exists()
    assert (installed / "data" / "cache" / ".ready").exists()
