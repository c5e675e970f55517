"""Sound in and out: files, spectrograms, simple tones, scores, and back from a spectrogram to sound.

A waveform is a float32 tensor in [-1, 1]. A log-mel picture has 64 rows (mel bands, the lowest first) and one column
for each 62.5 ms: a note of four seconds is a 64 x 64 picture. Column t shows the sound around the middle of its own
tile, t * 62.5 to (t + 1) * 62.5 ms; before and after the sound there is silence.

Spectrograms, resampling and Griffin-Lim are torchaudio's; files go through soundfile, which is imported only when a
file is read or written. Notebook: 04_cnns. Spectrogram of notes after Engel et al., NSynth, 2017.
"""

import math
import os
from collections.abc import Sequence
from functools import lru_cache
from numbers import Real

import numpy as np
import torch
import torch.nn.functional as F
import torchaudio.functional as AF
import torchaudio.transforms as AT
from jaxtyping import Float
from torch import Tensor

RATE = 16_000  # Hz
SECONDS = 4.0
N_FFT, HOP = 2048, 1000  # samples: a window of 128 ms every 62.5 ms
BANDS, LOWEST = 64, 30.0  # mel bands from 30 Hz to RATE / 2
RANGE_DB = 80.0
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


def fade(length: int, seconds: Real = 0.01, rate: int = RATE, last_only: bool = False) -> Float[Tensor, "length"]:
    """Gain that rises and falls by a raised cosine at both ends (or at the last only), 1 between: no clicks."""
    n = min(int(seconds * rate), length // 2)
    ramp = 0.5 - 0.5 * torch.cos(torch.pi * (torch.arange(n) + 0.5) / max(n, 1))
    gain = torch.ones(length)
    gain[length - n :] = ramp.flip(0)
    if not last_only:
        gain[:n] = ramp
    return gain


@lru_cache(maxsize=4)
def _filters(device: torch.device) -> Float[Tensor, "1025 64"]:
    return AF.melscale_fbanks(N_FFT // 2 + 1, LOWEST, RATE / 2, BANDS, RATE).to(device)


def _power(x: Float[Tensor, "batch time"], n_fft: int = N_FFT, hop: int = HOP) -> Float[Tensor, "batch bin frame"]:
    if x.shape[-1] < hop:
        raise ValueError(f"x has {x.shape[-1]} samples; one column of the spectrogram needs {hop}. Pad x with silence.")
    if not torch.isfinite(x).all():
        raise ValueError("x holds NaN or infinity; a waveform is finite, in [-1, 1]. Look at how x was made.")
    margin = (n_fft - hop) // 2
    x = F.pad(x, (margin, margin))  # cuts where it is negative, which Spectrogram(pad=...) does not
    Z = AT.Spectrogram(n_fft, hop_length=hop, center=False, power=None).to(x.device)(x)
    return Z.real**2 + Z.imag**2


def _decibels(power: Float[Tensor, "batch row frame"]) -> Float[Tensor, "batch row frame"]:
    loudest = power.amax((1, 2), keepdim=True)
    if (loudest == 0).any():
        silent = torch.nonzero(loudest.flatten() == 0).flatten().tolist()
        raise ValueError(f"x is silent (rows {silent} of the batch); decibels need some sound. Leave these out.")
    return 10 * torch.log10(power / loudest).clamp(min=-RANGE_DB / 10)


def stft_db(x: Float[Tensor, "batch time"], n_fft: int = N_FFT, hop: int = HOP) -> Float[Tensor, "batch bin frame"]:
    """Spectrogram in dB below each sound's loudest cell, from 0 down to -80.

    n_fft, hop: samples. n_fft // 2 + 1 bins, bin k at k * rate / n_fft Hz; time // hop frames, at the default hop
    those of log_mel. Raises ValueError as log_mel does.
    """
    return _decibels(_power(x, n_fft, hop))


def log_mel(x: Float[Tensor, "batch time"], rate: int = RATE) -> Float[Tensor, "batch 64 frame"]:
    """Log-mel spectrogram of each sound, scaled to [0, 1] over the 80 dB below its own loudest cell.

    x: waveform in [-1, 1]; rate: Hz (any but 16,000 is resampled first). 64 mel bands (HTK scale) from 30 to 8,000 Hz,
    row 0 the lowest; a column every 62.5 ms, so four seconds give 64.
    Raises ValueError if a sound is silent, not finite, or shorter than a column. Notebook: 04_cnns.

    >>> log_mel(torch.sin(torch.arange(64_000) * 0.1)[None]).shape
    torch.Size([1, 64, 64])
    """
    x = x if rate == RATE else AF.resample(x, rate, RATE, lowpass_filter_width=32)
    mel = _filters(x.device).T @ _power(x)  # (64, 1025) @ (batch, 1025, frame)
    return 1 + _decibels(mel) / RANGE_DB


def mel_frequencies() -> Float[Tensor, "64"]:
    """Centre of each mel band in Hz: equal steps on the scale m = 2595 log10(1 + f / 700)."""
    low, high = (2595 * math.log10(1 + f / 700) for f in (LOWEST, RATE / 2))
    return 700 * (10 ** (torch.linspace(low, high, BANDS + 2)[1:-1] / 2595) - 1)


def invert(mel: Float[Tensor, "64 frame"], steps: int = 32) -> Float[Tensor, "time"]:
    """A waveform whose log-mel picture is near `mel`, by Griffin-Lim; 1,000 samples a column, its peak at 0.9.

    What is lost is heard: phase is guessed, so attacks smear and held notes sound hollow and watery; 64 bands cannot
    say where in a band a harmonic is, so high pitches blur into noise; the level is gone, and so is what was 80 dB
    down. The guess is seeded: the same picture gives the same sound. After Griffin and Lim, 1984.
    """
    # A column every 62.5 ms overlaps too little for Griffin-Lim to agree with itself on phase; four times as many do.
    finer = F.interpolate(mel[None].float(), scale_factor=4, mode="linear")[0]
    power = 10 ** (RANGE_DB / 10 * (finer.clamp(0, 1) - 1)) * (finer > 0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        x = AT.GriffinLim(N_FFT, steps, hop_length=HOP // 4, power=2.0).to(mel.device)(_bins_of(power))
    x = F.pad(x, (HOP // 8, HOP // 8))  # its first frame is centred on sample HOP / 8
    return 0.9 * x / x.abs().max().clamp(min=1e-9)


def _bins_of(power: Float[Tensor, "64 frame"], steps: int = 50) -> Float[Tensor, "1025 frame"]:
    """Bins p >= 0 with M p = power, by Lee and Seung's multiplicative rule p <- p (M' power) / (M' M p).

    The usual least squares with its negative bins cut off leaves sound in empty bands: 3 to 5 times the error in dB.
    """
    M = _filters(power.device).T  # (64, 1025)
    p = M.T @ (power / M.sum(1, keepdim=True))
    for _ in range(steps):
        p = p * (M.T @ power) / (M.T @ (M @ p)).clamp(min=1e-12)
    return p


def keep(x: Float[Tensor, "time"], mask: Float[Tensor, "64 frame"]) -> Float[Tensor, "time"]:
    """The part of a sound under `mask`, a picture of weights in [0, 1] on its log-mel; phase stays as it was.

    Each frequency bin gets the weighted mean of the mel bands that cover it, each moment that of the two columns
    beside it. A mask of ones gives x back; no mask adds energy. Raises ValueError if a weight is outside [0, 1].
    """
    low, high = mask.min().item(), mask.max().item()
    if low < 0 or high > 1:
        raise ValueError(f"mask goes from {low:.2f} to {high:.2f}; its weights are in [0, 1]. Clamp it.")
    # Hann windows squared add up to a constant at this hop (the frames are tight), so that no mask can add energy
    hop, window = N_FFT // 4, torch.hann_window(N_FFT, device=x.device)
    Z = torch.stft(F.pad(x, (N_FFT, N_FFT)), N_FFT, hop, window=window, return_complex=True)
    moment = torch.arange(Z.shape[-1], device=x.device) * hop - N_FFT  # sample of x at the middle of each frame
    column = (moment / HOP - 0.5).clamp(0, mask.shape[1] - 1)
    left, right = column.floor().long(), column.ceil().long()
    weights = torch.lerp(mask[:, left], mask[:, right], column.frac())  # (64, frame of Z)
    y = torch.istft(Z * (_shares(x.device) @ weights), N_FFT, hop, window=window, length=len(x) + 2 * N_FFT)
    return y[N_FFT:-N_FFT]


@lru_cache(maxsize=4)
def _shares(device: torch.device) -> Float[Tensor, "1025 64"]:
    filters = _filters(device).clone()
    covered = torch.nonzero(filters.sum(1)).flatten()
    filters[: covered[0], 0] = 1  # bins below the first band go with it, bins above the last with that
    filters[covered[-1] + 1 :, -1] = 1
    return filters / filters.sum(1, keepdim=True)


def hertz(pitch: Real) -> float:
    """Frequency in Hz of a MIDI pitch, equal temperament with A4 = 69 = 440 Hz.

    >>> round(hertz(60), 2)
    261.63
    """
    return 440 * 2 ** ((pitch - 69) / 12)


def glissando(start: Real, end: Real, seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """A tone that slides from `start` to `end` Hz, equal intervals in equal times, with continuous phase; at 16 kHz.

    phase(t) = 2 pi f0 T (r^(t / T) - 1) / ln r, with r = f1 / f0. Harmonic h has amplitude 1 / h and fades out below
    8 kHz, so that nothing aliases. Raises ValueError if a frequency is not between 0 and 8,000 Hz.
    """
    if not (0 < start <= RATE / 2 and 0 < end <= RATE / 2):
        raise ValueError(f"{start} to {end} Hz; at {RATE:,} samples a second a tone is above 0, at most {RATE // 2:,} Hz.")
    t = torch.arange(round(seconds * RATE), dtype=torch.float64) / RATE
    k = math.log(end / start)
    turns = start * (seconds * torch.expm1(k * t / seconds) / k if k else t)
    frequency = start * torch.exp(k * t / seconds)
    x = torch.zeros_like(t)
    for h in range(1, harmonics + 1):
        room = ((RATE / 2 - h * frequency) / (RATE / 20)).clamp(0, 1) if h > 1 else 1
        x += room / h * torch.sin(2 * torch.pi * h * turns)
    return (peak * x / x.abs().max().clamp(min=1e-9)).float() * fade(len(t), 0.005)


def tone(frequency: Real, seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """A steady tone of `frequency` Hz at 16 kHz, with harmonics of amplitude 1 / h; raises as glissando does."""
    return glissando(frequency, frequency, seconds, harmonics, peak)


def chord(pitches: Sequence[Real], seconds: Real = 1.0, harmonics: int = 1, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """Tones of several MIDI pitches at once, each with an equal share of the peak."""
    return torch.stack([tone(hertz(p), seconds, harmonics, peak) for p in pitches]).mean(0)


def click(at: Real = 0.5, seconds: Real = 1.0, peak: Real = 0.5) -> Float[Tensor, "time"]:
    """One sample of sound at `at` seconds, silence around it: every frequency at one moment."""
    x = torch.zeros(round(seconds * RATE))
    x[round(at * RATE)] = peak
    return x


VOICE = 0.2  # peak of one note: five at once cannot clip, and how loud one is never depends on the others
# relative amplitudes of harmonics 1, 2, ...; seconds that a note takes to rise and to end; its decay and what each further
# harmonic decays faster, both per second at middle C (higher strings ring shorter)
INSTRUMENTS = {
    "pluck": ([1 / h for h in range(1, 13)], 0.002, 0.03, 1.6, 0.9),
    "organ": ([1.0, 0.6, 0.35, 0.25, 0.0, 0.12, 0.0, 0.1], 0.012, 0.03, 0.0, 0.0),
}


def play_notes(
    notes: Sequence[Sequence] | np.ndarray,
    seconds_per_beat: Real,
    instrument: str = "pluck",
    loudness: Sequence[Real] | np.ndarray | None = None,
) -> Float[Tensor, "time"]:
    """A score as sound at 16 kHz. notes: (onset, duration, MIDI pitch) in beats; what follows in a note is not looked at.

    loudness: gain of each note in [0, 1] (1, if None). Each note has its own level, whatever else sounds: nothing is
    normalised. A note rises and ends within its duration, so that repeated notes are heard apart and no more voices
    overlap than are written. Raises ValueError where that cannot be played, and where so many notes at once would clip.
    Notebook: 05_rnns.
    """
    if not 0 < seconds_per_beat < math.inf:
        raise ValueError(f"seconds_per_beat is {seconds_per_beat}; it is above 0: 0.5 is 120 beats a minute.")
    if instrument not in INSTRUMENTS:
        raise ValueError(f"instrument is {instrument!r}; there are {', '.join(INSTRUMENTS)}.")
    gains = [1.0] * len(notes) if loudness is None else [float(gain) for gain in loudness]
    if len(gains) != len(notes) or not all(0 <= gain <= 1 for gain in gains):
        raise ValueError(f"loudness is one gain in [0, 1] for each of {len(notes)} notes; {len(gains)} were given: {gains[:4]} ...")
    begins, lengths = [], []
    for onset, duration, pitch, *_ in notes:
        if not (onset >= 0 and 0 < duration < math.inf and 0 <= pitch <= 119):
            raise ValueError(f"note {(onset, duration, pitch)}: its onset is 0 or later, its duration above 0, its pitch 0 to 119.")
        begins.append(round(float(onset * seconds_per_beat) * RATE))
        lengths.append(max(round(float((onset + duration) * seconds_per_beat) * RATE) - begins[-1], 1))
    x = torch.zeros(max((begin + length for begin, length in zip(begins, lengths)), default=0))
    for begin, length, gain, note in zip(begins, lengths, gains, notes):
        x[begin : begin + length] += gain * _note(float(note[2]), length, instrument)
    if (peak := x.abs().max().item() if len(x) else 0.0) > 1:
        raise ValueError(f"so many notes at once reach {peak:.2f}; samples are in [-1, 1]. Give each note a loudness of 0.5.")
    return x


@lru_cache(maxsize=512)
def _note(pitch: float, length: int, instrument: str) -> Float[Tensor, "length"]:
    """One note of so many samples: harmonics below 8 kHz, each a sine that decays; without decay it peaks at VOICE."""
    amplitudes, rise, end, decay, faster = INSTRUMENTS[instrument]
    frequency = hertz(pitch)
    string = (frequency / hertz(60)) ** 0.5
    t = torch.arange(length, dtype=torch.float64) / RATE
    turn = torch.linspace(0, 2 * torch.pi, 4096, dtype=torch.float64)
    x, one = torch.zeros_like(t), torch.zeros_like(turn)  # the note, and one period of it without decay
    for h, amplitude in enumerate(amplitudes, 1):
        if h * frequency < 0.95 * RATE / 2:
            one += amplitude * torch.sin(h * turn)
            x += amplitude * torch.exp(-string * (decay + faster * (h - 1)) * t) * torch.sin(2 * torch.pi * h * frequency * t)
    ramp = (t / rise).clamp(max=1) * ((length / RATE - t) / end).clamp(max=1)
    return (VOICE / one.abs().max() * x * (0.5 - 0.5 * torch.cos(torch.pi * ramp))).float()


def level(x: Float[Wave, "time"]) -> dict[str, float]:
    """Peak and RMS in dB below full scale (-inf for silence), and how many samples are at or beyond full scale."""
    x = np.abs(np.asarray(x, np.float64))
    peak, rms = x.max(initial=0), math.sqrt(np.mean(x**2)) if x.size else 0
    decibels = [20 * math.log10(v) if v else -math.inf for v in (peak, rms)]
    return {"peak_db": decibels[0], "rms_db": decibels[1], "clipped": int((x >= 1).sum())}
