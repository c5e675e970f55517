"""An encoder and decoder's looks in JupyterLab: drawn as Bahdanau's formula has them, read off by hand, and heard."""

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.cells import cell, headless
from tests.browser.heard import play

MADE = "Alignment(translators, readers_calls, call=3)"


@pytest.fixture
def shown(lab):
    return lab.show(cell(MADE))[0].drawn()


def looks(explorer) -> np.ndarray:
    """softmax(v · tanh(W s + U h)) over the notes of the call, for each note of the reply, written out in float64."""
    net = explorer.models["with attention"].double()
    W, U, v = (part.weight.detach().numpy() for part in (net.query, net.key, net.score))
    b = (net.query.bias + net.key.bias).detach().numpy()
    call = torch.tensor(explorer.calls[explorer.state["call"]][None])
    states, padding, s = net.encode(call)
    h, rows, symbol = states.detach().numpy()[0][~padding.numpy()[0]], [], torch.zeros(1, dtype=torch.long)
    for said in explorer.result()["reply"]:
        e = np.tanh(s.detach().numpy() @ W.T + b + h @ U.T) @ v[0]
        rows.append(np.exp(e) / np.exp(e).sum())
        context = torch.tensor(rows[-1] @ h)[None]
        s = net.decoder(torch.cat([net.embedding(symbol), context], -1), s)
        symbol = torch.tensor([int(said)])
    net.float()
    return np.array(rows)


def test_the_weights_drawn_are_those_of_the_formula(shown):
    wanted = headless(MADE)
    shown.shows(wanted)
    wanted.grid.panel("look").values = looks(wanted)
    shown.paints(wanted.grid)
    shown.frames(wanted.grid)


def test_a_weight_is_read_off_where_the_pointer_is(shown):
    wanted = headless(MADE)
    rows = looks(wanted)
    for row, column in ((0, 0), (2, 4), (len(rows) - 1, rows.shape[1] - 1)):
        shown.hover(wanted.grid, "look", row, column)
        expect(shown.tip).to_contain_text(f"{rows[row, column]:.2f}")
    shown.leave()


def test_the_reply_is_walked_and_another_call_is_answered(shown, lab):
    wanted = headless(MADE)
    shown.click_at(wanted.grid, "reply", 3.0, np.mean(wanted.grid.panel("reply").y_range))
    shown.shows(wanted.set(position=3))
    shown.leave()
    shown.frames(wanted.grid)
    shown.button("step").click()
    shown.shows(wanted.set(position=4))
    shown.slider("call").press("ArrowRight")
    shown.shows(wanted.set(call=4))
    assert lab.ask("ex.state") == wanted.state
    shown.menu("model").select_option("without attention")
    shown.shows(wanted.set(network="without attention"))


def test_the_reply_is_heard_and_leads_the_eye(shown, lab):
    last = headless(MADE).count() - 1
    play(shown, "its reply")
    expect(shown.where).to_have_text(f"{last + 1} of {last + 1}")
    expect(shown.player.get_by_role("button", name="its reply")).to_have_attribute("aria-pressed", "false")
    lab.page.wait_for_function("() => !globalThis[Symbol.for('deep-learning-you-can-hear')].playing")
