"""First-layer weights of other people's networks: bit for bit those in the file, or an error that says what to do."""

import hashlib
import zipfile

import numpy as np
import pytest
import torch

from helpers.datasets.assets import ASSETS, path_of
from helpers.models import pretrained

CASES = {
    "crepe-tiny.pth": (pretrained.crepe_kernels, "conv1.weight", (128, 1, 512, 1), (128, 512)),
    "efficientnet-lite0.pth": (pretrained.efficientnet_stem, "_conv_stem.weight", (32, 3, 3, 3), (32, 3, 3, 3)),
}


def tensors_of(path) -> list[bytes]:
    """The raw numbers of every tensor in a file of torch.save, read as the plain zip archive that it is."""
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist() if "/data/" in name]


@pytest.fixture(params=CASES)
def case(request):
    return request.param, *CASES[request.param]


def test_weights_are_those_in_the_file_bit_for_bit(case, tmp_path):
    _name, read, key, shape, seen = case
    weights = torch.randn(shape)
    torch.save({"other": torch.zeros(3), key: weights}, tmp_path / "weights.pth")
    found = read(tmp_path / "weights.pth")
    assert found.shape == seen
    assert found.numpy().tobytes() in tensors_of(tmp_path / "weights.pth")


def test_the_real_asset_bit_for_bit(case):
    name, read, key, _shape, seen = case
    path = path_of(name)
    if not path.exists():
        pytest.skip(f"{name} is not fetched; `make data` fetches it")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == ASSETS[name].sha256
    found = read(path)
    assert found.shape == seen
    assert found.dtype == torch.float32
    stored = torch.load(path, map_location="cpu", weights_only=True)[key]
    assert found.numpy().tobytes() == stored.numpy().astype(np.float32).tobytes()


@pytest.mark.parametrize("wrong", [{}, {"conv1.weight": torch.zeros(5), "_conv_stem.weight": torch.zeros(5)}])
def test_a_file_of_another_network_is_named(case, tmp_path, wrong):
    _name, read, key, _shape, _seen = case
    torch.save(wrong, tmp_path / "other.pth")
    with pytest.raises(ValueError, match=rf"other\.pth: {key} is .*; it should be .*make data"):
        read(tmp_path / "other.pth")


def test_code_in_a_file_is_not_run(case, tmp_path):
    class Bomb:
        def __reduce__(self):
            return exec, ("raise SystemExit('it ran')",)

    torch.save({case[2]: Bomb()}, tmp_path / "bomb.pth")
    with pytest.raises(Exception, match=r"[Ww]eights.only"):
        case[1](tmp_path / "bomb.pth")


def test_alexnet_is_read_from_where_torchvision_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"AlexNet's weights are not on this machine.*torchvision"):
        pretrained.alexnet_stem()
    (tmp_path / "checkpoints").mkdir()
    weights = torch.randn(64, 3, 11, 11)
    torch.save({"features.0.weight": weights}, tmp_path / "checkpoints" / "alexnet-owt-7be5be79.pth")
    assert torch.equal(pretrained.alexnet_stem(), weights)
