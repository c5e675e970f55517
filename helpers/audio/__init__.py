"""Sound in and out: files, spectrograms, simple tones, scores, and back from a spectrogram to sound."""

from helpers.audio.files import Wave, convert, level, load, own_sound, save
from helpers.audio.score import INSTRUMENTS, VOICE, play_notes
from helpers.audio.spectrogram import (
    BANDS,
    HOP,
    LOWEST,
    N_FFT,
    RANGE_DB,
    invert,
    keep,
    log_mel,
    mel_frequencies,
    stft_db,
)
from helpers.audio.tones import RATE, SECONDS, chord, click, fade, glissando, hertz, tone

__all__ = [
    "BANDS",
    "HOP",
    "INSTRUMENTS",
    "LOWEST",
    "N_FFT",
    "RANGE_DB",
    "RATE",
    "SECONDS",
    "VOICE",
    "Wave",
    "chord",
    "click",
    "convert",
    "fade",
    "glissando",
    "hertz",
    "invert",
    "keep",
    "level",
    "load",
    "log_mel",
    "mel_frequencies",
    "own_sound",
    "play_notes",
    "save",
    "stft_db",
    "tone",
]
