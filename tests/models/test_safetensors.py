"""Safetensors: what is written is read, the bytes are where the format says, and half a file is noticed."""

import json
import struct

import numpy as np
import pytest
import torch

from helpers.models import safetensors

TENSORS = {
    "weight": torch.arange(12, dtype=torch.float32).reshape(3, 4) / 7,
    "half": torch.tensor([1.5, -2.0, 0.25], dtype=torch.float16),
    "bytes": torch.tensor([0, 255, 3], dtype=torch.uint8),
    "odd place": torch.tensor([[1, 2]], dtype=torch.int64),
    "truth": torch.tensor([True, False]),
    "brain": torch.tensor(3.0, dtype=torch.bfloat16),
    "none": torch.zeros(0, 4),
}


def test_what_is_written_is_read(tmp_path):
    safetensors.write(tmp_path / "w.safetensors", TENSORS, {"recipe": "none — it is a test"})
    found = safetensors.read(tmp_path / "w.safetensors")
    assert list(found) == list(TENSORS)
    for name, tensor in TENSORS.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)
    assert safetensors.metadata(tmp_path / "w.safetensors") == {"recipe": "none — it is a test"}
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


def test_the_file_is_as_the_format_says(tmp_path):
    safetensors.write(tmp_path / "w.safetensors", TENSORS)
    raw = (tmp_path / "w.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header, body = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    first, last = header["weight"]["data_offsets"]
    assert header["weight"]["dtype"] == "F32"
    np.testing.assert_array_equal(np.frombuffer(body[first:last], "<f4").reshape(3, 4), TENSORS["weight"].numpy())
    assert (8 + length) % 8 == 0
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(body)


def test_the_same_as_the_library(tmp_path):
    library = pytest.importorskip("safetensors.torch", reason="not a dependency; where it is installed, both must agree")
    safetensors.write(tmp_path / "ours.safetensors", TENSORS)
    for name, tensor in library.load_file(tmp_path / "ours.safetensors").items():
        assert torch.equal(tensor, TENSORS[name])
    library.save_file(TENSORS, tmp_path / "theirs.safetensors")
    for name, tensor in safetensors.read(tmp_path / "theirs.safetensors").items():
        assert torch.equal(tensor, TENSORS[name])


def test_a_change_stays_out_of_the_file(tmp_path):
    safetensors.write(tmp_path / "w.safetensors", TENSORS)
    before = (tmp_path / "w.safetensors").read_bytes()
    safetensors.read(tmp_path / "w.safetensors")["weight"].zero_()
    assert (tmp_path / "w.safetensors").read_bytes() == before


@pytest.mark.parametrize("kept", [4, 100, -1])
def test_half_a_file_is_noticed(tmp_path, kept):
    safetensors.write(tmp_path / "w.safetensors", {"a": torch.ones(50)})
    raw = (tmp_path / "w.safetensors").read_bytes()
    (tmp_path / "w.safetensors").write_bytes(raw[:kept])
    with pytest.raises(ValueError, match=r"w\.safetensors.*Fetch it again"):
        safetensors.read(tmp_path / "w.safetensors")


def test_a_kind_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="complex64; the format knows"):
        safetensors.write(tmp_path / "w.safetensors", {"a": torch.zeros(2, dtype=torch.complex64)})
