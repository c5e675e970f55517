"""Answers to the exercises of 05_rnns. Each is one way of many; read it after you have tried."""

import torch


def next_probability(text, context, symbol):
    n = len(context)
    after = [text[i + n] for i in range(len(text) - n) if text[i : i + n] == context]
    return after.count(symbol) / len(after) if after else 0.0


def bits_per_symbol(p):
    return -torch.log2(p).mean()


def rnn_step(x, h, W, U, b):
    return torch.tanh(W @ x + U @ h + b)


def truncated_gradient(w, x, k):
    states = [0.0]
    for now in x.tolist():
        states.append(w * states[-1] + now)
    last = len(x)
    return sum(w ** (last - t) * states[t - 1] for t in range(max(last - k, 0) + 1, last + 1))


def clip_gradients(of_W, of_U, limit):
    length = (of_W.square().sum() + of_U.square().sum()).sqrt()
    scale = min(1.0, limit / length)
    return scale * of_W, scale * of_U


def lstm_step(x, h, c, W, U, b):
    i, f, g, o = (W @ x + U @ h + b).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru_step(x, h, W, U, b, c):
    (xr, xz, xn), (hr, hz, hn) = (W @ x + b).chunk(3), (U @ h + c).chunk(3)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    return z * h + (1 - z) * torch.tanh(xn + r * hn)


def where_to_look(s, H, W, U, v):
    scores = torch.tanh(W @ s + H @ U.T) @ v
    return torch.softmax(scores, 0)
