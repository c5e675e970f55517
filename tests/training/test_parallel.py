"""Two processes under torchrun against one with the joint batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.two_processes import trainings

HERE = Path(__file__).parent
ALONE = ("uneven", "empty share", "early", "not finite", "resumed")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What each of two processes found, and what they printed."""
    folder = tmp_path_factory.mktemp("two")
    root = HERE.parent.parent
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HELPERS_DEVICE": "cpu", "PYTHONPATH": str(root)}
    run = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
         str(HERE / "two_processes.py"), str(folder)],
        env=environment, cwd=root, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    threads = [path.read_text() for path in folder.glob("threads of *")]
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)], run.stdout, threads


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return trainings(tmp_path_factory.mktemp("one"))


@pytest.mark.parametrize("name", ALONE)
def test_two_processes_find_the_weights_of_one(both, one, name):
    for rank in both[0]:
        torch.testing.assert_close(rank[name]["weights"], one[name]["weights"], atol=1e-5, rtol=0)
        assert rank[name]["history"]["stopped"] == one[name]["history"]["stopped"]
        assert rank[name]["history"]["loss"] == pytest.approx(one[name]["history"]["loss"], abs=1e-5)
        assert rank[name]["history"]["valid"] == pytest.approx(one[name]["history"]["valid"], abs=1e-5)


def test_the_cases_are_what_they_are_called(one):
    assert {name: one[name]["history"]["stopped"] for name in ALONE} == {
        "uneven": "finished", "empty share": "finished", "early": "early", "not finite": "not finite",
        "resumed": "finished",
    }  # fmt: skip
    assert one["half"]["history"] is None


def test_both_stop_after_the_same_step(both):
    first, second = (rank["stopped"]["history"] for rank in both[0])
    assert first["stopped"] == second["stopped"] == "stopped"
    assert first["loss"] == second["loss"]
    assert torch.equal(both[0][0]["stopped"]["weights"], both[0][1]["stopped"]["weights"])


def test_no_thread_of_the_group_outlives_it(both):
    """One that drops a tensor while the interpreter goes down brings the whole process down with an abort."""
    assert all("gloo" not in names for names in both[2])


def test_only_the_first_process_prints(both):
    lines = [line for line in both[1].splitlines() if "× 2 processes:" in line]
    assert len(lines) == 7
