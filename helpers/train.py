"""Training a network: the loop, with nothing hidden in it that matters.

`history = await fit(model, (x, y), F.cross_entropy)` in a notebook, `fit_sync` in a script. Read `_epoch` below: that
is what training is. What it calls stands in `helpers/training/`, a page each. Notebook: 04_cnns.
"""

import asyncio
import functools
import inspect
import math
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter

from torch import Tensor, nn

from helpers.training.diagnosis import explain
from helpers.training.evaluation import Score, accuracy, concatenate, evaluate, outputs, predict, score
from helpers.training.history import History, Plan
from helpers.training.job import Job
from helpers.training.pace import Schedule
from helpers.training.watch import Control, Progress, Reporter, Watch

__all__ = [
    "Control", "History", "Plan", "Progress", "Score", "Watch", "accuracy", "evaluate", "fit", "fit_sync", "predict",
]  # fmt: skip

HOP = 0.05  # seconds of training between two returns to the event loop, which is free meanwhile


async def fit(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    loss: Callable,
    *,
    valid: tuple[Tensor, Tensor] | None = None,
    epochs: int = 10,
    batch: int = 64,
    lr: float = 1e-3,
    optimizer: object = None,
    schedule: str | Schedule | None = "one-cycle",
    weight_decay: float | None = None,
    augment: Callable | None = None,
    metric: Callable | None = accuracy,
    patience: int | None = None,
    seed: int = 0,
    device: object = None,
    compile: bool = False,
    checkpoint: object = None,
    watch: object = None,
) -> History:
    """Train a model in place and return what happened: `history = await fit(...)` in a cell, which can be stopped.

    model, train, loss: the network; inputs and targets (x, y), as many of each; loss(y_hat, y), a mean over the batch.
    valid: data (x, y) to look at after each epoch. epochs, batch, lr: passes, examples a step, (highest) learning rate.
    optimizer: a class such as torch.optim.SGD, or one made from model.parameters(), whose own learning rate then
        counts; AdamW if none. weight_decay: for a class; its own usual one if None.
    schedule: 'one-cycle', 'cosine', None for a constant rate, or a function (step, steps) -> factor of lr.
    augment: (x, y, generator) -> (x, y), applied to each training batch. metric: (y_hat, y) -> number, for `valid`.
    patience: stop after so many epochs without a lower validation loss. However the run ends, the best weights are
        then put back.
    seed: of data order, augmentation and dropout (the weights are the caller's). The caller's own random numbers go on
        afterwards as before; code that draws from torch while the run goes on shares its numbers.
    device: 'cpu', 'cuda' or 'mps'; the best there is if None. The model comes back to where it was, in evaluation mode.
    compile: whether to use torch.compile. checkpoint: a file, written after each epoch and taken up if it is there.
    watch: an object that shows the run and may stop it (see Watch); lines of text if None.

    If memory is short, a batch goes through in pieces. A loss that stops being a number ends the run, with the likely
    cause, before it spoils the weights. Under torchrun the processes share each batch. Raises TypeError or ValueError
    if model, data and settings don't go together, MemoryError if a single example does not fit.
    """
    job = Job(**locals())
    with _running(job) as (steps, reporter), ThreadPoolExecutor(1, "fit") as worker:
        # One thread from first to last, a few steps at a time: the event loop stays free for buttons and plots.
        hop = functools.partial(asyncio.get_running_loop().run_in_executor, worker)
        reporter.start(await hop(next, steps))
        while await hop(_advance, steps, job.control):
            reporter.update()
            while job.control.paused:
                await asyncio.sleep(0.02)
                reporter.update()
    return job.history


def fit_sync(model: nn.Module, train: tuple[Tensor, Tensor], loss: Callable, **options: object) -> History:
    """The same as `fit`, with the same arguments and the same result to the bit, for scripts."""
    asked = inspect.signature(fit).bind(model, train, loss, **options)
    asked.apply_defaults()
    job = Job(**asked.arguments)
    with _running(job) as (steps, reporter):
        reporter.start(next(steps))
        for _ in steps:
            reporter.update()
            job.control.wait()
    return job.history


def _steps(job: Job) -> Generator:
    """The training loop, in small bites: first its plan, then None after each step and each batch of validation."""
    with job.session() as plan:
        yield plan
        while not job.history.stopped:
            yield from _epoch(job)


def _epoch(job: Job) -> Generator:
    """One pass over the training data in random order, and a look at the validation data."""
    history, began = job.history, perf_counter()
    job.model.train()
    for index in job.batches():
        x, y = job.x.index_select(0, index), job.y.index_select(0, index)  # x[index], in less time
        if job.augment:
            x, y = job.augment(x, y, job.generator)
        lr = job.pace.set(len(history.loss))
        loss, gradient = job.gradients(x, y)
        if not math.isfinite(loss + gradient):
            history.notes.append(explain(job, x, y, index, loss))
            history.stopped = "not finite"
            return
        job.optimizer.step()
        history.loss.append(loss)
        history.lr.append(lr)
        history.gradient.append(gradient)
        yield
        if job.stop():
            return
    if job.valid:
        yield from _validate(job)
        if history.stopped:
            return
    history.train_loss.append(job.mean(history.loss[-job.steps :]))
    history.seconds.append(perf_counter() - began)
    job.end_epoch()


def _validate(job: Job) -> Generator:
    """Loss and metric on the validation data."""
    x, y = job.valid
    job.world.copy_first(job.model.buffers())
    job.model.eval()
    parts, size = [], max(1, job.batch // job.gradients.pieces)
    for part in outputs(job.forward, iter(x.split(size)), job.device):
        parts.append(part)
        yield
        if job.stop():
            return
    found = score(concatenate(parts, job.device), y, job.loss, job.metric)
    loss, metric = job.world.ask_first(lambda: found)
    job.history.valid_loss.append(loss)
    if metric is not None:
        job.history.valid_metric.append(metric)


def _advance(steps: Iterator, control: Control) -> bool:
    """Train for about HOP seconds; False when there is nothing left to do."""
    end = perf_counter() + HOP
    for _ in steps:
        if control.paused or perf_counter() >= end:
            return True
    return False


@contextmanager
def _running(job: Job) -> Iterator[tuple[Generator, Reporter]]:
    """A job's loop and the reporter of its news; both come to their end, however the run ends."""
    steps, reporter = _steps(job), Reporter(job.watch, job.history)
    try:
        yield steps, reporter
    finally:
        steps.close()
        reporter.finish()
