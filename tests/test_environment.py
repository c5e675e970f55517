"""pip and conda install the same versions, and those are the versions that are tested here."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
EXTRAS = PROJECT["optional-dependencies"]
ASKED = [Requirement(line) for lines in (PROJECT["dependencies"], *EXTRAS.values()) for line in lines]


def pins():
    return {canonicalize_name(line.split("==")[0]): Version(line.split("==")[1]) for line in LINES}


def needed(name, extra="", seen=None):
    """Names of all packages that an installed one needs on this machine, itself included."""
    seen = set() if seen is None else seen
    if (name, extra) in seen:
        return seen
    seen.add((name, extra))
    for line in metadata.requires(name) or []:
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            for wanted in need.extras | {""}:
                needed(canonicalize_name(need.name), wanted, seen)
    return seen


def imported(path):
    """Root names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_conda_and_make_install_the_same():
    (pip,) = [entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict)]
    (make,) = re.findall(r"pip install (.*-e .*)", MAKEFILE)
    assert " ".join(pip).split() == make.replace("'", "").split() == ["-c", "constraints.txt", "-e", ".[test]"]


def test_conda_takes_nothing_but_python_and_pip_from_its_own_channel():
    python, pip = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]
    assert python.split() == ["python", PROJECT["requires-python"]]
    assert pip == "pip"


def test_each_constraint_is_one_exact_version():
    assert [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", line)] == []


def test_no_constraint_twice():
    assert len(pins()) == len(LINES)


@pytest.mark.parametrize("need", ASKED, ids=lambda need: need.name)
def test_the_tested_version_is_one_that_is_asked_for(need):
    assert need.specifier.contains(pins()[canonicalize_name(need.name)])


def test_torch_and_torchaudio_are_a_pair():
    torch, torchaudio = pins()["torch"], pins()["torchaudio"]
    assert (torch.major, torch.minor) == (torchaudio.major, torchaudio.minor) == (2, 11)


def test_what_is_installed_is_what_is_pinned():
    name = canonicalize_name(PROJECT["name"])
    names = {package for package, _ in needed(name) | needed(name, "test")} - {name}
    installed = {package: Version(metadata.version(package)) for package in names}
    assert {package: pins().get(package) for package in names} == installed


def test_what_is_imported_is_installed_by_make():
    """A package that only the benchmarks or somebody's own environment brings would break a fresh clone."""
    name = canonicalize_name(PROJECT["name"])
    brought = {package for package, _ in needed(name) | needed(name, "test")}
    files = [path for room in ("helpers", "tests") for path in (ROOT / room).rglob("*.py")]
    roots = {root for path in files for root in imported(path)} - {"helpers", "tests"} - set(sys.stdlib_module_names)
    makers = metadata.packages_distributions()
    lost = {root for root in roots if not brought & {canonicalize_name(maker) for maker in makers.get(root, [])}}
    assert lost == set()


def test_ci_runs_make_test_and_nothing_else():
    steps = (ROOT / ".ci" / "run").read_text().splitlines()
    assert steps == ["#!/usr/bin/env bash", "set -e", 'cd "$(dirname "$0")/.."', "make test"]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    assert workflow["jobs"]["test"]["steps"][-1] == {"run": ".ci/run"}
