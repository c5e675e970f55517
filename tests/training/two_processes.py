"""Run by test_parallel.py under torchrun, and by it in one process: the same trainings, their results in a file."""

import atexit
import os
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import Progress, fit_sync


class StopAt(Progress):
    """Stops after a number of steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def update(self, history):
        if len(history.loss) >= self.steps:
            self.control.stop()


def network():
    # Once the processes have joined, which the first training does, each has other weights: the first one's count.
    torch.manual_seed(torch.distributed.get_rank() if torch.distributed.is_initialized() else 0)
    return nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))


def trainings(folder):
    """Name -> (model, history)."""
    generator = torch.Generator().manual_seed(3)
    x, y = torch.randn(101, 4, generator=generator), torch.randint(0, 3, (101,), generator=generator)
    valid = torch.randn(33, 4, generator=generator), torch.randint(0, 3, (33,), generator=generator)
    spoiled = x.clone()
    spoiled[50] = float("nan")
    noisy = {"augment": lambda x, y, generator: (x + 0.1 * torch.randn(x.shape, generator=generator), y)}
    stop = StopAt(1)
    stop.INTERVAL = 0
    return {
        # The last batch has 5 examples: 3 for one process, 2 for the other.
        "uneven": run((x, y), valid=valid, epochs=4, batch=32, **noisy),
        # One example a step: the second process has none.
        "empty share": run((x[:9], y[:9]), epochs=2, batch=1),
        "early": run((x, y), valid=valid, epochs=60, batch=32, patience=2, lr=0.3, schedule=None),
        "not finite": run((spoiled, y), epochs=4, batch=32),
        "half": run((x, y), valid=valid, epochs=4, batch=32, checkpoint=f"{folder}/run.pt", break_after=2),
        "resumed": run((x, y), valid=valid, epochs=4, batch=32, checkpoint=f"{folder}/run.pt"),
        "stopped": run((x, y), epochs=10**6, batch=32, watch=stop),
    }


def run(data, break_after=None, **options):
    """Train; an interruption after some epochs comes from the augmentation."""
    model, calls = network(), [0]
    if break_after:

        def augment(x, y, generator):
            calls[0] += 1
            # once in the rehearsal, then once a step
            if calls[0] > 1 + 4 * break_after:
                raise KeyboardInterrupt
            return x, y

        options["augment"] = augment
    try:
        history = fit_sync(model, data, F.cross_entropy, **options)
    except KeyboardInterrupt:
        history = None
    return {
        "weights": torch.cat([parameter.detach().flatten() for parameter in model.parameters()]),
        "history": history and {"stopped": history.stopped, "loss": history.loss, "valid": history.valid_loss},
    }


def note_threads(file):
    """Write down which threads are left, by the names Linux has for them."""
    tasks = Path("/proc/self/task")
    if tasks.is_dir():
        file.write_text("\n".join((task / "comm").read_text().strip() for task in tasks.iterdir()))


if __name__ == "__main__":
    target = sys.argv[1]
    # Registered before anything of torch's, so called after it.
    atexit.register(lambda: note_threads(Path(target) / f"threads of {os.getpid()}"))
    results = trainings(target)  # the first training joins the processes
    torch.save(results, f"{target}/{torch.distributed.get_rank()}.pt")
