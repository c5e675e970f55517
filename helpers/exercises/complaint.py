"""What to say of a wrong answer that no known mistake explains: its shape, kind of number or value, and on which input.

The right numbers are never shown, only the student's own.
"""

import inspect
from collections.abc import Callable

import numpy as np
import torch

from helpers.exercises.trial import ACCEPTED, Trial, off

SHOWN = 36  # numbers; a larger array is shown by its shape
TINY = 1e-3  # below this, four decimals would lose digits that matter: a power 80 dB down is 1e-8
CALLED = {"b": "True and False", "i": "whole numbers", "f": "numbers"}


def of_signature(answer: Callable, names: list[str], cases: list[tuple]) -> str | None:
    """Complain that a function cannot take the arguments it will be given."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # a built-in function need not have one
        return None
    try:
        for args in cases:
            signature.bind(*args)
    except TypeError:
        return f"Your function takes {signature}; it will be called with ({', '.join(names)}), in this order."
    return None


def of_trial(trial: Trial, names: list[str]) -> str:
    """Complain of one call that went wrong; from the second line on, the arguments and what was made of them."""
    headline = trial.problem or next(filter(None, map(_of_part, _labels(trial), trial.parts, trial.wanted)))
    shown = [f"{name} = {_show(value, len(name) + 3)}" for name, value in zip(names, trial.args)]
    shown += [f"yours = {_show(part, 8)}" for part in trial.parts or ()]
    return "\n".join([headline, *shown])


def _labels(trial: Trial) -> list[str]:
    count = len(trial.parts)
    return [f"Value {i + 1} of {count}" for i in range(count)] if count > 1 else ["What your function returns"]


def _of_part(label: str, got: np.ndarray, want: np.ndarray) -> str | None:
    if got.shape != want.shape:
        return f"{label} has shape {got.shape}; it should " + (f"have {want.shape}." if want.shape else "be one number.")
    if got.dtype.kind == "f" and not np.isfinite(got).all():
        return f"{label} holds NaN or infinity. Is there a division by zero, or the logarithm of zero?"
    if got.dtype.kind not in ACCEPTED[want.dtype.kind]:
        return f"{label} should be made of {CALLED[want.dtype.kind]}; its dtype is {got.dtype}."
    if count := int(off(got, want).sum()):
        return f"{label} is not right" + (f": {count} of {got.size} numbers are off." if got.size > 1 else ".")
    return None


def _show(value: object, indent: int) -> str:
    if not isinstance(value, torch.Tensor | np.ndarray):
        return repr(value)
    array = value if isinstance(value, np.ndarray) else value.numpy()
    if array.size > SHOWN:
        return f"an array of shape {array.shape}"
    tiny = array.dtype.kind == "f" and ((array != 0) & (abs(array) < TINY)).any()
    looks = {"formatter": {"float_kind": _short(array)}} if tiny else {"precision": 4, "suppress_small": True}
    text = np.array2string(array, separator=", ", prefix=" " * indent, **looks)
    return text if array.ndim <= 2 else " ".join(text.split())


def _short(array: np.ndarray) -> Callable[[float], str]:
    """Write each number in four digits, those near 0 too, all equally wide."""
    width = max(len(f"{value:.4g}") for value in array.flat)
    return lambda value: f"{value:{width}.4g}"
