"""Player: sounds side by side, through the page's one audio context, at their true loudness.

The browser asks for a sound's samples when it is first played; they travel as 16-bit PCM. Nothing is normalised: what
is twice as loud in the numbers is twice as loud in the room. Without a kernel, `<audio>` elements take its place.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Callable
from functools import cached_property

import numpy as np
import traitlets

from helpers.views.widget import View, script, style

PART = 64 * 1024  # bytes of PCM a message


class Track:
    """One sound: a name, float32 samples in [-1, 1] of shape (time,), and their rate in Hz.

    samples may be a function that makes them when they are first wanted; then `key` names what it would make.
    beats: seconds for each position of the transport of the view in the same box; it then goes along with the sound,
    the sound begins where it stands, and stops where it is paused or scrubbed.
    Raises ValueError where the samples are not one-dimensional, not finite, or would clip, or beats are not above 0.
    """

    def __init__(
        self,
        name: str,
        samples: np.ndarray | Callable[[], np.ndarray],
        rate: int = 16_000,
        key: str = "",
        beats: float | None = None,
    ) -> None:
        if beats is not None and not 0 < beats < np.inf:
            raise ValueError(f"{name}: beats is {beats}; it is the seconds that one position lasts, above 0.")
        self.name, self.rate, self.beats, self._given = name, rate, beats, samples
        self.ready = not callable(samples)
        self.key = hashlib.sha1((name + key).encode() + (self.pcm if self.ready else b""), usedforsecurity=False).hexdigest()[:16]

    @cached_property
    def samples(self) -> np.ndarray:
        """The samples, made now if they were not before."""
        x = np.asarray(self._given() if callable(self._given) else self._given, dtype=np.float32)
        if x.ndim != 1:
            raise ValueError(f"{self.name}: samples have shape {x.shape}; a track is mono, (time,).")
        peak = float(np.abs(x).max(initial=0.0))
        if not np.isfinite(peak):
            raise ValueError(f"{self.name}: some samples are not finite; a track needs numbers in [-1, 1].")
        if peak > 1.0 + 1e-6:
            raise ValueError(f"{self.name}: peak {peak:.3g} would clip; scale the samples into [-1, 1] first.")
        return x

    @property
    def pcm(self) -> bytes:
        """The samples as little-endian 16-bit integers."""
        return (np.clip(self.samples, -1, 1) * 32767).round().astype("<i2").tobytes()

    def level(self) -> str:
        """Peak and RMS in dB below full scale, as the player shows them."""
        x = self.samples.astype(np.float64)
        said = [
            f"{20 * np.log10(v):.1f}" if v > 0 else "−∞"
            for v in (np.abs(x).max(initial=0.0), np.sqrt(np.mean(x**2) if x.size else 0.0))
        ]
        return f"peak {said[0]}, RMS {said[1]} dBFS".replace("-", "−")


class Player(View):
    """Buttons that play tracks; starting one stops whatever else the page plays.

    together: A/B switching keeps the place in the sound; record: a button that records four seconds from the
    microphone and hands them to `on("recorded", handler)`, handler(rate, buffers) with float32 samples.
    """

    _esm = script("late", "link", "player")
    _css = style()

    tracks = traitlets.List().tag(sync=True)
    together = traitlets.Bool(False).tag(sync=True)
    record = traitlets.Bool(False).tag(sync=True)
    whose: str = ""  # before each key: the page keeps sounds by key for all its players, and some only one can make

    def __init__(self, tracks: list[Track] | None = None, **traits: object) -> None:
        super().__init__(**traits)
        self.on("fetch", self._send_samples)
        self.load(tracks or [])

    def load(self, tracks: list[Track]) -> None:
        """Offer these tracks instead of the present ones."""
        self.sounds, self._offered = tracks, None
        self.alt = "Player: " + "; ".join(t.name for t in tracks) if tracks else "Player, empty"
        self.tracks = [_described(track) | {"key": self.whose + track.key} for track in tracks]

    def offer(self, make: Callable[[], list[Track]], key: object) -> None:
        """Offer the tracks that `make` makes, made anew only when `key` has changed."""
        if (self.whose, key) != self._offered:
            self.load(make())
            self._offered = self.whose, key

    def play(self, index: int = 0) -> None:
        """Start a track in the browser, as if its button had been pressed."""
        self.send({"type": "play", "key": self.tracks[index]["key"]})

    def stop(self) -> None:
        """Stop whatever the page plays."""
        self.send({"type": "stop"})

    def _send_samples(self, key: str) -> None:
        track = next((track for track, said in zip(self.sounds, self.tracks) if said["key"] == key), None)
        if track is None:  # it was replaced while the request was on its way
            return
        pcm, about = (
            track.pcm,
            {"type": "pcm", "key": key, "rate": track.rate, "length": len(track.samples), "level": track.level()},
        )
        starts = range(0, len(pcm), PART)
        for number, start in enumerate(starts):
            self.send({**about, "part": number, "parts": len(starts)}, buffers=[pcm[start : start + PART]])

    def static(self) -> str:
        """HTML with an `<audio>` element a track, for pages without a kernel."""
        rows = (
            f'<p>{html.escape(t.name)} ({t.level()})<br><audio controls preload="none" src="{_mp3(t)}"></audio></p>'
            for t in self.sounds
        )
        return f'<div role="group" aria-label="sounds">{"".join(rows)}</div>'


def _described(track: Track) -> dict:
    said = {"name": track.name, "key": track.key, "level": track.level() if track.ready else ""}
    return said | ({"beats": track.beats} if track.beats else {})


def _mp3(track: Track) -> str:
    """A data URI of about 4 kB a second; every browser plays it."""
    import soundfile

    packed = io.BytesIO()
    soundfile.write(packed, track.samples, track.rate, format="MP3")
    return "data:audio/mpeg;base64," + base64.b64encode(packed.getvalue()).decode()
