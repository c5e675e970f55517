"""Training throughput: `fit` and `fit_sync` against a loop written by hand, and against Lightning.

The same model, weights, data, batches and optimiser for all, in one process, taking turns, so that whatever else the
machine does hits all alike. Each time is that of the whole call, with everything the contender does before and after.
One thread each: two that wait for each other on a busy machine would measure that machine.
"""

import asyncio
import contextlib
import copy
import importlib.util
import io
import logging
import statistics
import warnings
from collections.abc import Callable
from time import perf_counter, process_time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from helpers.device import describe, pick
from helpers.models.cnn import resnet
from helpers.train import fit, fit_sync

BATCH = 64
TARGET = 0.97
SAME = {"batch": BATCH, "schedule": None, "optimizer": torch.optim.AdamW}  # as the loop by hand has it


def mlp() -> nn.Module:
    """A network so small that a step is mostly Python."""
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


def by_hand(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> list[float]:
    """The loop one writes oneself."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    generator = torch.Generator().manual_seed(0)
    losses = []
    model.train()
    for _ in range(epochs):
        for index in torch.randperm(len(x), generator=generator).to(x.device).split(BATCH):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[index]), y[index])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def with_fit(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> list[float]:
    """`await fit(...)`, as in a notebook."""
    return asyncio.run(fit(model, (x, y), F.cross_entropy, epochs=epochs, **SAME)).loss


def with_fit_sync(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> list[float]:
    """`fit_sync(...)`, as in a script."""
    return fit_sync(model, (x, y), F.cross_entropy, epochs=epochs, **SAME).loss


def with_fit_as_it_comes(model: nn.Module, x: Tensor, y: Tensor, epochs: int) -> None:
    """`await fit(...)` with its own choice: AdamW in its fused form, one-cycle schedule."""
    asyncio.run(fit(model, (x, y), F.cross_entropy, epochs=epochs, batch=BATCH))


def lightning_contenders() -> dict[str, Callable]:
    """Lightning with its usual DataLoader, and with one that hands out whole batches, which is faster."""
    import lightning
    from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")

    class Module(lightning.LightningModule):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def training_step(self, batch, _):
            x, y = batch
            return F.cross_entropy(self.model(x), y)

        def configure_optimizers(self):
            return torch.optim.AdamW(self.parameters(), lr=1e-3)

    def run(model, loader, epochs):
        trainer = lightning.Trainer(
            max_epochs=epochs, accelerator="auto", devices=1, logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(Module(model), loader)

    def usual(model, x, y, epochs):
        run(model, DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True), epochs)

    def whole_batches(model, x, y, epochs):
        data = TensorDataset(x, y)
        run(model, DataLoader(data, batch_size=None, sampler=BatchSampler(RandomSampler(data), BATCH, False)), epochs)

    return {"Lightning, DataLoader": usual, "Lightning, whole batches": whole_batches}


def measure(contenders: dict[str, Callable], model: nn.Module, data: tuple, epochs: int, rounds: int) -> dict:
    """(seconds, processor seconds) of each contender in each round; who goes first changes from round to round."""
    times, names = {name: [] for name in contenders}, list(contenders)
    for turn in range(-1, rounds):  # the first round only warms up
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            fresh = copy.deepcopy(model)
            with contextlib.redirect_stdout(io.StringIO()):
                began, worked = perf_counter(), process_time()
                contenders[name](fresh, *data, epochs)
                spent = perf_counter() - began, process_time() - worked
            if turn >= 0:
                times[name].append(spent)
    return times


def table(times: dict[str, list[tuple[float, float]]], examples: int) -> list[str]:
    """A line for each contender: its best throughput, and how often as fast it was as the loop by hand.

    The best rounds are compared (others only add to a time, never take away), and, beside them, each round with its own.
    """
    lines = [f"{'':26}{'examples/s':>12}{'× by hand':>12}{'in one round':>14}{'middle half':>18}{'by CPU time':>14}"]
    best = {name: [min(column) for column in zip(*own)] for name, own in times.items()}
    for name, own in times.items():
        low, middle, high = statistics.quantiles([hand / mine for (hand, _), (mine, _) in zip(times["by hand"], own)], n=4)
        wall, cpu = (by_hand / mine for by_hand, mine in zip(best["by hand"], best[name]))
        spread = f"{low:.3f} to {high:.3f}"
        lines.append(f"{name:26}{examples / best[name][0]:>12,.0f}{wall:>12.3f}{middle:>14.3f}{spread:>18}{cpu:>14.3f}")
    return lines


def main() -> None:
    """Print a table for each model."""
    contenders = {
        "by hand": by_hand, "fit_sync": with_fit_sync, "fit": with_fit, "fit, as it comes": with_fit_as_it_comes,
    }  # fmt: skip
    if importlib.util.find_spec("lightning"):
        contenders |= lightning_contenders()
    else:
        print("Lightning is not installed; pip install -r benchmarks/requirements.txt adds it to the tables.")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    device = pick()
    points = torch.randn(4096, 2), torch.randint(0, 2, (4096,))
    notes = torch.rand(512, 1, 64, 64), torch.randint(0, 11, (512,))
    print(f"{describe(device)}, torch {torch.__version__}, batches of {BATCH}; target: fit ≥ {TARGET} × by hand")
    for name, model, data, epochs, rounds in (
        ("MLP on points", mlp(), points, 32, 15),
        ("ResNet of lecture 04 on 64×64 spectrograms", resnet(), notes, 12, 7),
    ):
        weights = sum(parameter.numel() for parameter in model.parameters())
        examples = epochs * len(data[0])
        print(f"\n{name}: {weights:,} weights, {examples // BATCH:,} steps, {rounds} rounds", flush=True)
        times = measure(contenders, model.to(device), tuple(part.to(device) for part in data), epochs, rounds)
        print("\n".join(table(times, examples)), flush=True)
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
