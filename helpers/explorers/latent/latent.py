"""The map of a VAE's codes: click and hear what is decoded there, walk from point to point, encode a note it never heard.

Notebook: 07a_autoencoders. Concepts: helpers/concepts/latent.py, timbre.py. The plane: space.py; the picture: picture.py.
"""

from __future__ import annotations

import math
from pathlib import Path as File
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from helpers import audio
from helpers.concepts.latent import kl_to_prior
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import PITCHES, analyse, held_out
from helpers.explorers.base import Explorer
from helpers.explorers.latent import picture, words
from helpers.explorers.latent.space import MODELS, REACH, Space, shipped, space_of
from helpers.explorers.latent.way import WAYS, changing, crossfade, route
from helpers.explorers.parts.numerals import number
from helpers.explorers.parts.timbres import gapless, one
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models.vae import VAE
from helpers.views import Grid, Stage, Track

MOST = 4  # points of a way
SAMPLES = 8
LIMITS = {"steps": (3, 9), "sigma": (0, 3), "seed": (0, 99)}
OWN, YOURS = "your sound", "yours"


class Latent(Explorer):
    """A plane of codes: training notes as dots, over what is decoded there or how fast it changes.

    vae: one of your own, instead of those that ship; sound: a file to be encoded, played at the MIDI pitch `pitch` (40 to 64).
    State: model (whose code has 2 numbers or 16: then the two main directions), z (the place decoded), points (one to four places
    that the way goes through; Shift and click adds one), way (straight: lerp, arc: slerp), steps (pictures from point to point),
    note (family of a held-out note that is encoded, or "none"), sigma (spread of the codes drawn at random), seed, ground (what
    is under the dots), colour (of the dots).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {
        "model": "2 numbers", "z": [0.0, 0.0], "points": [[-1.5, 0.8], [1.5, -1.9]], "way": "straight", "steps": 7, "note": "flute",
        "sigma": 1.0, "seed": 0, "ground": "8 × 8 decoded", "colour": "family",
    }  # fmt: skip
    presets: ClassVar[dict[str, dict]] = {
        "a walk": {},
        "where it changes": {"ground": "how fast it changes"},
        "the outskirts": {"ground": "12 × 12 decoded", "sigma": 2.5, "z": [2.6, 2.6]},
        "brighter and brighter": {"ground": "nothing", "colour": "brightness"},
        "four corners": {"points": [[-1.2, -1.2], [1.2, -1.2], [1.2, 1.2], [-1.2, 1.2]], "way": "arc", "steps": 4},
        "sixteen numbers": {"model": "16 numbers", "ground": "how fast it changes"},
    }

    def __init__(self, vae: VAE | None = None, sound: str | None = None, pitch: int = 52, **options: object) -> None:
        self._mine = space_of(vae) if vae else None
        self._own = _encoded(sound, pitch) if sound else None
        self.given = ({"vae": vae} if vae else {}) | ({"sound": sound, "pitch": pitch} if sound else {})
        if vae:  # then there is no other model to choose
            self.defaults = self.defaults | {"model": YOURS}
            self.presets = {name: preset for name, preset in self.presets.items() if "model" not in preset}
        if sound:
            options.setdefault("note", OWN)
        super().__init__(**options)

    @property
    def space(self) -> Space:
        """The plane of the present model."""
        return self._mine if self._state["model"] == YOURS else shipped(self._state["model"])

    def build(self) -> None:
        models = [YOURS] if self._mine else list(MODELS)
        self.control("model", widgets.Dropdown(options=models, description="code of"))
        self.control("ground", widgets.Dropdown(options=list(picture.GROUNDS), description="ground"))
        self.control("colour", widgets.Dropdown(options=list(picture.COLOURS), description="dots by"))
        notes = ["none", *held_out(), *([OWN] if self._own is not None else [])]
        self.control("note", widgets.Dropdown(options=notes, description="new note"))
        self.control("way", widgets.ToggleButtons(options=list(WAYS), description="way", style={"button_width": "80px"}))
        self.control("steps", widgets.IntSlider(min=3, max=9, description="steps"))
        self.control("sigma", widgets.FloatSlider(min=0, max=3, step=0.1, description="drawn, σ ="))
        self.control("seed", widgets.IntSlider(min=0, max=99, description="seed"))
        self._over = np.zeros(2)
        self.grid.on("place", self._place)
        self.grid.on("pick", lambda panel, layer, index, shift: self._place(panel, *self._dot(layer, index), shift))
        self.grid.on("drag", self._drag)
        self.grid.on("drop", self._drop)
        self.grid.on("over", self._hover)

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, LIMITS):
            return wrong
        offered = {
            "model": (YOURS,) if self._mine else tuple(MODELS), "way": tuple(WAYS), "ground": tuple(picture.GROUNDS),
            "colour": tuple(picture.COLOURS), "note": ("none", *held_out(), *((OWN,) if self._own is not None else ())),
        }  # fmt: skip
        for name, known in offered.items():
            if state[name] not in known:
                return f"{name} is {state[name]!r}; choose one of {', '.join(known)}."
        if not _on_the_map([state["z"]]):
            return f"z = {state['z']} is no place on the map: give two numbers from {-REACH:g} to {REACH:g}."
        if not 1 <= len(state["points"]) <= MOST or not _on_the_map(state["points"]):
            return f"A way goes through one to {MOST} points of two numbers from {-REACH:g} to {REACH:g}; not {state['points']}."
        return None

    def compute(self) -> None:
        state, space = self._state, self.space
        here = torch.tensor([state["z"]])
        points = torch.tensor(state["points"])
        path = route(points, state["way"], state["steps"])
        drawn = state["sigma"] * torch.randn(SAMPLES, space.model.latent, generator=torch.Generator().manual_seed(state["seed"]))
        with torch.no_grad():
            samples = space.model.decode(drawn).numpy()
        self.result_ = {
            "code": space.code(here)[0].numpy(),
            "decoded": space.decode(here)[0].numpy(),
            "steepness": float(space.steep(here)[0]),
            "path": path.numpy(),
            "walked": space.decode(path).numpy(),
            "faded": crossfade(space.decode(points), state["steps"]).numpy(),
            "drawn": space.place(drawn).numpy(),
            "samples": samples,
            "kl": space.kl,
            **self._encode(space),
        }
        if state["colour"] in space.uphill:
            slope, share = space.uphill[state["colour"]]
            self.result_ |= {"slope": slope.numpy(), "explained": share}

    @torch.no_grad()
    def _encode(self, space: Space) -> dict:
        """What becomes of the new note: its Gaussian on the plane, its reconstruction, how far that is off, its KL."""
        chosen = self._state["note"]
        if chosen == "none":
            return {}
        note = self._own if chosen == OWN else held_out()[chosen].picture[0]
        mean, log_variance = space.model.encode(note[None])
        made = space.model.decode(mean)[0]
        return {
            "note": note.numpy(),
            "made": made.numpy(),
            "off": off_db(made, note),
            "mean": space.place(mean)[0].numpy(),
            "covariance": (space.axes @ log_variance[0].exp().diag() @ space.axes.T).numpy(),
            "note kl": float(kl_to_prior(mean, log_variance).sum()),
        }

    # the picture and the sound

    def draw(self) -> None:
        with self.grid.hold_sync():
            self.grid.show(picture.panels(self._state, self.result_, self.space, self._over))
            self.grid.caption = words.caption(self._state, self.result_, self.space)
        self.player.offer(self.tracks, (self._state["model"], *map(str, self._state.values())))

    def alt(self) -> str:
        return words.alt(self._state, self.result_, self.space)

    def tracks(self) -> list[Track]:
        result, state = self.result_, self._state
        model, where = state["model"], ", ".join(words.place(state["z"]))
        found = [Track("z", lambda: one(result["decoded"]), key=f"{model} {where} {state['z']}")]
        if len(state["points"]) > 1:
            key = f"{model} {state['points']} {state['way']} {state['steps']}"
            ends = "ABCD"[len(state["points"]) - 1]
            found += [
                Track(f"A to {ends} by codes", lambda: gapless(result["walked"]), key=key),
                Track("the same cross-faded", lambda: gapless(result["faded"]), key=key),
                Track("one note on its way by codes", lambda: changing(result["walked"]), key=key),
            ]
        if "note" in result:
            key = f"{model} {state['note']}"
            found += [
                Track("the new note", lambda: one(result["note"]), key=key),
                Track("encoded and decoded", lambda: one(result["made"]), key=key),
            ]
        found.append(Track(f"{SAMPLES} drawn", lambda: gapless(result["samples"]), key=f"{model} {state['sigma']} {state['seed']}"))
        return found

    def question(self) -> Question:
        near, far = self.space.steep_where().values()
        options = ["among the notes", "far from all notes", "everywhere about alike"]
        return Question(
            "The decoder is a smooth function of the plane. Where does the sound change faster as you move?",
            options,
            lambda: options[2 if max(near, far) < 1.2 * min(near, far) else int(far > near)],
            f"For a step of 1 a typical cell changes by {number(near, 1)} dB among the notes, and by {number(far, 1)} dB where "
            "none is within 1. Choose the ground “how fast it changes” and look for the cliffs.",
        )

    # the hand

    def _place(self, panel: str, x: float, y: float, shift: bool) -> None:
        """A click decodes that place and plays it; with Shift it is the way's next point."""
        at = _clipped(x, y)
        if not shift:
            self.set(z=at)
            self.player.play(0)
            return
        points = self._state["points"]
        self.set(points=[at] if len(points) == MOST else [*points, at])

    def _dot(self, layer: str, index: int) -> tuple[float, float]:
        """Where a dot that was clicked lies."""
        plane = self.grid.panel("map")
        return tuple(next(found for found in plane.layers if found.name == layer).xy[index, :2])

    def _drag(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        if layer == "z":
            self.set(z=_clipped(x, y))
            return
        points = self._state["points"]
        self.set(points=[*points[:index], _clipped(x, y), *points[index + 1 :]])

    def _drop(self, panel: str, layer: str, index: int, x: float, y: float) -> None:
        self._drag(panel, layer, index, x, y)
        self.player.play(0 if layer == "z" or len(self._state["points"]) < 2 else 1)

    def _hover(self, panel: str, x: float, y: float) -> None:
        """The nearest of the places decoded beforehand is shown; nothing is computed."""
        self._over = np.array([x, y])
        panels = [picture.pointer(self.space, self._over) if p.name == "pointer" else p for p in self.grid.panels]
        self.grid.show(panels, self.grid.labels)


def _encoded(sound: str, pitch: int) -> Float[Tensor, "24 32"]:
    """The picture of a sound file's first second. Raises ValueError for a pitch that a picture cannot be made from."""
    if pitch not in PITCHES:
        raise ValueError(f"pitch is {pitch}; a picture is made from a note of MIDI pitch {PITCHES[0]} to {PITCHES[-1]}.")
    if not File(sound).exists():
        raise ValueError(f"there is no file {sound!r}; give one that holds a single note.")
    return analyse(audio.own_sound(sound)[None], torch.tensor([pitch]))[0]


def _on_the_map(places: list) -> bool:
    return all(
        isinstance(at, list) and len(at) == 2 and all(isinstance(v, int | float) and math.fabs(v) <= REACH for v in at)
        for at in places
    )


def _clipped(x: float, y: float) -> list[float]:
    return [round(float(min(max(v, -REACH), REACH)), 4) for v in (x, y)]
