"""Files of weights that hold numbers and nothing else: the safetensors format, read and written in a few lines.

Eight bytes say how long the header is; the header is JSON and says of each tensor its kind, its shape and where its
bytes lie; then come the bytes. Unlike a pickle, such a file can run no code. Format: huggingface/safetensors, 2022.
"""

from __future__ import annotations

import json
import math
import os
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

KINDS = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
NAMES = {kind: name for name, kind in KINDS.items()}


def read(path: str | os.PathLike) -> dict[str, Tensor]:
    """The tensors of a file by name. They are read when they are used; changing one does not change the file.

    Raises ValueError if the file is damaged, FileNotFoundError if there is none.
    """
    said, start = _header(path)
    body = torch.from_numpy(np.memmap(path, np.uint8, mode="c", offset=start, shape=Path(path).stat().st_size - start))
    found = {}
    for name, tensor in said.items():
        if name == "__metadata__":
            continue
        kind, shape, (first, last) = KINDS[tensor["dtype"]], tensor["shape"], tensor["data_offsets"]
        if last > len(body) or last - first != math.prod(shape) * kind.itemsize:
            raise ValueError(
                f"{Path(path).name}: {name} should be {shape} {kind}, but not all its bytes are there. Fetch it again."
            )
        part = body[first:last]
        found[name] = (part if first % kind.itemsize == 0 else part.clone()).view(kind).reshape(shape)
    return found


def metadata(path: str | os.PathLike) -> dict[str, str]:
    """The words that were written with the weights. Raises as `read` does."""
    return _header(path)[0].get("__metadata__", {})


def write(path: str | os.PathLike, tensors: dict[str, Tensor], words: dict[str, str] | None = None) -> None:
    """Write tensors, and words about them, to a file; it appears under its name when it is whole.

    Raises ValueError for a kind of number that the format does not know.
    """
    header: dict = {"__metadata__": words} if words else {}
    parts, at = [], 0
    for name, tensor in tensors.items():
        if tensor.dtype not in NAMES:
            raise ValueError(f"{name} holds {tensor.dtype}; the format knows {', '.join(NAMES.values())}.")
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        parts.append(flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(parts[-1])]}
        at += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of eight bytes
    whole = Path(path).with_name(f".{Path(path).name}.part")
    whole.write_bytes(b"".join([struct.pack("<Q", len(text)), text, *parts]))
    whole.replace(path)


def _header(path: str | os.PathLike) -> tuple[dict, int]:
    with open(path, "rb") as file:
        begin = file.read(8)
        length = struct.unpack("<Q", begin)[0] if len(begin) == 8 else math.inf
        if length > Path(path).stat().st_size - 8:
            raise ValueError(f"{Path(path).name} is no file of safetensors, or only the beginning of one. Fetch it again.")
        return json.loads(file.read(length)), 8 + length
