"""Typical wrong ways to take one step of a recurrent cell."""

import torch

from helpers.check import check
from tests.exercises.wrong import tell_apart


def test_loops_will_do():
    def rnn_step(x, h, W, U, b):
        new = []
        for row in range(len(h)):
            a = b[row].item()
            for k in range(len(x)):
                a += W[row, k].item() * x[k].item()
            for k in range(len(h)):
                a += U[row, k].item() * h[k].item()
            new.append(float(torch.tanh(torch.tensor(a, dtype=torch.float64))))
        return new

    def lstm_step(x, h, c, W, U, b):
        n, a = len(h), W @ x + U @ h + b
        kept, shown = torch.empty(n), torch.empty(n)
        for k in range(n):
            kept[k] = torch.sigmoid(a[n + k]) * c[k] + torch.sigmoid(a[k]) * torch.tanh(a[2 * n + k])
            shown[k] = torch.sigmoid(a[3 * n + k]) * torch.tanh(kept[k])
        return shown, kept

    def gru_step(x, h, W, U, b, c):
        cell = torch.nn.GRUCell(len(x), len(h)).double()
        cell.load_state_dict({"weight_ih": W, "weight_hh": U, "bias_ih": b, "bias_hh": c})
        return cell(x.double()[None], h.double()[None])[0]

    for answer in (rnn_step, lstm_step, gru_step):
        assert check(answer.__name__, answer).ok


def test_wrong_steps_of_a_vanilla_rnn():
    tanh = torch.tanh
    tell_apart(
        "rnn_step",
        {
            "not squashed": lambda x, h, W, U, b: x @ W.T + h @ U.T + b,
            "the one before": lambda x, h, W, U, b: tanh(torch.mv(W, x) + b),
            "nothing new": lambda x, h, W, U, b: tanh(torch.mv(U, h) + b),
            "left out": lambda x, h, W, U, b: tanh(torch.mv(U, h) + torch.mv(W, x)),
            "a sigmoid": lambda x, h, W, U, b: 1 / (1 + torch.exp(-(W @ x) - U @ h - b)),
            "one by one": lambda x, h, W, U, b: tanh(b + W @ x) + tanh(U @ h),
            "takes its place": lambda x, h, W, U, b: tanh(W @ x + U @ h + b) + h,
            "wrong way round": lambda x, h, W, U, b: tanh(W @ x + h @ U + b),
        },
    )


def lstm(x, h, c, W, U, b, gates="ifgo", forget=None, raw=False, gate=torch.sigmoid, content=torch.tanh):
    n = len(h)
    a = {name: (W @ x + U @ h + b)[k * n : (k + 1) * n] for k, name in enumerate(gates)}
    f = gate(a["f"]) if forget is None else forget(gate(a["f"]))
    new = f * c + gate(a["i"]) * content(a["g"])
    return gate(a["o"]) * (new if raw else torch.tanh(new)), new


def test_wrong_steps_of_an_lstm():
    def old(x, h, c, W, U, b):
        shown = lstm(x, h, c, W, U, b)
        o = torch.sigmoid((W @ x + U @ h + b)[3 * len(h) :])
        return o * torch.tanh(c), shown[1]

    tell_apart(
        "lstm_step",
        {
            "other order": lambda *args: tuple(reversed(lstm(*args))),
            "for the input gate": lambda *args: lstm(*args, gates="figo"),
            "for the candidate": lambda *args: lstm(*args, gates="ifog"),
            "keeps all": lambda *args: lstm(*args, forget=lambda f: 1.0),
            "backwards": lambda *args: lstm(*args, forget=lambda f: 1 - f),
            "may be negative": lambda *args: lstm(*args, content=torch.sigmoid),
            "as it is": lambda *args: lstm(*args, raw=True),
            "old content. Is": old,
        }
        | {"for the input gate": lambda *args: lstm(*args, gates="figo")},
    )


def test_wrong_steps_of_a_gru():
    def gru(x, h, W, U, b, c, names="rzn", reset=True, flip=False, early=False, everything=False, squash=torch.tanh, whole=True):
        n = len(h)
        given = {k: (W @ x + b)[i * n : (i + 1) * n] for i, k in enumerate(names)}
        past = {k: (U @ h + c)[i * n : (i + 1) * n] for i, k in enumerate(names)}
        r, z = torch.sigmoid(given["r"] + past["r"]), torch.sigmoid(given["z"] + past["z"])
        r = r if reset else torch.ones_like(r)
        seen = U[2 * n :] @ (r * h) + c[2 * n :] if early else r * past["n"]
        candidate = squash(r * (given["n"] + past["n"]) if everything else given["n"] + seen)
        if not whole:
            return candidate
        return (1 - z) * h + z * candidate if flip else z * h + (1 - z) * candidate

    tell_apart(
        "gru_step",
        {
            "works backwards": lambda *args: gru(*args, flip=True),
            "for the reset gate": lambda *args: gru(*args, names="zrn"),
            "whole past": lambda *args: gru(*args, reset=False),
            "first paper": lambda *args: gru(*args, early=True),
            "on the input too": lambda *args: gru(*args, everything=True),
            "like a gate": lambda *args: gru(*args, squash=torch.sigmoid),
            "return the candidate": lambda *args: gru(*args, whole=False),
        },
    )
