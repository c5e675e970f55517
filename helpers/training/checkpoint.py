"""Checkpoints: all that a run needs to go on as if it had never been interrupted.

Only tensors, numbers and text are stored, and read with weights_only=True, so that a file from elsewhere cannot run
code. A file is written under a temporary name and renamed: whoever reads it finds the old one or the new one, whole.
"""

import os
from pathlib import Path

import torch

FORMAT = "helpers.train 1"


def save(path: Path, state: dict) -> None:
    """Write a run's state. Raises OSError if that fails; what was there before is then still there."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            torch.save({"format": FORMAT, **state}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except RuntimeError as error:  # torch's own word for a full disk
        raise OSError(f"{path} could not be written: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path, settings: dict) -> dict | None:
    """Read a run's state, or None if there is none yet.

    settings: what this run was asked for. Raises ValueError if the file is cut short, not one of ours, or of a run
    that was asked for something else.
    """
    if not path.exists():
        return None
    remedy = "Delete it to start anew, or give another path."
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(f"{path} is no checkpoint, or one cut short ({reason}). {remedy}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of helpers.train. {remedy}")
    differing = [
        f"{key}={state['settings'].get(key)!r} there, {value!r} here"
        for key, value in settings.items()
        if state["settings"].get(key) != value
    ]
    if differing:
        raise ValueError(f"{path} belongs to another run ({'; '.join(differing)}). Ask for the same, or: {remedy}")
    return state
