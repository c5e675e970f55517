"""Distances: both models' weights and figures by loops over the shipped pair's own, and a pair that differs in one thing."""

import numpy as np
import pytest
import torch

from helpers.explorers import Distances
from helpers.explorers.music_attention.distances import PAIR, READ
from helpers.explorers.music_attention.pieces import pieces
from helpers.models.checkpoints import load
from helpers.recipes import tunes
from helpers.views import Arcs


def arcs_of(explorer, told):
    return next(layer for layer in explorer.grid.panel(told).layers if isinstance(layer, Arcs))


def test_the_two_differ_in_how_they_are_told_of_places_alone():
    relative, absolute = (load(name)[1] for name in PAIR.values())
    assert relative.settings == absolute.settings
    assert relative.recipe == absolute.recipe
    assert relative.symbols == absolute.symbols
    assert (relative.model, absolute.model) == ("Decoder", "AbsoluteDecoder")


@pytest.mark.parametrize(("told", "name"), PAIR.items())
def test_weights_and_figures_by_loops(told, name):
    explorer, piece = Distances(piece="tune 2", note=30, layer=2), pieces()["tune 2"]
    model, card = load(name)
    numbers = [card.symbols.index(symbol) for symbol in piece.text]
    with torch.no_grad():
        w = model.weights(torch.tensor([numbers])).numpy()
        p = model(torch.tensor([numbers]))[0].double().softmax(-1).numpy()
    n, result = len(piece.notes), explorer.result()
    wanted = np.zeros((*w.shape[:2], n, n))
    for i in range(n):
        for j in range(n):
            wanted[..., i, j] = w[:, :, piece.symbols[i][0] - 1, piece.symbols[j]].sum(-1)
    np.testing.assert_allclose(result[f"weights, {told}"], wanted, atol=1e-6)
    np.testing.assert_allclose(arcs_of(explorer, told).weights / 255, wanted[2], atol=0.5 / 255 + 1e-6)
    onsets = piece.notes[:, 0] / 4
    back = (wanted * np.subtract.outer(onsets, onsets)).sum((2, 3)) / wanted.sum((2, 3))
    np.testing.assert_allclose(result[f"back, {told}"], back, rtol=1e-4)
    near = [[[head[i, i - 3 : i].sum() / head[i].sum() for i in range(4, n)] for head in layer] for layer in wanted]
    np.testing.assert_allclose(result[f"recent, {told}"], np.mean(near, -1), atol=1e-4)
    bits = [sum(-np.log2(p[place - 1, numbers[place]]) for place in places) for places in piece.symbols]
    np.testing.assert_allclose(result[f"bits, {told}"], bits, rtol=1e-4)
    assert f"Told {told}: {card.measured['bits per character']:.2f} bits per character of the first 256" in explorer.grid.caption
    assert f"{np.mean(bits):.2f} bits a note here" in explorer.grid.caption


def test_a_note_is_locked_in_both():
    explorer = Distances(note=40)
    assert [arcs_of(explorer, told).locked for told in PAIR] == [40, 40]
    explorer.grid._handlers["lock"]("places", "notes", 12)
    assert [arcs_of(explorer, told).locked for told in PAIR] == [12, 12]
    assert [track.name for track in explorer.tracks()[1:]] == [f"what it listens to, told {told}" for told in PAIR]
    assert len(explorer.set(note=-1).tracks()) == 1
    assert explorer.set(note=40).set(piece="tune 1").state["note"] == -1


def test_what_cannot_be_is_explained():
    explorer = Distances()
    assert "not offered" in explorer.set(piece="chorale 0").problem
    assert "layer" in explorer.set(layer=3).problem
    assert "note" in explorer.set(note=118).problem
    with pytest.raises(ValueError, match="badge='loudness' is not offered"):
        Distances(badge="loudness")


def test_the_answer_is_what_is_measured():
    question, result = Distances().question(), Distances().result()
    places, distances = (float(result[f"recent, {told}"].mean()) for told in ("places", "distances"))
    wanted = 2 if abs(places - distances) < 0.05 else int(places < distances)
    assert question.truth() == question.options[wanted]


def test_what_is_said_of_unseen_tunes_is_what_the_recipe_measures():
    assert {tunes.RECIPES[name]["measured on the first"] for name in PAIR.values()} == {READ}
