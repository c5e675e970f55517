"""Why a loss or a gradient stopped being a number: the likely cause, and what to try."""

import math

import torch
from torch import Tensor, nn

from helpers.training.job import Job
from helpers.training.rehearsal import bare_copy


def explain(job: Job, x: Tensor, y: Tensor, index: Tensor, loss: float) -> str:
    """What went wrong in the step after those of the job's history, why, and what to try.

    x, y: its batch; index: where these examples stand in the training data; loss: what it gave.
    """
    what = f"a loss of {loss}" if not math.isfinite(loss) else f"a finite loss, {loss:.3g}, but no finite gradient"
    return (
        f"Step {len(job.history.loss) + 1} (epoch {job.history.epochs + 1}) gave {what}. Training stops there; the "
        f"model keeps the weights it had before that step. Likely cause: {_cause(job, x, y, index, loss)}"
    )


def _cause(job: Job, x: Tensor, y: Tensor, index: Tensor, loss: float) -> str:
    model, history = job.model, job.history
    for name, part in (("input", x), ("target", y)):
        bad = _bad_rows(part)
        if len(bad):
            rows = index[bad.cpu()].tolist() if len(index) == len(part) else bad.tolist()
            return f"the {name} of training example {rows[0]} is not finite. Look at it, or leave it out."
    if not all(parameter.isfinite().all() for parameter in model.parameters()):
        return "the weights were not finite to begin with. Make the model anew."
    largest = max(float(parameter.detach().abs().max()) for parameter in model.parameters() if parameter.numel())
    if history.loss and (_grew(history.loss) or _grew(history.gradient) or largest > 1e3):
        return (
            f"the learning rate, {job.pace.highest[0]:g} at its highest, is too large: since step 1 the loss went from "
            f"{history.loss[0]:.3g} to {history.loss[-1]:.3g}, the gradient's length from {history.gradient[0]:.3g} to "
            f"{history.gradient[-1]:.3g}; the largest weight is now {largest:.3g}. Make the model anew, try a tenth."
        )
    if not math.isfinite(loss) and _outputs_finite(model, x):
        return (
            "the loss itself: the model's outputs are finite, so it takes the log of 0, divides by 0 or overflows. "
            "Use the form that works on logits, or add a small number such as 1e-8 inside."
        )
    if not math.isfinite(loss):
        return "numbers inside the model overflow. Bring the inputs to about −1 to 1, or normalise between layers."
    return "a function with no slope there, such as sqrt, log or a norm at 0. Add a small number such as 1e-8 inside."


def _bad_rows(x: Tensor) -> Tensor:
    if not x.is_floating_point():
        return x.new_empty(0, dtype=torch.long)
    return (~x.isfinite()).flatten(1).any(1).nonzero().flatten() if x.ndim > 1 else (~x.isfinite()).nonzero().flatten()


def _grew(track: list[float]) -> bool:
    """Whether a loss or a gradient had been running away in the steps before."""
    return track[-1] > 10 * max(track[0], 1e-12) and track[-1] >= max(track[-5:])


@torch.no_grad()
def _outputs_finite(model: nn.Module, x: Tensor) -> bool:
    outputs = bare_copy(model)(x)
    parts = outputs if isinstance(outputs, tuple | list) else [outputs]
    return all(part.isfinite().all() for part in parts)
