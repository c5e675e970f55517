"""A listening test: beginnings of chorales, some by Bach and some by a transformer. Nobody is told before all are decided.

Notebook: 06_transformers. The transformer is the shipped one (data/checkpoints); the chorales are among those it has not
learned from. For each excerpt a coin decides whose it is, so whoever tosses a coin as well is right half of the time.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import ClassVar

import ipywidgets as widgets
import numpy as np

from helpers import audio
from helpers.concepts import sampling
from helpers.concepts.confusion import by_luck
from helpers.datasets import voices
from helpers.datasets.chorales import Chorale, load_chorales, notes_of
from helpers.explorers.base import Explorer
from helpers.explorers.music_attention.listened import refuse_others, shipped
from helpers.explorers.parts.fresh import once
from helpers.explorers.parts.numerals import share
from helpers.explorers.values import beyond
from helpers.models.transformer import Cache, Decoder
from helpers.views import Grid, Notes, Plane, Roll, Track, Words, pitch_name

SHIPPED = "chorales-transformer"
COUNT, STEPS, BEAT = 8, 32, 0.6  # excerpts, sixteenths of each, seconds of a quarter note
DRAWN = {"temperature": 0.9, "top_p": 0.97}
GUESSES = ("undecided", "Bach", "transformer")
LOW, HIGH = 36, 84
TURNS = np.array([[symbol[0] == letter for symbol in voices.SYMBOLS] for letter in voices.LETTERS])  # whose symbol each is


def held() -> list[Chorale]:
    """The chorales that were not learned from: a tenth, as the recipe draws them, and long enough."""
    every = load_chorales()
    order = list(range(len(every)))
    random.Random(0).shuffle(order)
    return [every[i] for i in order[: len(every) // 10] if len(every[i].pitch) >= STEPS]


def written(seed: int, mine: Decoder | None = None) -> Chorale:
    """The beginning of a chorale as the shipped transformer writes it, or a given one.

    The voices sing in turn, and nobody stops before the excerpt does: all other symbols are masked.
    """
    model, start = mine or shipped(SHIPPED)[0], voices.SYMBOLS.index("<start>")
    seen = 0

    def read(new: list[int], state: Cache | None) -> tuple[np.ndarray, Cache]:
        nonlocal seen
        seen += len(new)
        logits, state = model.read(new, state)
        return np.where(TURNS[(seen - 1) % 4], logits, -np.inf), state

    def work() -> Chorale:
        return voices.decode([start, *sampling.generate(read, [start], 4 * STEPS, None, seed, **DRAWN)], "written")

    return once(model, ("written", seed), work)


@lru_cache(maxsize=8)
def table(seed: int) -> tuple[tuple[bool, ...], tuple[Chorale, ...]]:
    """Whether each excerpt is Bach's, and the chorale that is heard where it is."""
    coin = random.Random(seed)
    truth = tuple(coin.random() < 0.5 for _ in range(COUNT))
    return truth, tuple(coin.sample(held(), COUNT))


def excerpt(seed: int, k: int, model: Decoder | None = None) -> Chorale:
    """One of the eight. The transformer writes for each one when it is asked for, also where Bach is heard: one waits alike.

    All eight at once would take seconds; writing only where it is needed would tell by the wait whose the excerpt is.
    """
    truth, theirs = table(seed)
    drawn = written(seed * COUNT + k, model)
    if not truth[k]:
        return drawn
    return Chorale(theirs[k].name, theirs[k].pitch[:STEPS], theirs[k].onset[:STEPS])


