"""Several processes, one model: each takes its share of every batch, and their gradients are added up.

`torchrun --nproc-per-node=2 lecture.py` sets RANK and WORLD_SIZE; nothing else changes. Each gradient is that of the
mean over the whole batch, whatever the shares, so the weights are those of one process up to rounding. (Batch
normalisation alone sees only its own share, as in DistributedDataParallel.) The gradients are added here in the open,
in one message a step, and not by wrapping the model in that class: a share may then be empty, or be cut into pieces
when memory is short in one process, without the others taking notice. After Li et al., PyTorch Distributed, VLDB 2020.
"""

import atexit
import importlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """The processes that train together; alone unless it is told otherwise."""

    rank: int = 0
    size: int = 1
    device: torch.device = torch.device("cpu")

    def share(self, batch: Tensor) -> Tensor:
        """This process's part of a batch; empty where there are more processes than examples."""
        return batch.tensor_split(self.size)[self.rank]

    def add_up(self, gradients: list[Tensor], loss: Tensor) -> Tensor:
        """Sum the gradients, in place, and the loss over all processes, in one message; returns the loss."""
        if self.size == 1:
            return loss
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), loss.view(1)])
        dist.all_reduce(flat)
        *parts, total = flat.split([*(gradient.numel() for gradient in gradients), 1])
        for gradient, part in zip(gradients, parts):
            gradient.copy_(part.view_as(gradient))
        return total[0]

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        if self.size == 1:
            return flag
        flags = torch.tensor(float(flag), device=self.device)
        dist.all_reduce(flags)
        return bool(flags)

    def copy_first(self, tensors: Iterable[Tensor]) -> None:
        """Give every process the tensors of the first, so that all start from the same weights."""
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor.detach(), 0)

    def ask_first(self, question: Callable[[], T]) -> T:
        """The first process's answer, for all: whatever a decision hangs on must not differ between them."""
        if self.size == 1:
            return question()
        answer = [question() if self.rank == 0 else None]
        dist.broadcast_object_list(answer, 0)
        return answer[0]


def join(device: torch.device) -> World:
    """The processes torchrun started, or those of a process group that is there already, or this one alone."""
    if int(os.environ.get("WORLD_SIZE", 1)) > 1 and "RANK" in os.environ and not _joined():
        if device.type == "cuda":
            torch.cuda.set_device(device)
        # An optimiser imports this at its first step. Imported once there is a group, it holds on to it for ever, and
        # the group's threads then outlive the interpreter, now and then with a crash at the exit.
        importlib.import_module("torch._dynamo")
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(_leave)
    return World(dist.get_rank(), dist.get_world_size(), device) if _joined() else World()


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized()


def _leave() -> None:
    if _joined():
        dist.destroy_process_group()
