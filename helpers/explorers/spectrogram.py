"""From waveform to log-mel picture: the three views of one note, yours or ours, and what each of them keeps.

Notebook: 04_cnns. The transforms are helpers/audio/spectrogram.py.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.datasets.assets import cache
from helpers.datasets.notes import FAMILIES, Notes, load_notes
from helpers.explorers.base import Explorer
from helpers.explorers.parts.sources import envelope, mel_names
from helpers.explorers.question import Question
from helpers.views import Line, Panel, Track

WINDOWS = (256, 512, 1024, 2048, 4096)  # samples
ROWS = 128  # rows of the STFT picture: the loudest bin of each group
HOP = 250  # samples from one column of it to the next: fewer than any window, so that no sample is skipped
COLUMNS = 300  # of the waveform picture


class Spectrogram(Explorer):
    """Waveform, short-time Fourier transform and 64×64 log-mel picture of a note, or of your own sound.

    State: family, instrument (which of the family's), pitch (MIDI number; where the instrument has no such note, the
    nearest it has), window (samples of the short-time Fourier transform), own (name of a sound you gave, kept in
    data/cache/own; empty for ours).
    """

    axis: ClassVar[str] = "pitch"
    defaults: ClassVar[dict] = {"family": "string", "instrument": 0, "pitch": 60, "window": 2048, "own": ""}
    presets: ClassVar[dict[str, dict]] = {
        "bowed string": {},
        "struck bar": {"family": "mallet", "instrument": 2},
        "low bass": {"family": "bass", "pitch": 28},
        "flute": {"family": "flute"},
        "short window: sharp in time": {"window": 256},
        "long window: sharp in pitch": {"window": 4096},
    }

    def build(self) -> None:
        self.control("family", widgets.Dropdown(options=list(FAMILIES), description="family"))
        self.control("instrument", widgets.IntSlider(min=0, max=6, description="instrument"))
        self.control("pitch", widgets.IntSlider(min=0, max=127, description="pitch (MIDI)"))
        self.control(
            "window", widgets.SelectionSlider(options=WINDOWS, description="STFT window", style={"description_width": "90px"})
        )
        upload = widgets.FileUpload(accept="audio/*", description="your own sound", layout={"width": "170px"})
        upload.observe(self._uploaded, "value")
        self.beside(upload)
        self.player.record = True
        self.player.on("recorded", self._recorded)

    def _uploaded(self, change: dict) -> None:
        if change["new"]:
            path = _own_folder() / f"upload{Path(change['new'][0]['name']).suffix}"
            path.write_bytes(bytes(change["new"][0]["content"]))
            self._take(audio.own_sound, path)

    def _recorded(self, rate: int, buffers: list) -> None:
        samples = torch.frombuffer(bytearray(buffers[0]), dtype=torch.float32)
        path = _own_folder() / "recording.wav"
        audio.save(path, samples.clamp(-1, 1), int(rate))
        self._take(audio.own_sound, path)

    def _take(self, read: object, path: Path) -> None:
        """Keep a sound that can be read under a name made from its samples; say why where it cannot."""
        try:
            x = read(path)
            audio.log_mel(x[None])
        except (ValueError, FileNotFoundError) as error:
            self.problem = str(error).replace(str(path), "Your sound")
            self._show()
            return
        name = hashlib.sha1(x.numpy().tobytes(), usedforsecurity=False).hexdigest()[:10]
        audio.save(_own_folder() / f"{name}.wav", x)
        self.set(own=name)

    def settle(self, state: dict, changes: dict) -> dict:
        if {"family", "instrument", "pitch"} & set(changes) and "own" not in changes:
            state["own"] = ""
        if state["own"] or state["family"] not in FAMILIES:
            return state
        instruments = len(_instruments(state["family"]))
        if "instrument" not in changes:
            state["instrument"] = min(state["instrument"], instruments - 1)
        here = 0 <= state["instrument"] < instruments
        if here and ("pitch" not in changes or self._within(state)):
            state["pitch"] = self._nearest(state)
        return state

    def _within(self, state: dict) -> bool:
        pitches = _notes(state["family"], state["instrument"]).pitch
        return bool(pitches[0] <= state["pitch"] <= pitches[-1])

    def _nearest(self, state: dict) -> int:
        pitches = _notes(state["family"], state["instrument"]).pitch
        return int(pitches[(pitches - state["pitch"]).abs().argmin()])

    def impossible(self, state: dict) -> str | None:
        if state["family"] not in FAMILIES:
            return f"No family is called {state['family']!r}; there are {', '.join(FAMILIES)}."
        if state["window"] not in WINDOWS:
            return f"A window of {state['window']} samples is not offered; choose one of {WINDOWS}."
        if state["own"] and not (_own_folder() / f"{state['own']}.wav").exists():
            return f"Your sound {state['own']!r} is not in data/cache/own any more; record or upload it again."
        if not state["own"]:
            instruments = _instruments(state["family"])
            if not 0 <= state["instrument"] < len(instruments):
                return f"The {state['family']} family has instruments 0 to {len(instruments) - 1}, not {state['instrument']}."
            if not self._within(state):
                pitches = _notes(state["family"], state["instrument"]).pitch
                return f"This instrument has pitches {int(pitches[0])} to {int(pitches[-1])} (MIDI), not {state['pitch']}."
        return None

    def places(self) -> list[int]:
        return _notes(self._state["family"], self._state["instrument"]).pitch.tolist()

    def count(self) -> int:
        return len(self.places())

    def sound(self) -> tuple[Float[Tensor, "time"], str]:
        """The waveform and what it is."""
        if self._state["own"]:
            return audio.own_sound(_own_folder() / f"{self._state['own']}.wav"), "your own sound"
        notes, i = _notes(self._state["family"], self._state["instrument"]), self.places().index(self._state["pitch"])
        return notes.audio(i), notes.label(i)

    def compute(self) -> None:
        x, label = self.sound()
        window = self._state["window"]
        self.result_ = {
            "label": label,
            "waveform": x.numpy(),
            "stft_db": audio.stft_db(x[None], window, HOP)[0].numpy(),
            "mel": audio.log_mel(x[None])[0].numpy(),
            "seconds": len(x) / audio.RATE,
            "bins": window // 2 + 1,
            "hertz_per_bin": audio.RATE / window,
            "milliseconds": 1000 * window / audio.RATE,
            "milliseconds_per_column": 1000 * HOP / audio.RATE,
            "kept": 64 * 64 / len(x),
            **audio.level(x),
        }

    def draw(self) -> None:
        result, (rows, columns) = self.result_, mel_names()
        picture = _loudest(result["stft_db"], ROWS).round() + 0.0  # whole dB, as a byte holds them; no −0
        together = (result["bins"] - 1) // len(picture)
        hertz = [f"{(i * together + (together + 1) / 2) * result['hertz_per_bin']:,.0f} Hz" for i in range(len(picture))]
        seconds = [f"{t * HOP / audio.RATE:.2f} s" for t in range(picture.shape[1])]
        common = {"y": 190, "flip": True, "ticks": True}
        with self.grid.hold_sync():
            self.grid.show(
                [
                    Line(
                        "waveform",
                        envelope(result["waveform"], COLUMNS),
                        x=70,
                        y=32,
                        cell=(876, 100),
                        title=f"waveform: {result['label']}",
                        lo=-1,
                        hi=1,
                        digits=1,
                        ticks=True,
                        x_range=(0, 4),
                        column_axis="seconds",
                    ),
                    Panel(
                        "stft",
                        picture,
                        x=70,
                        cell=(384 / len(seconds), 384 / len(picture)),
                        lo=-80,
                        hi=0,
                        digits=0,
                        unit=" dB",
                        coarse=True,
                        row_names=hertz,
                        column_names=seconds,
                        title=f"STFT: {result['bins']:,} bins of {result['hertz_per_bin']:.1f} Hz, "
                        f"every {result['milliseconds_per_column']:.1f} ms",
                        **common,
                    ),
                    Panel(
                        "mel",
                        result["mel"],
                        x=562,
                        cell=(6, 6),
                        row_names=rows,
                        column_names=columns,
                        title="log-mel: 64 bands × 64 frames",
                        **common,
                    ),
                ]
            )
            self.grid.caption = (
                f"{len(result['waveform']):,} samples become 4,096 numbers ({100 * result['kept']:.1f} %). "
                f"A window of {self._state['window']:,} "
                f"samples lasts {result['milliseconds']:.0f} ms; its bins lie {result['hertz_per_bin']:.1f} Hz apart."
            )
        self.controls["instrument"].max = len(_instruments(self._state["family"])) - 1
        slider = self.controls["pitch"]
        with slider.hold_trait_notifications():  # one end may pass the other's old place
            slider.min, slider.value, slider.max = self.places()[0], self._state["pitch"], self.places()[-1]
        self.player.offer(self.tracks, (self._state["own"], result["label"]))

    def alt(self) -> str:
        mel = self.result_["mel"]
        loudest = mel_names()[0][int(mel.mean(1).argmax())]
        return (
            f"{self.result_['label']}: waveform (peak {self.result_['peak_db']:.1f} dBFS), STFT with a window of "
            f"{self._state['window']} samples, 64×64 log-mel; strongest band near {loudest}."
        )

    def tracks(self) -> list[Track]:
        x, _ = self.sound()
        mel = torch.from_numpy(self.result_["mel"])
        back = Track(
            "back from the log-mel (Griffin-Lim)",
            lambda: audio.invert(mel).numpy(),
            key=f"{self._state['own']}{self.result_['label']}",
        )
        return [Track("the note", x.numpy()), back]

    def question(self) -> Question:
        share = 100 * self.result_["kept"]
        options = ["about 100 %", "about 25 %", "about 6 %", "about 0.1 %"]
        near = min(options, key=lambda o: abs(np.log(float(o.split()[1]) / share)))
        return Question("How many numbers does the 64×64 picture keep of the note's samples?", options, lambda: near)


def _own_folder() -> Path:
    folder = cache() / "own"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@lru_cache(maxsize=1)
def _all_notes() -> Notes:
    return load_notes("train").where(velocity=100)


@lru_cache(maxsize=16)
def _instruments(family: str) -> list[int]:
    return sorted(set(_all_notes().where(family=family).instrument.tolist()))


@lru_cache(maxsize=128)
def _notes(family: str, instrument: int) -> Notes:
    """The notes of one instrument, lowest first."""
    notes = _all_notes().where(family=family, instrument=_instruments(family)[instrument])
    return notes[notes.pitch.argsort()]


def _loudest(picture: Float[np.ndarray, "bin frame"], rows: int) -> Float[np.ndarray, "row frame"]:
    """At most `rows` rows (the one at 0 Hz is left out): the loudest of each group of neighbouring bins."""
    inside = picture[1:]
    return inside.reshape(min(rows, len(inside)), -1, picture.shape[1]).max(1)
