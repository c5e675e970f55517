"""A model with its symbols, as it writes tunes: what it says comes next, what penalty and masks make of that, what is drawn.

Notebook: 06_transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from helpers.concepts import sampling as maths
from helpers.datasets.vocabulary import END, START, Vocabulary
from helpers.explorers.parts.fresh import stamp
from helpers.explorers.sampling import rules
from helpers.explorers.sampling.writing import PROMPTS
from helpers.models import checkpoints

SHIPPED = "tunes-transformer"
LONGEST = 500  # symbols of a tune


@cache
def shipped() -> tuple[nn.Module, list[str]]:
    """The transformer that this project trained on folk tunes, and its symbols."""
    model, card = checkpoints.load(SHIPPED)
    return model, card.symbols


class Pen:
    """Writes with a model. A state's names are those of `Sampling`: prompt, temperature, top_k, top_p, min_p, penalty, scale, …"""

    def __init__(self, model: nn.Module, symbols: list[str]) -> None:
        self.model, self.vocabulary = model, Vocabulary(symbols)
        self._read: tuple[object, np.ndarray] = (None, np.empty((0, 0)))
        self.known: tuple[object, dict] = (None, {})  # of reading.py

    def split(self, written: str) -> list[str]:
        """The symbols of a text; its characters, where one is unknown."""
        try:
            return [self.vocabulary.symbols[number] for number in self.vocabulary.encode(written)]
        except ValueError:
            return list(written)

    def asked(self, header: str, written: str) -> tuple:
        """What an answer of the model depends on: the text, and its weights, with which it may train on meanwhile."""
        return header, written, stamp(self.model)

    @torch.no_grad()
    def logits(self, header: str, written: str) -> Float[np.ndarray, "place symbol"]:
        """The logits of what comes after 0, 1, 2, … written symbols; a text is read once, whatever the sliders do."""
        asked = self.asked(header, written)
        if self._read[0] != asked:
            tokens = torch.tensor([self.vocabulary.encode(START + header + written)])
            self._read = asked, self.model(tokens)[0, -len(self.split(written)) - 1 :].double().numpy()
        return self._read[1]

    def legal(self, state: dict, before: Sequence[str]) -> np.ndarray:
        """Which symbols the masks leave after these."""
        return rules.legal(self.vocabulary.symbols, PROMPTS[state["prompt"]], "".join(before), state["scale"], state["bars"])

    def adjusted(self, logits: maths.Numbers, state: dict, before: Sequence[str]) -> maths.Numbers:
        """Logits after the penalty on all symbols of the tune so far (its header is not counted), and the masks."""
        seen = [self.vocabulary.number[symbol] for symbol in before]
        z = maths.penalised(logits, seen, state["penalty"])
        return maths.masked(z, self.legal(state, before)) if masks(state) else z

    def drawn(self, state: dict, before: Sequence[str], most: int) -> list[str]:
        """What the dice of the state's seed give after these symbols."""
        prompt = self.vocabulary.encode(START + PROMPTS[state["prompt"]] + "".join(before))
        given = len(prompt) - len(before)

        def adjust(logits: maths.Numbers, numbers: Sequence[int]) -> maths.Numbers:
            return self.adjusted(logits, state, [self.vocabulary.symbols[number] for number in numbers[given:]])

        plain = state["penalty"] == 1 and not masks(state)
        found = maths.generate(
            self.model.read, prompt, most, self.vocabulary.number[END], state["seed"], len(before),
            None if plain else adjust, **cuts(state), temperature=state["temperature"],
        )  # fmt: skip
        return [self.vocabulary.symbols[number] for number in found]


def masks(state: dict) -> bool:
    """Whether anything is masked."""
    return state["bars"] or state["scale"] != rules.SCALES[0]


def cuts(state: dict) -> dict:
    """What is cut off, as concepts/sampling.py names it."""
    return {"top_k": state["top_k"] or None, "top_p": state["top_p"], "min_p": state["min_p"]}
