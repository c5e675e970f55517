"""Tests for a machine with a GPU of NVIDIA's; anywhere else they are skipped, and say so.

Such a machine may have torch, numpy, jaxtyping and pytest, but none of this project's other tools. There, run
`python -m pytest -c /dev/null --rootdir . --confcutdir tests/gpu -rs tests/gpu` from the project's folder.
"""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[2]))


def pytest_configure(config):
    config.addinivalue_line("markers", "gpu: needs a GPU of NVIDIA's")


def pytest_collection_modifyitems(items):
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="no CUDA device on this machine"))


@pytest.fixture(autouse=True)
def _best_device(monkeypatch):
    """Undo the wishes that hold for all other tests."""
    monkeypatch.delenv("HELPERS_DEVICE", raising=False)
    monkeypatch.delenv("HELPERS_BUDGET", raising=False)
