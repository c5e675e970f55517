"""The guards that conftest.py sets up do guard."""

import socket

import pytest
import torch

from helpers import audio


def test_a_wrong_shape_is_refused():
    with pytest.raises(Exception, match="Type-check error"):
        audio.log_mel(torch.zeros(1, 1, 64_000))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
        lambda: socket.getaddrinfo("example.org", 80),
    ],
)
def test_another_machine_is_refused(ask):
    with pytest.raises(AssertionError, match="tests work offline"):
        ask()


def test_this_machine_is_not_refused():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
