"""What holds for every test: shapes are enforced, nothing outside this machine is asked, the small budget is used."""

import os
import socket

from jaxtyping import install_import_hook

import tests.shapes  # noqa: F401

# Before anything imports helpers: each `Float[Tensor, "batch time"]` in a signature is checked at each call.
install_import_hook("helpers", "tests.shapes.checked")

import pytest  # noqa: E402

os.environ.setdefault("HELPERS_BUDGET", "fast")
os.environ.setdefault("HELPERS_DEVICE", "cpu")
os.environ["PIP_NO_INDEX"] = "1"
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None)


class Outside(AssertionError):
    """A test asked for another machine."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Refuse every connection that leaves this machine, by name or by address."""

    def guarded(real, host_of):
        def call(*args, **kwargs):
            host = host_of(args)
            if host not in LOCAL:
                raise Outside(f"This test asked for {host}; tests work offline.")
            return real(*args, **kwargs)

        return call

    def of_address(args):
        connection, address = args[:2]
        return None if connection.family == getattr(socket, "AF_UNIX", None) else address[0]

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name), of_address))
    monkeypatch.setattr(socket, "getaddrinfo", guarded(socket.getaddrinfo, lambda args: args[0]))
