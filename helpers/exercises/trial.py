"""One call of a function: what it was given, and the numbers it returned or else what went wrong.

What comes back may be a tensor on any device, an array, a list or a number; it is read as NumPy arrays.
"""

import copy
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

ROUNDING = {"rtol": 1e-9, "atol": 1e-12}  # a weight that is moved and put back may be off in its last digit
TOLERANCE = 1e-4  # relative and absolute: float32 passes, and so does a tiny constant that guards a logarithm
ACCEPTED = {"b": "b", "i": "iu", "f": "fiu"}  # kinds of NumPy dtype that will do where a bool, int or float is wanted


@dataclass(frozen=True)
class Trial:
    """The arguments, the right result, and the numbers returned, one array for each value; or the problem instead."""

    args: tuple
    right: object
    parts: list[np.ndarray] | None = None
    problem: str | None = None
    changed: bool = False

    @property
    def wanted(self) -> list[np.ndarray]:
        """The right result, as the numbers returned are kept."""
        return parts(self.right, self.right)

    @property
    def ok(self) -> bool:
        """Tell whether the result is the right one."""
        return fits(self.parts, self.wanted)


def attempt(function: Callable, args: tuple, right: object) -> Trial:
    """Call a function on a copy of its arguments and read what it returns as numbers, in as many parts as is right."""
    given = copy.deepcopy(args)
    try:
        value = function(*given)
    except Exception as error:
        return Trial(args, right, problem=_raised(error, function))
    if value is None:
        return Trial(args, right, problem="Your function returned None. Does each way through it end in a return?")
    try:
        return Trial(args, right, parts(value, right), changed=any(not _equal(a, b) for a, b in zip(given, args)))
    except Exception:
        wanted = f"{len(right)} values" if isinstance(right, tuple) else "numbers (in a tensor, an array or a list)"
        return Trial(args, right, problem=f"Your function returned a {type(value).__name__}, not {wanted}.")


def parts(value: object, like: object) -> list[np.ndarray]:
    """The numbers in a value: one array, or one for each member if `like` is a tuple. Raises if there are none."""
    if not isinstance(like, tuple):
        return [numbers(value)]
    values = list(value)
    if len(values) != len(like):
        raise TypeError(f"{len(values)} values, not {len(like)}")
    return [numbers(v) for v in values]


def numbers(value: object) -> np.ndarray:
    """A copy of a tensor on any device, an array, a list or a number, as an array. Raises for anything else."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        value = (value.double() if value.is_floating_point() else value).numpy()
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{array.dtype} is no number")
    return array


def fits(got: list[np.ndarray] | None, want: list[np.ndarray]) -> bool:
    """Tell whether numbers are what is wanted: shape, kind and value of each array."""
    return got is not None and all(
        g.shape == w.shape and g.dtype.kind in ACCEPTED[w.dtype.kind] and not off(g, w).any() for g, w in zip(got, want)
    )


def off(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Which numbers are not what is wanted: whole numbers and truth values exactly, others within TOLERANCE."""
    tolerance = TOLERANCE if want.dtype.kind == "f" else 0
    return np.asarray(~np.isclose(got, want, rtol=tolerance, atol=tolerance, equal_nan=True))


def size(trial: Trial) -> int:
    """How many numbers the function was given."""
    return sum(value.numel() if isinstance(value, torch.Tensor) else 1 for value in trial.args)


def _raised(error: Exception, function: Callable) -> str:
    try:
        words = f": {error}".rstrip(".: ")
    except Exception:  # the student's own error may fail to speak
        words = ""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    place = f" in line {lines[-1]}" if lines else ""
    return f"Your function raised {type(error).__name__}{place}{words[:300]}."


def _equal(a: object, b: object) -> bool:
    if not (isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor)):
        return a == b
    return a.shape == b.shape and a.dtype == b.dtype and torch.allclose(a, b, **ROUNDING, equal_nan=True)
