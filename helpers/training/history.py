"""What a training run will do and what it has done."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """What is about to run; as text, the line printed before it starts.

    seconds: the expected time, from one step tried on a copy of the model; None if that could not be tried.
    first_epoch: 0, or the number of epochs a checkpoint already holds. metric: its name, '' without one.
    processes, rank: how many train together, and which of them this is.
    """

    device: str
    epochs: int
    steps_per_epoch: int
    batch: int
    seconds: float | None
    first_epoch: int = 0
    valid: bool = False
    metric: str = ""
    processes: int = 1
    rank: int = 0

    def __str__(self) -> str:
        times = f"{plural(self.epochs, 'epoch')} × {plural(self.steps_per_epoch, 'step')} of {self.batch}"
        where = self.device + (f" × {self.processes} processes" if self.processes > 1 else "")
        done = f", {self.first_epoch} of them done before" if self.first_epoch else ""
        time = "" if self.seconds is None else f", about {duration(self.seconds)}"
        return f"{where}: {times}{done}{time}"


@dataclass
class History:
    """What happened, step by step and epoch by epoch. It pickles, and `asdict` makes a plain dict of it.

    loss, lr, gradient: one number a step (training loss of the batch, learning rate, length of the gradient).
    train_loss, valid_loss, valid_metric, seconds: one number an epoch; the valid ones stay empty without such data.
    stopped: '' while it runs, then 'finished', 'stopped' (by hand), 'early' (no better on the validation data),
    'not finite' (of loss or gradient) or 'error'. notes: what was printed on the way.
    """

    device: str = ""
    metric: str = ""
    stopped: str = ""
    loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    gradient: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    valid_loss: list[float] = field(default_factory=list)
    valid_metric: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.train_loss)

    @property
    def best_epoch(self) -> int | None:
        """The epoch, from 0, with the least validation loss; None without validation."""
        losses = [math.inf if math.isnan(loss) else loss for loss in self.valid_loss]
        return losses.index(min(losses)) if losses else None

    def row(self, epoch: int) -> str:
        """One epoch as a line of text."""
        cells = [f"train {self.train_loss[epoch]:.4f}"]
        if self.valid_loss:
            cells.append(f"valid {self.valid_loss[epoch]:.4f}")
        if self.valid_metric:
            cells.append(f"{self.metric} {self.valid_metric[epoch]:.3f}")
        return "   ".join(cells)

    def summary(self) -> str:
        """The run in a sentence."""
        ended = self.stopped or "still running"
        done = f"{plural(self.epochs, 'epoch')} ({plural(len(self.loss), 'step')})"
        where = f" on {self.device}" if self.device else ""
        parts = [f"{ended}: {done} in {duration(math.fsum(self.seconds))}{where}"]
        losses = self.train_loss or self.loss
        if losses:
            course = f"{losses[0]:.3g} → {losses[-1]:.3g}" if len(losses) > 1 else f"{losses[0]:.3g} on average"
            parts.append(f"training loss {course}")
        best = self.best_epoch
        if best is not None:
            parts.append(f"least validation loss {self.valid_loss[best]:.3g} after epoch {best + 1}")
            if self.valid_metric:
                parts[-1] += f", {self.metric} there {self.valid_metric[best]:.3f}"
        return "; ".join(parts)

    def __repr__(self) -> str:
        return f"History({self.summary()})"


def duration(seconds: float) -> str:
    """A time in words, as exact as anyone wants to know it.

    >>> [duration(s) for s in (0.3, 25.2, 140, 9000)]
    ['1 s', '25 s', '2 min 20 s', '2.5 h']
    """
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{seconds / 3600:.1f} h"


def plural(number: int, noun: str) -> str:
    """A number with its noun: '1 step', '2,000 steps'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
