"""Language models of tunes and chorales: bits beside n-grams, bars that come out full, and what a cache saves.

What is learned from and held out is the same for all: a tenth of the tunes, by tune. A header is given and not counted; the
characters of the body and its end are. Two models are trained here as the lectures train theirs, then those that ship are
judged. Every generated tune gets the header of a tune that was held out, and is judged by the same reader as real ones.
One thread: two that wait for each other on a busy machine would measure that machine.
"""

from time import perf_counter, process_time

import torch
from torch import nn

from helpers.concepts.sampling import generate
from helpers.datasets.tunes import held_out, load_tunes
from helpers.datasets.vocabulary import Vocabulary
from helpers.device import describe, pick
from helpers.models import checkpoints
from helpers.models.language import TuneRNN, bits_per_symbol, decay, next_symbol_loss, windows
from helpers.models.transformer import Decoder, muon
from helpers.recipes import chorales, tunes
from helpers.train import fit_sync

TARGETS = {"GRU": (2.25, 60), "transformer": (2.05, 90), "shipped transformer": 1.75, "cache": 5.0}  # bits, seconds; times
ORDERS = (2, 4, 6)
BATCH, STEPS = 16, {"GRU": 430, "transformer": 350}  # all tunes once; as much of them as fits into its time on one core
GENERATED, LONGEST, TOKENS = 60, 800, 512
Tune = tuple[list[int], int]  # its symbols' numbers, and how many of them are given


def train(name: str, symbols: int, learn: list[Tune]) -> tuple[nn.Module, float, float]:
    """STEPS batches of the tunes, none twice: the model, seconds by the clock, and seconds the processor worked."""
    torch.manual_seed(0)
    model = TuneRNN(symbols) if name == "GRU" else Decoder(symbols)
    optimizer = muon(model) if name == "transformer" else None
    data = tuple(part[: BATCH * STEPS[name]] for part in windows([numbers for numbers, _ in learn], 128))
    began, worked = perf_counter(), process_time()
    fit_sync(model, data, next_symbol_loss, epochs=1, batch=BATCH, lr=4e-3, optimizer=optimizer, schedule=decay, metric=None)
    return model, perf_counter() - began, process_time() - worked


def write(model: nn.Module, vocabulary: Vocabulary, header: list[int], seed: int, temperature: float) -> str:
    """A tune below this header; without an end if it has none after LONGEST symbols."""
    numbers = generate(model.read, header, LONGEST, end=1, seed=seed, temperature=temperature)
    return vocabulary.decode([*header[1:], *numbers])


def shares(texts: list[str]) -> str:
    """Of tunes: how many end by themselves, can be read, have only full bars; and of all their bars, how many are full."""
    bodies = [text.removesuffix("<end>") for text in texts]
    every = [bar.full for body in bodies for bar in tunes.bars(body)]
    counts = (
        sum(text.endswith("<end>") for text in texts), sum(bool(tunes.bars(body)) for body in bodies),
        sum(text.endswith("<end>") and tunes.whole(body) for text, body in zip(texts, bodies)),
    )  # fmt: skip
    return "".join(f"{count / len(texts):8.0%}" for count in counts) + f"{sum(every) / len(every):8.1%}"


def seconds_for(model: Decoder, cached: bool) -> float:
    """Seconds for TOKENS symbols, each the most probable, with a cache or reading all again for each; best of three."""
    best = float("inf")
    for _ in range(3 if cached else 1):
        began, numbers, state = perf_counter(), [0], None
        for _ in range(TOKENS):
            logits, state = model.read(numbers[-1:], state) if cached else model.read(numbers)
            numbers.append(int(logits.argmax()))
        best = min(best, perf_counter() - began)
    return best


def _bits(model: nn.Module, *parts: list[Tune]) -> str:
    return "".join(f"{bits_per_symbol(model, *zip(*part)):8.3f}" for part in parts)


def main() -> None:
    """Print the tables."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    vocabulary, learn, held = tunes.data()
    print(f"{describe(pick())}, torch {torch.__version__}; {len(learn):,} tunes to learn from, {len(held)} held out")
    fresh = tunes.new(held)
    print(f"\n{'bits per character of what was held out':40}{'all':>8}{'new':>8}{'seconds':>10}{'processor':>11}   target for all")
    for order in ORDERS:
        both = [tunes.ngram_bits(learn, part, len(vocabulary), order) for part in (held, fresh)]
        print(f"{f'interpolated {order}-gram':40}{both[0]:8.3f}{both[1]:8.3f}", flush=True)
    for name in ("GRU", "transformer"):
        model, clock, worked = train(name, len(vocabulary), learn)
        most, time = TARGETS[name]
        print(
            f"{name + ', trained here':40}{_bits(model, held, fresh)}{clock:10.0f}{worked:11.0f}   ≤ {most} in ≤ {time} s",
            flush=True,
        )
    shipped = {name: checkpoints.load(name) for name in ("tunes-rnn", "tunes-transformer")}
    for name, (model, card) in shipped.items():
        target = f"   ≤ {TARGETS['shipped transformer']}" if "transformer" in name else ""
        worked = card.measured["processor seconds"]
        print(f"{name + ', as it ships':40}{_bits(model, held, fresh)}{'':>10}{worked:11.0f}{target}", flush=True)

    print(f"\n{f'of tunes, {GENERATED} of each model':40}{'end':>8}{'read':>8}{'full':>8}{'bars full':>10}")
    print(f"{'real ones, held out':40}{shares([f'{tune.text}<end>' for tune in held_out(load_tunes())[1]])}")
    for name, (model, card) in shipped.items():
        own = Vocabulary(card.symbols)
        for temperature in (1.0, 0.7):
            texts = [write(model, own, numbers[:given], i, temperature) for i, (numbers, given) in enumerate(held[:GENERATED])]
            print(f"{f'{name} at T = {temperature}':40}{shares(texts)}", flush=True)

    model = shipped["tunes-transformer"][0]
    cached, plain = seconds_for(model, True), seconds_for(model, False)
    print(f"\n{TOKENS} symbols with a cache {cached:.2f} s, without {plain:.2f} s:", end=" ")
    print(f"{plain / cached:.1f} × (target ≥ {TARGETS['cache']:g} ×)")

    model, card = checkpoints.load("chorales-transformer")
    known, unknown = chorales.data()
    parts = unknown, chorales.new_melody(known, unknown)
    print(f"\n{'chorales held out, −ln p of a sixteenth':40}{'all':>8}{'new':>8}")
    print(f"{'bigrams within each voice':40}" + "".join(f"{chorales.bigram_nats(known, part):8.3f}" for part in parts))
    print(f"{card.name + ', as it ships':40}" + "".join(f"{chorales.nats_per_step(model, part):8.3f}" for part in parts))
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
