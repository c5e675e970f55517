"""Where to compute, and how much of it.

A GPU where there is one, else the processor; a full run where there is a GPU, else a fast one. Two environment
variables overrule the choice: HELPERS_DEVICE (cpu, cuda, cuda:1, mps) and HELPERS_BUDGET (fast, full).
"""

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import torch

T = TypeVar("T")


def pick(name: str | torch.device | None = None) -> torch.device:
    """The device to compute on: the one named, else HELPERS_DEVICE, else the best of cuda, mps and cpu.

    Under torchrun each process gets its own GPU. Raises ValueError if the device is not on this machine.

    >>> pick("cpu")
    device(type='cpu')
    """
    name = str(name or os.environ.get("HELPERS_DEVICE") or _best())
    kind, _, index = name.partition(":")
    if kind not in _present() or (index and not (index.isdigit() and int(index) < _count(kind))):
        here = ", ".join(_present())
        raise ValueError(f"device {name!r} is not on this machine, which has {here}. Name one of these, or none.")
    if kind == "cuda" and not index and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]) % _count("cuda"))
    return torch.device(name)


def describe(device: torch.device) -> str:
    """The device in words, for the line that is printed before training starts."""
    if device.type == "cuda":
        card = torch.cuda.get_device_properties(device)
        return f"{card.name}, {card.total_memory / 2**30:.0f} GiB"
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def budget(fast: T, full: T) -> T:
    """The one of two settings that suits this machine: `full` where there is a GPU, else `fast`.

    HELPERS_BUDGET=fast or HELPERS_BUDGET=full overrules it; any other value raises ValueError.
    """
    wanted = os.environ.get("HELPERS_BUDGET") or ("fast" if pick().type == "cpu" else "full")
    if wanted not in ("fast", "full"):
        raise ValueError(f"HELPERS_BUDGET is {wanted!r}; it can be 'fast' or 'full'. Set one of these, or unset it.")
    return full if wanted == "full" else fast


def autocast(device: torch.device) -> AbstractContextManager:
    """Half the memory and more speed on a GPU that computes in bfloat16; elsewhere it changes nothing."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch means that memory was too small; only CUDA has a class of its own for that."""
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )


def _present() -> list[str]:
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [kind for kind, there in here.items() if there]


def _best() -> str:
    return _present()[0]


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1
