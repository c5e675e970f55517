"""What was worked out of a model, kept for as long as the model lives and its weights stay as they are.

A cell that trains on changes the weights of the same object: what was worked out before is then that of another model.
"""

from __future__ import annotations

from collections.abc import Callable, ValuesView
from typing import TypeVar
from weakref import WeakKeyDictionary

from torch import nn

Result = TypeVar("Result")
MOST = 128  # results that are kept of one model
_KEPT: WeakKeyDictionary[nn.Module, tuple[tuple, dict]] = WeakKeyDictionary()


def stamp(model: nn.Module) -> tuple:
    """What changes whenever weights of a model do: where they lie, and how often each was written to."""
    return tuple((weight.data_ptr(), weight._version) for weight in model.parameters())


def stamps(given: dict[str, object]) -> int:
    """One number for all models that an explorer was given, by themselves or in a list or dictionary."""
    said = [whole.values() if isinstance(whole, dict) else whole for whole in given.values()]
    models = [one for some in said for one in (some if isinstance(some, list | tuple | ValuesView) else [some])]
    return hash(tuple(stamp(model) for model in models if isinstance(model, nn.Module)))


def once(model: nn.Module, key: tuple, work: Callable[[], Result]) -> Result:
    """What `work` gives, from before if it was asked for with this key and the same weights; it must not hold the model."""
    now = stamp(model)
    if model not in _KEPT or _KEPT[model][0] != now:
        _KEPT[model] = now, {}
    found = _KEPT[model][1]
    if key not in found:
        if len(found) >= MOST:
            del found[next(iter(found))]
        found[key] = work()
    return found[key]
