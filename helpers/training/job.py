"""What `fit` was asked for, checked, and what its loop works on, made ready and put back afterwards."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from helpers.device import describe, pick
from helpers.training import checkpoint
from helpers.training.early import EarlyStop
from helpers.training.evaluation import accuracy, metric_for
from helpers.training.gradients import Gradients
from helpers.training.history import History, Plan
from helpers.training.inputs import check_data, check_model, check_settings
from helpers.training.pace import Pace, optimizer_for, schedule_named
from helpers.training.parallel import World, join
from helpers.training.rehearsal import rehearse
from helpers.training.watch import Control, Progress


@dataclass(eq=False)
class Job:
    """The arguments of `fit`, and what `session` makes of them."""

    model: nn.Module
    train: object
    loss: Callable
    valid: object
    epochs: int
    batch: int
    lr: float
    optimizer: object
    schedule: object
    weight_decay: float | None
    augment: Callable | None
    metric: Callable | None
    patience: int | None
    seed: int
    device: object
    compile: bool
    checkpoint: object
    watch: object
    history: History = field(default_factory=History)
    world: World = field(default_factory=World)
    pace: Pace | None = None

    def __post_init__(self):
        check_settings(self.epochs, self.batch, self.lr, self.patience, self.valid)
        check_data("train", self.train, self.loss)
        if self.valid is not None:
            check_data("valid", self.valid, self.loss)
        check_model(self.model)
        if self.valid is None or (self.metric is accuracy and not metric_for(self.valid[1])):
            self.metric = None
        self.schedule = schedule_named(self.schedule)
        self.early = None if self.patience is None else EarlyStop(self.patience)
        self.device = pick(self.device)
        if self.device == torch.device("cuda"):
            # The thread that trains has a current GPU of its own: name the caller's.
            self.device = torch.device("cuda", torch.cuda.current_device())
        self.watch = Progress() if self.watch is None else self.watch
        self.control = getattr(self.watch, "control", None) or Control()
        self.control.clear()
        self.generator = torch.Generator().manual_seed(self.seed)

    @contextmanager
    def session(self) -> Iterator[Plan]:
        """What lies around the loop: the set-up, and afterwards all that was borrowed is given back."""
        home = next(self.model.parameters()).device
        self.world = join(self.device)
        with self._own_random_numbers():
            try:
                yield self._set_up()
            except BaseException as error:
                by_hand = isinstance(error, GeneratorExit | KeyboardInterrupt)
                self.history.stopped = self.history.stopped or ("stopped" if by_hand else "error")
                raise
            finally:
                self._put_back(home)

    @cached_property
    def steps(self) -> int:
        """Batches an epoch has. A last batch of one has no spread to normalise by, so it joins the one before it."""
        full, rest = divmod(len(self.train[0]), self.batch)
        return max(1, full + (rest > 1))

    def batches(self) -> list[Tensor]:
        """The training examples' indices in a new random order, cut into batches."""
        order = torch.randperm(len(self.train[0]), generator=self.generator).to(self.device)
        bounds = [step * self.batch for step in range(1, self.steps)]
        return list(order.tensor_split(bounds))

    def mean(self, losses: list[float]) -> float:
        """The mean loss over the examples of an epoch, from that of each batch; the last may be of another size."""
        *full, last = losses
        examples = len(self.train[0])
        rest = examples - self.batch * len(full)
        return (self.batch * math.fsum(full) + rest * last) / examples

    def stop(self) -> bool:
        """Whether the run ends here, because it was asked to in any of the processes."""
        if self.world.any(self.control.stop_requested):
            self.history.stopped = "stopped"
        return bool(self.history.stopped)

    def end_epoch(self) -> None:
        """Decide whether to go on, and write the checkpoint."""
        history = self.history
        if history.epochs == self.epochs:
            history.stopped = "finished"
        if self.early and self.early(self.model, history.valid_loss[-1], history.epochs) and not history.stopped:
            history.stopped = "early"
        if self.checkpoint is not None and self.world.rank == 0:
            try:
                checkpoint.save(Path(self.checkpoint), self._state())
            except OSError as error:
                history.notes.append(f"The checkpoint after epoch {history.epochs} could not be written: {error}.")

    def _set_up(self) -> Plan:
        self.model.to(self.device)
        if isinstance(self.loss, nn.Module):
            self.loss.to(self.device)
        self.world.copy_first([*self.model.parameters(), *self.model.buffers()])
        self.x, self.y = (part.to(self.device) for part in self.train)
        self.valid = self.valid and tuple(part.to(self.device) for part in self.valid)
        self.optimizer = optimizer_for(self.model, self.optimizer, self.lr, self.weight_decay)
        self.pace = Pace(self.optimizer, self.schedule, self.epochs * self.steps)
        seconds = self._rehearse()
        self.forward = torch.compile(self.model) if self.compile else self.model
        self.gradients = Gradients(self.forward, self.loss, self.device, self.world, self.history.notes.append)
        if self.checkpoint is not None:
            self._resume(self.world.ask_first(lambda: checkpoint.load(Path(self.checkpoint), self._settings())))
        return self._plan(seconds)

    def _rehearse(self) -> float | None:
        x, y = self.x[: self.batch].clone(), self.y[: self.batch].clone()
        labels = [self.y, *(self.valid or ())[1:]]
        with torch.random.fork_rng(devices=self._gpus()):
            if self.augment:
                x, y = self.augment(x, y, torch.Generator().manual_seed(self.seed))
            return rehearse(self.model, self.loss, x, y, labels)

    def _plan(self, seconds: float | None) -> Plan:
        self.history.device = describe(self.device)
        self.history.metric = getattr(self.metric, "__name__", "metric") if self.metric else ""
        # A step forward takes about a third of one forward, backward and onward.
        batches = self.steps / self.world.size + (len(self.valid[0]) / self.batch / 3 if self.valid else 0)
        left = 0 if self.history.stopped else self.epochs - self.history.epochs
        return Plan(
            device=self.history.device,
            epochs=self.epochs,
            steps_per_epoch=self.steps,
            batch=self.batch,
            seconds=seconds * batches * left if seconds and left else None,
            first_epoch=self.history.epochs,
            valid=self.valid is not None,
            metric=self.history.metric,
            processes=self.world.size,
            rank=self.world.rank,
        )

    def _put_back(self, home: torch.device) -> None:
        if self.early:
            self.early.restore(self.model)
        if self.pace:
            self.pace.reset()
        for weight in self.model.parameters():
            weight.grad = None
        self.model.eval()
        self.model.to(home)

    def _state(self) -> dict:
        return {
            "settings": self._settings(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": asdict(self.history),
            "best": self.early and self.early.best,
            "order": self.generator.get_state(),
            "random": torch.get_rng_state(),
            "random_gpu": [torch.cuda.get_rng_state(gpu) for gpu in self._gpus()],
        }

    def _resume(self, state: dict | None) -> None:
        if state is None:
            return
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ValueError(f"{self.checkpoint} holds the weights of another model: {error}") from error
        self.optimizer.load_state_dict(state["optimizer"])
        vars(self.history).update(state["history"])
        if self.early:
            self.early.best = state["best"]
        self.generator.set_state(state["order"])
        if self.world.rank == 0:
            torch.set_rng_state(state["random"])
            for gpu, numbers in zip(self._gpus(), state["random_gpu"]):
                torch.cuda.set_rng_state(numbers, gpu)

    def _settings(self) -> dict:
        names = ("epochs", "batch", "lr", "weight_decay", "patience", "seed")
        return {name: getattr(self, name) for name in names} | {
            "schedule": getattr(self.schedule, "__name__", "own"),
            "optimizer": type(self.optimizer).__name__,
            "examples": list(self.train[0].shape),
        }

    @contextmanager
    def _own_random_numbers(self) -> Iterator[None]:
        """Dropout and the like draw from the seed; the caller's random numbers go on afterwards as if nothing was."""
        with torch.random.fork_rng(devices=self._gpus()):
            # Not torch.manual_seed, which would reseed the GPUs that were not set aside.
            torch.default_generator.manual_seed(self.seed + self.world.rank)
            for gpu in self._gpus():
                torch.cuda.default_generators[gpu.index].manual_seed(self.seed + self.world.rank)
            yield

    def _gpus(self) -> list[torch.device]:
        return [self.device] if self.device.type == "cuda" else []
