"""Weights that this project trained itself, as they are shipped in data/checkpoints: one file of numbers, one of words.

Beside `NAME.safetensors` stands `NAME.json`, its card: which model it is and with what settings, the recipe, what was
measured on what it had not seen, and the weights' SHA-256. `make checkpoints` trains all of them again (helpers/recipes).
Notebooks: 05_rnns, 06_transformers, 07_generative_models to 07c_diffusion.

    model, card = load("tunes-transformer")
    vocabulary = Vocabulary(card.symbols)
    print(card)
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import nn

from helpers.models import safetensors
from helpers.models.absolute import AbsoluteDecoder
from helpers.models.codec import Codec
from helpers.models.denoiser import Denoiser
from helpers.models.frames import FrameRNN
from helpers.models.gan import Generator, LapGAN, SuperResolution
from helpers.models.judge import Judge
from helpers.models.jumper import Jumper
from helpers.models.language import TuneRNN
from helpers.models.transformer import Decoder
from helpers.models.vae import VAE
from helpers.models.wave_codec import WaveCodec

FOLDER = Path(__file__).parents[2] / "data" / "checkpoints"
KINDS = {
    kind.__name__: kind for kind in (
        Codec, WaveCodec, TuneRNN, Decoder, AbsoluteDecoder, FrameRNN, Judge, Denoiser, Jumper, Generator, LapGAN,
        SuperResolution, VAE,
    )
}  # fmt: skip
REMEDY = "Take the two files from the project's repository again, or train them: make checkpoints."


@dataclass(frozen=True)
class Card:
    """What there is to know about a checkpoint. measured: by name, on what was held out; symbols: its vocabulary, in order."""

    name: str
    model: str
    settings: dict
    recipe: dict
    measured: dict
    symbols: list[str]
    sha256: str

    def __str__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        trained = ", ".join(f"{name} {value}" for name, value in self.recipe.items() if name != "model")
        found = "; ".join(f"{name} {_short(value)}" for name, value in self.measured.items() if name != "data")
        return f"{self.name}: {self.model}({settings}), trained with {trained}. Measured: {found}."


def load(name: str, folder: str | os.PathLike = FOLDER) -> tuple[nn.Module, Card]:
    """The model, in evaluation mode, and its card.

    Raises ValueError for a name there is none of and where weights and card do not belong together, FileNotFoundError where
    one of the two files is missing.
    """
    weights, words = Path(folder) / f"{name}.safetensors", Path(folder) / f"{name}.json"
    if not words.exists() and not weights.exists():
        raise ValueError(f"there is no checkpoint {name!r} in {folder}; there are {', '.join(names(folder)) or 'none'}. {REMEDY}")
    for path in (words, weights):
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing beside its other half. {REMEDY}")
    card = Card(**json.loads(words.read_text(encoding="utf-8")))
    if _hash(weights) != card.sha256:
        raise ValueError(f"{weights} holds other weights than its card speaks of (SHA-256 {card.sha256[:12]}…). {REMEDY}")
    model = KINDS[card.model](**card.settings)
    model.load_state_dict(safetensors.read(weights))
    return model.eval(), card


def save(name: str, model: nn.Module, recipe: dict, measured: dict, symbols: list[str], folder: str | os.PathLike = FOLDER) -> Card:
    """Write a model and its card. Raises ValueError for a model of another kind than those above."""
    kind = type(model).__name__
    if kind not in KINDS:
        raise ValueError(f"a {kind} cannot be made again from its card; it can be {', '.join(KINDS)}.")
    Path(folder).mkdir(parents=True, exist_ok=True)
    weights = Path(folder) / f"{name}.safetensors"
    safetensors.write(weights, model.state_dict())
    card = Card(name, kind, model.settings, recipe, measured, symbols, _hash(weights))
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False)
    (Path(folder) / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return card


def names(folder: str | os.PathLike = FOLDER) -> list[str]:
    """The checkpoints there are."""
    return sorted(path.stem for path in Path(folder).glob("*.safetensors"))


def _short(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
