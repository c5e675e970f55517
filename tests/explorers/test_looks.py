"""What the class token looks at, against attention computed from the network's weights, and what is heard of it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.datasets.notes import FAMILIES
from helpers.explorers import Looks
from tests.explorers.making import notes, patches_network


def first_layer(i: int) -> np.ndarray:
    """The first layer's attention of the class token to the squares, (head, row, column), by hand."""
    model, x = patches_network(), notes().mel[i][None, None]
    look = model.blocks[0].look
    with torch.no_grad():
        tokens = F.unfold(x, 8, stride=8)[0].T @ model.embed.weight.T + model.embed.bias
        tokens = torch.cat([model.class_token[0], tokens]) + model.places[0]
        normed = F.layer_norm(tokens, (64,), *look.norm.norm.parameters())
        q, k = (normed @ part.weight.T + part.bias for part in (look.part.query, look.part.key))
        weights = [torch.softmax(q[0, h : h + 16] @ k[:, h : h + 16].T / 4, -1)[1:] for h in range(0, 64, 16)]
    return torch.stack(weights).reshape(4, 8, 8).double().numpy()


@pytest.mark.parametrize(("note", "head"), [(0, "all"), (7, "2"), (40, "0")])
def test_every_number_is_that_of_the_networks_weights(note, head):
    explorer = Looks(patches_network(), notes(), note=note, head=head)
    result, heads = explorer.result(), first_layer(note)
    wanted = heads.mean(0) if head == "all" else heads[int(head)]
    np.testing.assert_allclose(result["heads"], heads, atol=1e-6)
    np.testing.assert_allclose(result["weights"], wanted, atol=1e-6)
    assert result["most"] == pytest.approx(wanted.max(), abs=1e-6)
    assert result["itself"] == pytest.approx(1 - wanted.sum(), abs=1e-5)
    assert wanted[tuple(result["square"])] == pytest.approx(wanted.max(), abs=1e-6)
    with torch.no_grad():
        assert result["guess"] == FAMILIES[int(patches_network()(notes().mel[note][None, None]).argmax())]
    assert result["truth"] == FAMILIES[int(notes().family[note])]
    assert f"it says {result['guess']}" in explorer.alt()
    mel = explorer.grid.panel("note")
    np.testing.assert_array_equal(mel.values, notes().mel[note].numpy())


def test_the_square_looked_at_most_is_marked_on_the_note():
    explorer = Looks(patches_network(), notes(), note=3)
    row, column = explorer.result()["square"]
    (mark,) = (m for m in explorer.grid.marks if m["panel"] == "note")
    assert (mark["row"], mark["column"], mark["height"], mark["width"]) == (8 * row, 8 * column, 8, 8)


def test_a_stretch_is_as_loud_as_it_is_looked_at():
    explorer = Looks(patches_network(), notes(), note=5, head="1")
    plain, turned = (track.samples for track in explorer.tracks())
    looked = explorer.result()["weights"].sum(0)
    for column in range(8):
        middle = round((column + 0.5) * 8000)
        if abs(plain[middle]) > 1e-3:
            assert turned[middle] / plain[middle] == pytest.approx(looked[column] / looked.max(), rel=1e-3)


def test_a_click_on_a_head_chooses_it_and_the_network_stays_as_it_was():
    model = patches_network()
    model.train()
    explorer = Looks(model, notes())
    explorer.grid._receive(explorer.grid, {"type": "click", "panel": "head 3", "row": 0, "column": 0, "id": 1}, [])
    assert explorer.state["head"] == "3"
    assert model.training


@pytest.mark.parametrize(("state", "words"), [({"note": 999}, "0 to"), ({"layer": 2}, "0, 1|0 to 1"), ({"head": "9"}, "0 to 3")])
def test_what_cannot_be_is_refused(state, words):
    with pytest.raises(ValueError, match=words):
        Looks(patches_network(), notes(), **state)
    with pytest.raises(ValueError, match="at least one"):
        Looks(patches_network(), notes()[:0])
