"""Sound files in and out, and how loud they are.

Resampling is torchaudio's; files go through soundfile, which is imported only when a file is read or written.
Notebook: 04_cnns.
"""

import math
import os

import numpy as np
import torch
import torch.nn.functional as F
import torchaudio.functional as AF
from jaxtyping import Float
from torch import Tensor

from helpers.audio.tones import RATE, SECONDS, fade

Wave = Tensor | np.ndarray


def load(path: str | os.PathLike) -> tuple[Float[Tensor, "*channel time"], int]:
    """Read a sound file as (waveform, rate in Hz): shape (time,) if mono, (channel, time) otherwise.

    Raises FileNotFoundError, or ValueError if soundfile cannot read the format or the file holds no sample.
    """
    import soundfile  # only here: a GPU node may have no libsndfile

    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: there is no such file. Give the path of a WAV, FLAC, OGG or MP3 file.")
    try:
        x, rate = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path}: {error.error_string} Convert it to WAV, FLAC, OGG or MP3 first.") from error
    if not len(x):
        raise ValueError(f"{path}: the file holds no samples. Record it again.")
    return torch.from_numpy(np.ascontiguousarray(x.T)), rate


def save(path: str | os.PathLike, x: Float[Wave, "*channel time"], rate: int = RATE):
    """Write a waveform in the format that the file name's ending says; beyond [-1, 1] it clips."""
    import soundfile

    soundfile.write(path, np.asarray(x, "float32").T, rate)


def convert(x: Float[Tensor, "*channel time"], rate: int) -> Float[Tensor, "sample"]:
    """Mix a waveform at any rate (Hz) down to mono at 16 kHz, without aliasing."""
    if rate <= 0:
        raise ValueError(f"rate is {rate}; it is in samples a second, for instance 44_100.")
    mono = x.mean(0) if x.dim() > 1 else x
    return mono if rate == RATE else AF.resample(mono, int(rate), RATE, lowpass_filter_width=32)


def own_sound(path: str | os.PathLike) -> Float[Tensor, "64000"]:
    """Any sound file as a note the networks can read: mono, 16 kHz, its first four seconds, padded with silence.

    It fades out over its last 10 ms, so that a cut is no click. Raises as load does.
    """
    length = round(SECONDS * RATE)
    x = convert(*load(path))[:length]
    return F.pad(x * fade(len(x), last_only=True), (0, length - len(x)))


def level(x: Float[Wave, "time"]) -> dict[str, float]:
    """Peak and RMS in dB below full scale (-inf for silence), and how many samples are at or beyond full scale."""
    x = np.abs(np.asarray(x, np.float64))
    peak, rms = x.max(initial=0), math.sqrt(np.mean(x**2)) if x.size else 0
    decibels = [20 * math.log10(v) if v else -math.inf for v in (peak, rms)]
    return {"peak_db": decibels[0], "rms_db": decibels[1], "clipped": int((x >= 1).sum())}
