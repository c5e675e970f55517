"""The masks over many draws: no note outside the scale, no bar that is not exactly full, and never nothing to choose from."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from helpers.concepts import sampling
from helpers.datasets.abc import parse
from helpers.datasets.tunes import load_tunes
from helpers.datasets.vocabulary import Vocabulary
from helpers.explorers.sampling import rules
from helpers.explorers.sampling.pen import Pen
from helpers.explorers.sampling.writing import PROMPTS
from helpers.models.transformer import Decoder

METRES = {"6/8 in G": 3, "6/8 in E minor": 3, "cut time in D": 4, "2/4 in G": 2, "3/4 in C": 3}  # quarter notes a bar
SEVEN = {"6/8 in G": "G A B C D E F#", "6/8 in E minor": "E F# G A B C D", "cut time in D": "D E F# G A B C#"}
FIVE = {"6/8 in G": "G A B D E", "6/8 in E minor": "E G A B D", "cut time in D": "D E F# A B"}
CLASSES = {name: number for number, name in enumerate(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])}
PLAIN = {
    "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "penalty": 1.0, "scale": "all notes", "bars": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def symbols() -> list[str]:
    return Vocabulary.of(tune.text.rstrip() for tune in load_tunes()).symbols


def draws(symbols, header: str, written: str, seed: int, most: int = 90, **masks) -> str:
    """What somebody writes who knows nothing of music, and chooses among what is legal by logits that are thrown, too."""
    random = np.random.default_rng(seed)
    for _ in range(most):
        z = sampling.masked(2 * random.normal(size=len(symbols)), rules.legal(symbols, header, written, **masks))
        symbol = symbols[sampling.draw(sampling.probabilities(z), random.random())]
        if symbol == "<end>":
            break
        written += symbol
    return written


def closed(written: str) -> str:
    """Up to the last bar line."""
    return written[: written.rfind("|") + 1]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("written", ["", "G2B", "G2B d2", "(3GAB ", "c>", "G/", "A3/", "^c", "|:", "|1 ", "G//"])
def test_every_bar_is_exactly_full_whatever_is_thrown(symbols, prompt, written):
    for seed in range(3):
        header, found = PROMPTS[prompt], draws(symbols, PROMPTS[prompt], written, seed, bars=True)
        score = parse(header + closed(found))
        assert score.bars or not closed(found).strip("|:] \n")
        assert {Fraction(bar.length).limit_denominator(1000) for bar in score.bars} <= {METRES[prompt]}, found


@pytest.mark.parametrize("prompt", SEVEN)
@pytest.mark.parametrize("written", ["", "G2B d2B|", "^c", "^c=f_b", "GB-|", "^G4-|"])
@pytest.mark.parametrize(("kind", "wanted"), [("of the key", SEVEN), ("pentatonic", FIVE)])
def test_no_note_sounds_outside_the_scale(symbols, prompt, written, kind, wanted):
    header, allowed = PROMPTS[prompt], {CLASSES[name] for name in wanted[prompt].split()}
    for seed in range(2):
        found = draws(symbols, header, written, seed, 60, kind=kind, bars=True)  # plain text, so that all of it can be read
        notes = parse(header + closed(found)).notes
        given = len(parse(header + written.rstrip("|")).notes)  # what stood there before is nobody's fault
        assert {note.pitch % 12 for note in notes[given:]} <= allowed, found
    assert not {"^", "_", "=", "K"} & legal(symbols, header, written, kind, False)


def legal(symbols, *where) -> set[str]:
    return {symbol for symbol, may in zip(symbols, rules.legal(symbols, *where)) if may}


def test_what_may_come_in_a_bar_is_known_by_heart(symbols):
    """6/8 in eighths: six of them fill a bar."""
    header, notes = "M:6/8\nL:1/8\nK:G\n", set("CDEFGABcdefgabz^_=")
    assert legal(symbols, header, "G2B d2B", "all notes", True) == {"|", ":", "<end>", " ", ",", "/"}
    assert legal(symbols, header, "G2B d2", "all notes", True) == notes | {" "}
    assert legal(symbols, header, "G2B d2B |", "all notes", True) == notes | {" ", "\n", "<end>", "|", ":", "]"}
    assert legal(symbols, header, "G2B d3/", "all notes", True) == notes | {" ", "2"}
    assert legal(symbols, header, "G2B d5/", "all notes", True) == notes | {" ", "2"}
    assert legal(symbols, header, "G2B d5/2c", "all notes", True) == {"/", "'"}  # half an eighth is left
    assert legal(symbols, header, "G2B d2BB", "all notes", True) == {"|"}  # too long already
    assert legal(symbols, header, "G2B ^", "all notes", True) == set("CDEFGABcdefgab")


def test_accidentals_hold_to_the_end_of_the_bar(symbols):
    header = "M:6/8\nL:1/8\nK:G\n"
    assert "c" not in legal(symbols, header, "^c2 d ", "of the key", False)
    assert "c" in legal(symbols, header, "^c2 d e3|", "of the key", False)
    assert "c" not in legal(symbols, header, "G2B d2B|", "pentatonic", False)
    assert legal(symbols, header, "^", "pentatonic", True) == set()  # no sharp of G's five notes: nothing to choose


@pytest.mark.parametrize("change", [{}, {"scale": "pentatonic"}])
def test_a_model_that_is_masked_writes_what_is_legal_and_one_that_is_not_does_not(symbols, change):
    torch.manual_seed(0)
    model = Decoder(len(symbols), 16)
    torch.nn.init.normal_(model.head.weight, std=0.3)
    with torch.no_grad():
        model.head.bias[symbols.index("<end>")] -= 5
    pen, header, prompt = Pen(model.eval(), symbols), PROMPTS["6/8 in G"], {"prompt": "6/8 in G"}
    masked = "".join(pen.drawn(PLAIN | prompt | {"bars": True} | change, [], 80))
    score = parse(header + closed(masked.replace("<end>", "")))
    assert all(bar.length == 3 for bar in score.bars)
    assert len(score.notes) > 5
    if "scale" in change:
        assert {note.pitch % 12 for note in score.notes} <= {CLASSES[name] for name in FIVE["6/8 in G"].split()}
    assert masked != "".join(pen.drawn(PLAIN | prompt, [], 80))


ODD = [
    "G==",
    "G^_",
    "[M:]G",
    "[M:none]G",
    "R:",
    "GA\nR:",
    "GAB|\nR:",
    "[K:D]",
    "[K:",
    "^^^",
    "G_",
    "[CE",
    "(3G",
    "|1",
    "z-",
    "G>",
    "[L:1/0]",
]


@pytest.mark.parametrize("kind", rules.SCALES)
@pytest.mark.parametrize("bars", [False, True])
def test_whatever_is_typed_the_masks_answer(symbols, kind, bars):
    random, header = np.random.default_rng(0), PROMPTS["6/8 in G"]
    thrown = ["".join(random.choice(list("GAbc^_=[]|:KMLR1/3(>- z'"), 9)) for _ in range(150)]
    for written in (*ODD, *thrown):
        assert rules.legal(symbols, header, written, kind, bars).dtype == bool
        assert 48 <= rules.sounds(header, rules.holding(written), "G") <= 79


def test_a_change_of_key_holds_after_many_bars(symbols):
    """In C, F is no note of the key of D; nor after it changed four bars ago. The letters of E, A and B flat go, too."""
    header = PROMPTS["3/4 in C"]
    far = "[K:D]G6|G6|G6|G6|"
    assert rules.sounds(header, rules.holding(far), "F") == 66
    assert rules.sounds(header, rules.holding(far + "=F"), "F") == 65
    assert "F" in legal(symbols, header, "G6|G6|G6|", "of the key", False)
    assert not {"F", "f", "C", "c"} & legal(symbols, header, far, "of the key", False)