class Listening(Explorer):
    """Eight beginnings of chorales to be heard, seen and judged: Bach or transformer?

    model: a transformer of your own, trained on chorales; else the shipped one. State: seed (which eight), excerpt (0 to 7),
    guess (of this one), guesses (of all, once each), position (of the playhead, in sixteenths).
    """

    view: ClassVar[type[Grid]] = Roll
    axis: ClassVar[str] = "position"
    defaults: ClassVar[dict] = {"seed": 0, "excerpt": 0, "guess": "undecided", "guesses": ["undecided"] * COUNT, "position": 0}

    def __init__(self, model: Decoder | None = None, **options: object) -> None:
        refuse_others(model, SHIPPED)
        self.model, self.given = model, {"model": model} if model else {}
        super().__init__(**options)

    def whose(self) -> str:
        """Which transformer it is."""
        return "the shipped transformer" if self.model is None else "your transformer"

    def build(self) -> None:
        self.control("excerpt", widgets.IntSlider(min=0, max=COUNT - 1, description="excerpt"))
        self.control("guess", widgets.ToggleButtons(options=GUESSES, description="by", style={"button_width": "100px"}))
        self.control("seed", widgets.BoundedIntText(min=0, max=99, description="eight no."))
        self.grid.on("pick", lambda panel, layer, index, shift: self.set(excerpt=index))

    def settle(self, state: dict, changes: dict) -> dict:
        fits = isinstance(state["guesses"], list) and len(state["guesses"]) == COUNT and 0 <= state["excerpt"] < COUNT
        if "seed" in changes and "guesses" not in changes:
            state["guesses"] = ["undecided"] * COUNT
        if "excerpt" in changes and "position" not in changes:
            state["position"] = 0
        if fits and "guess" in changes and "guesses" not in changes:
            state["guesses"][state["excerpt"]] = state["guess"]
        elif fits:
            state["guess"] = state["guesses"][state["excerpt"]]
        return state

    def impossible(self, state: dict) -> str | None:
        if wrong := beyond(state, {"seed": (0, 99), "excerpt": (0, COUNT - 1), "position": (0, STEPS - 1)}):
            return wrong
        if len(state["guesses"]) != COUNT or not {*state["guesses"], state["guess"]} <= set(GUESSES):
            return f"guesses={state['guesses']!r}; give each of {COUNT} excerpts one of {', '.join(GUESSES)}."
        return None

    def count(self) -> int:
        return STEPS

    def compute(self) -> None:
        truth, theirs = table(self._state["seed"])
        guesses = self._state["guesses"]
        told = "undecided" not in guesses
        notes = notes_of(excerpt(self._state["seed"], self._state["excerpt"], self.model))
        self.result_ = {
            "notes": np.array([(4 * n.onset, 4 * n.duration, n.pitch, n.voice) for n in notes]).reshape(-1, 4),
            "decided": COUNT - guesses.count("undecided"),
        }
        if told:
            right = sum((guess == "Bach") == bach for guess, bach in zip(guesses, truth))
            names = [chorale.name if bach else "transformer" for chorale, bach in zip(theirs, truth)]
            self.result_ |= {"right": right, "by luck": by_luck(right, COUNT), "truth": names}

    def draw(self) -> None:
        notes = self.result_["notes"]
        roll = Plane(
            "roll", x=62, y=96, cell=(940, 260), x_range=(0, STEPS), y_range=(LOW - 0.5, HIGH + 0.5), scrub=True, ticks=True,
            layers=[Notes("notes", notes, ink=notes[:, 3].astype(int).tolist(), timed=True)], column_axis="beat",
            title=f"excerpt {self._state['excerpt']}: Bach or {self.whose()}?",
            x_ticks=[(4.0 * k, str(k + 1)) for k in range(STEPS // 4)],
            y_ticks=[(float(p), pitch_name(p)) for p in range(LOW, HIGH + 1, 12)],
        )  # fmt: skip
        with self.grid.hold_sync():
            self.grid.show([self._row(), roll])
            self.grid.count, self.grid.position = STEPS, self._state["position"]
            self.grid.caption = self.verdict()
        self.player.offer(self.tracks, self._sounding())

    def _row(self) -> Words:
        """What was decided of each, and, once all are, what is so: in green where both agree."""
        guesses, names = self._state["guesses"], self.result_.get("truth")
        said = [f"{k}: {'…' if guess == 'undecided' else guess}" for k, guess in enumerate(guesses)]
        if names:
            said = [f"{k}: {name}" for k, name in enumerate(names)]
        agree = [bool(names) and (name == "transformer") == (guess == "transformer") for name, guess in zip(names or said, guesses)]
        strength = [0.7 if names else 0.5 * (k == self._state["excerpt"]) for k in range(COUNT)]
        inks = [2 if right else 1 if names else 0 for right in agree]
        return Words("row", words=said, x=62, y=34, cell=(940, 34), inks=inks, strength=strength, click=True,
                     title="what it is" if names else "what you decided")  # fmt: skip

    def _sounding(self) -> str:
        return repr([self._state["seed"], self._state["excerpt"]])

    def verdict(self) -> str:
        """How many are decided; once all are, how many rightly, and how good luck would have been."""
        result = self.result_
        if "right" not in result:
            return f"{result['decided']} of {COUNT} decided. You will be told when all are."
        return (
            f"{result['right']} of {COUNT} right. Whoever tosses a coin is as good or better {share(result['by luck'])} of the time"
            f"{': this proves nothing.' if result['by luck'] > 0.05 else ': you seem to hear a difference.'}"
        )

    def alt(self) -> str:
        told = f" They are: {', '.join(self.result_['truth'])}." if "truth" in self.result_ else ""
        said = ", ".join(self._state["guesses"])
        return (
            f"Eight chorales no. {self._state['seed']}, Bach or {self.whose()}; excerpt {self._state['excerpt']} has "
            f"{len(self.result_['notes'])} notes in four voices, at sixteenth {self._state['position']}. Decided: {said}. "
            f"{self.verdict()}{told}"
        )

    def tracks(self) -> list[Track]:
        notes = self.result_["notes"][:, :3] / (4, 4, 1)
        name = f"excerpt {self._state['excerpt']}"
        return [Track(name, lambda: audio.play_notes(notes, BEAT).numpy(), key=self._sounding(), beats=BEAT / 4)]
