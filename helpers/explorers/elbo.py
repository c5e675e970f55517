"""VAEs that differ in β alone: what their codes say number by number, what comes back of a new note, what the prior sounds like.

Notebook: 07a_autoencoders. Concept: helpers/concepts/latent.py. After Higgins et al., 2017, and Alemi et al., "Fixing a broken
ELBO", 2018, for the picture of reconstruction over KL.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np
import torch

from helpers.concepts.latent import collapsed, kl_to_prior, reconstruction, reparametrise
from helpers.concepts.timbre import off_db
from helpers.datasets.harmonics import held_out, load_harmonics
from helpers.explorers.base import Explorer
from helpers.explorers.parts.numerals import number, powers
from helpers.explorers.parts.timbres import LOOKS, gapless, one
from helpers.explorers.question import Question
from helpers.explorers.values import beyond
from helpers.models import checkpoints
from helpers.models.vae import VAE
from helpers.views import Dots, Grid, Panel, Path, Plane, Stage, Stems, Track

SHIPPED = (0.0, 1.0, 4.0, 16.0)
SAMPLES, EVERY, DRAWS = 3, 4, 4  # pictures drawn from each prior; of the new notes every so-manieth is measured; codes of each
LEAST = 0.1  # nats: the left end of the axis at least
LEFT, TOP, CELL, APART = 640, 62, 3.0, 112  # px: of the matrix of pictures


class Elbo(Explorer):
    """Bars of KL, one for each number of the code; reconstruction over KL for every β; and what each of the models makes.

    vaes: your own by their β, instead of those that ship. State: beta (the model looked at), note (family of the held-out note
    that is encoded), seed (of the codes drawn from the prior).
    """

    view: ClassVar[type[Grid]] = Stage
    defaults: ClassVar[dict] = {"beta": 1.0, "note": "flute", "seed": 0}
    presets: ClassVar[dict[str, dict]] = {
        "as the bound says": {},
        "no price on the code": {"beta": 0.0},
        "a dear code": {"beta": 16.0},
    }

    def __init__(self, vaes: dict[float, VAE] | None = None, **options: object) -> None:
        if vaes is not None and len(vaes) < 2:
            raise ValueError(f"Elbo compares models: {len(vaes)} given, at least two are needed.")
        self.vaes = {float(beta): vae.eval() for beta, vae in sorted(vaes.items())} if vaes else shipped()
        self.given = {"vaes": vaes} if vaes else {}
        if vaes:
            self.presets = {}
            options.setdefault("beta", min(self.vaes, key=lambda beta: abs(beta - 1)))
        self._spoken = {beta: said(vae) for beta, vae in self.vaes.items()}
        super().__init__(**options)

    def build(self) -> None:
        betas = [(f"{beta:g}", beta) for beta in self.vaes]
        self.control("beta", widgets.SelectionSlider(options=betas, description="β"))
        self.control("note", widgets.Dropdown(options=list(held_out()), description="new note"))
        self.control("seed", widgets.IntSlider(min=0, max=99, description="seed"))
        self.grid.on("click", self._click)
        self.grid.on("pick", lambda panel, layer, index, shift: self.set(beta=list(self.vaes)[index]))

    def impossible(self, state: dict) -> str | None:
        if state["beta"] not in self.vaes:
            return f"There is no model of β = {state['beta']:g}; there are {', '.join(f'{beta:g}' for beta in self.vaes)}."
        if state["note"] not in held_out():
            return f"There is no held-out note of {state['note']!r}; there are {', '.join(held_out())}."
        return beyond(state, {"seed": (0, 99)})

    @torch.no_grad()
    def compute(self) -> None:
        beta, spoken = self._state["beta"], self._spoken
        note = held_out()[self._state["note"]].picture
        made = {b: vae.decode(vae.encode(note)[0])[0] for b, vae in self.vaes.items()}
        self.result_ = {
            "kl": spoken[beta]["kl"],
            "asleep": spoken[beta]["asleep"],
            "rate": np.array([spoken[b]["kl"].sum() for b in self.vaes]),
            "reconstruction": np.array([spoken[b]["reconstruction"] for b in self.vaes]),
            "note": note[0].numpy(),
            "made": np.stack([picture.numpy() for picture in made.values()]),
            "off": off_db(made[beta], note[0]),
            "samples": np.stack([vae.sample(SAMPLES, self._state["seed"]).numpy() for vae in self.vaes.values()]),
        }
        which = list(self.vaes).index(beta)
        self.result_["loss"] = float(self.result_["reconstruction"][which] + beta * self.result_["rate"][which])

    # the picture

    def draw(self) -> None:
        betas = list(self.vaes)
        chosen = betas.index(self._state["beta"])
        rows = len(self._rows())
        with self.grid.hold_sync():
            self.grid.show([self._bars(), self._trade(), *self._matrix()], self._labels())
            self.grid.marks = [
                {"panel": f"{row} {chosen}", "row": 0, "column": 0, "height": 24, "width": 32, "ink": "window"}
                for row in range(rows)
            ]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, tuple(self._state.values()))

    def _bars(self) -> Plane:
        kl, asleep = self.result_["kl"], self.result_["asleep"]
        order = np.argsort(-kl)
        at = np.arange(1, len(kl) + 1)
        awake = ~asleep[order]
        bars = np.column_stack([at, kl[order]])
        names = [f"{number(float(v), 2)} nats" for v in bars[awake, 1]]
        layers = [Stems("says something", bars[awake], ink=0, size=11, names=names)]
        if asleep.any():
            names = [f"{number(float(v), 4)} nats: asleep" for v in bars[~awake, 1]]
            layers.append(Dots("asleep", bars[~awake], ink=1, size=6, shape="cross", legend=True, names=names))
        high = max(1.0, 1.12 * float(kl.max()))
        return Plane(
            "bars", x=64, y=TOP, cell=(230, 300), x_range=(0, len(kl) + 1), y_range=(-0.03 * high, high), ticks=True, layers=layers,
            title="KL of each number, nats", column_axis="numbers of the code, from the most to the least",
            x_ticks=[(float(k), str(k)) for k in (1, len(kl) // 2, len(kl))],
        )  # fmt: skip

    def _trade(self) -> Plane:
        """Error over KL, which goes over powers of ten: without a price it is hundreds of nats."""
        rate, error = self.result_["rate"], self.result_["reconstruction"]
        betas = list(self.vaes)
        chosen = betas.index(self._state["beta"])
        at = np.column_stack([np.log10(np.maximum(rate, LEAST)), error])
        room = 0.12 * max(float(np.ptp(error)), 1.0)
        low, high = float(at[:, 0].min()) - 0.3, float(at[:, 0].max()) + 0.7
        x = np.linspace(low, high, 200)
        same = error[chosen] - self._state["beta"] * (10**x - rate[chosen])
        layers = [
            Path("same loss", np.column_stack([x, same]), ink="faint", dash=True, legend=True),
            Path("β", at, ink="faint", size=1.5),
            Dots("models", at, ink=0, size=7, names=[f"β = {b:g}" for b in betas], written=True, click=True),
            Dots("chosen", at[[chosen]], ink="window", size=12, shape="ring"),
        ]
        return Plane(
            "trade", x=372, y=TOP, cell=(210, 300), x_range=(low, high), ticks=True, layers=layers, x_ticks=powers(low, high),
            y_range=(float(error.min()) - room, float(error.max()) + 2 * room),
            title="error over KL, nats a new note", column_axis="KL: what the code says",
        )  # fmt: skip

    def _rows(self) -> list[np.ndarray]:
        """Of each row of the matrix one picture for each β: reconstructions, then samples."""
        return [self.result_["made"], *self.result_["samples"].transpose(1, 0, 2, 3)]

    def _matrix(self) -> list[Panel]:
        """The new note above; below it a column for each β."""
        found = [
            Panel(f"{row} {column}", picture, x=LEFT + APART * column, y=TOP + 92 * row + (14 if row else 0), cell=(CELL, CELL),
                  coarse=True, click=True, whole=True, title=f"β = {beta:g}" if not row else "", **LOOKS)
            for row, pictures in enumerate(self._rows())
            for column, (beta, picture) in enumerate(zip(self.vaes, pictures))
        ]  # fmt: skip
        x = LEFT + APART * len(self.vaes) + 24
        return [
            *found,
            Panel("note", self.result_["note"], x=x, y=TOP, cell=(CELL, CELL), title=f"new: {self._state['note']}", **LOOKS),
        ]

    def _labels(self) -> list[dict]:
        x = LEFT + APART * len(self.vaes) + 24
        return [
            {"text": text, "x": x, "y": y, "align": "left", "size": 14}
            for text, y in (("← decoded again", TOP + 88), ("← drawn from", TOP + 136), ("   the prior", TOP + 154))
        ]

    # the words and the sound

    def verdict(self) -> str:
        """What is seen, in a few sentences."""
        result, beta = self.result_, self._state["beta"]
        which = list(self.vaes).index(beta)
        asleep, all_ = int(result["asleep"].sum()), len(result["kl"])
        silent = "All numbers say something." if not asleep else f"{asleep} of {all_} numbers say nothing: collapsed."
        left, rate = (number(float(result[name][which]), 1) for name in ("reconstruction", "rate"))
        return (
            f"β = {beta:g}: error {left} + {beta:g} × KL {rate} = {number(result['loss'], 1)} nats a new note. {silent} "
            f"The new {self._state['note']} comes back {number(result['off'], 1)} dB off."
        )

    def alt(self) -> str:
        betas = ", ".join(f"{b:g}" for b in self.vaes)
        return f"VAEs of β = {betas}, with codes of seed {self._state['seed']} drawn from the prior. {self.verdict()}"

    def tracks(self) -> list[Track]:
        result, state = self.result_, self._state
        which = list(self.vaes).index(state["beta"])
        return [
            Track("the new note", lambda: one(result["note"]), key=state["note"]),
            Track(f"decoded again, β = {state['beta']:g}", lambda: one(result["made"][which]), key=str(state)),
            Track(f"{SAMPLES} drawn, β = {state['beta']:g}", lambda: gapless(result["samples"][which], 1.0), key=str(state)),
        ]

    def question(self) -> Question:
        most = max(self.vaes)
        asleep, all_ = int(self._spoken[most]["asleep"].sum()), len(self._spoken[most]["kl"])
        options = ["none", "less than a quarter", "at least a quarter", "all of them"]
        right = options[0 if not asleep else 3 if asleep == all_ else 2 if 4 * asleep >= all_ else 1]
        return Question(
            f"Each nat that a code says costs {most:g} nats. How many of its {all_} numbers will say nothing at all?",
            options,
            lambda: right,
            f"{asleep} of {all_} say less than 0.01 nats on average. Which β keeps all of them awake?",
        )

    def _click(self, panel: str, row: int, column: int) -> None:
        """A picture of the matrix: its β is looked at, and what was clicked is heard."""
        which, at = map(int, panel.split())
        self.set(beta=list(self.vaes)[at])
        self.player.play(2 if which else 1)


@cache
def shipped() -> dict[float, VAE]:
    """The models that ship, by their β."""
    return {beta: checkpoints.load(f"timbre-vae-beta-{beta:g}")[0] for beta in SHIPPED}


@torch.no_grad()
def said(vae: VAE) -> dict:
    """What a model's codes say of new notes, number by number, which say nothing, and what reconstructing costs, in nats.

    The cost is over that of coming back without any error, on average over some draws of each note's code.
    """
    pictures = load_harmonics("new").picture[::EVERY]
    mean, log_variance = vae.encode(pictures)
    random = torch.Generator().manual_seed(0)
    draws = [reparametrise(mean, log_variance, torch.randn(mean.shape, generator=random)) for _ in range(DRAWS)]
    cost = torch.stack([reconstruction(pictures, vae.decode(z), vae.spread) for z in draws]).mean()
    return {
        "kl": kl_to_prior(mean, log_variance).mean(0).numpy(),
        "asleep": collapsed(mean, log_variance).numpy(),
        "reconstruction": float(cost - reconstruction(pictures, pictures, vae.spread).mean()),
    }
