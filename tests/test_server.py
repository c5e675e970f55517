"""The server talks to nobody, writes nothing into the home folder, and starts without a display."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from unittest import mock

import jsonschema
import pytest

from helpers import server

SCHEMAS = Path(sys.prefix, "share/jupyter/lab/schemas")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Our JupyterLab with an empty home folder: its address, its token and that folder."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "helpers.server", "--port=0", "--no-browser", "--allow-root"]
    process = subprocess.Popen(
        command, cwd=server.ROOT, env={"HOME": str(home), "PATH": os.environ["PATH"]}, stderr=subprocess.PIPE, text=True
    )
    link = next(filter(None, (re.search(r"(http://127.0.0.1:\d+)(/\S+)\?token=(\w+)", line) for line in process.stderr)))
    yield *link.groups(), home
    process.send_signal(signal.SIGTERM)
    process.wait()
    process.stderr.close()


def get(address, patience=50):
    """Read a page; the server says its link a moment before it listens."""
    try:
        with urllib.request.urlopen(address) as page:
            return page.read().decode()
    except urllib.error.URLError:
        if not patience:
            raise
        time.sleep(0.1)
        return get(address, patience - 1)


def send(method, address, token, content=None):
    """Ask the server's interface for a change."""
    body = None if content is None else json.dumps(content).encode()
    headers = {"Authorization": f"token {token}"}
    urllib.request.urlopen(urllib.request.Request(address, body, headers, method=method)).close()


def test_the_link_leads_to_the_lecture(running):
    assert running[1] == f"/lab/tree/{server.LECTURE}"


def test_news_updates_and_extension_list_are_off(running):
    address, page, token, _ = running
    html = get(f"{address}{page}?token={token}")
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.DOTALL)[1])
    assert config["news"] == {"disabled": True}
    assert config["extensionManager"]["name"] == "read-only"
    assert json.loads(get(f"{address}/lab/api/update?token={token}")) == {"notification": None}
    settings = json.loads(get(f"{address}/lab/api/settings/@jupyterlab/apputils-extension:notification?token={token}"))
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_nothing_is_written_into_the_home_folder(running):
    address, _, token, home = running
    workspace = f"{address}/lab/api/workspaces/of-a-test"
    # What a page saves a second after it was opened; two servers on one such file broke each other's pages.
    send("PUT", workspace, token, {"data": {}, "metadata": {"id": "of-a-test"}})
    assert "of-a-test" in get(f"{workspace}?token={token}")
    assert list(home.iterdir()) == []
    send("DELETE", workspace, token)


@pytest.mark.parametrize("plugin", server.SETTINGS)
def test_settings_are_ones_that_jupyterlab_knows(plugin):
    package, name = plugin.split(":")
    schema = json.loads((SCHEMAS / package / f"{name}.json").read_text())
    jsonschema.validate(server.SETTINGS[plugin], schema)
    assert set(server.SETTINGS[plugin]) <= set(schema["properties"])


@pytest.mark.parametrize(
    ("platform", "root", "variables", "expected"),
    [
        ("linux", False, {"DISPLAY": ":0"}, False),
        ("linux", False, {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("linux", False, {}, True),
        ("linux", True, {"DISPLAY": ":0"}, True),
        ("darwin", False, {}, False),
        ("win32", None, {}, False),
    ],
)
def test_headless(monkeypatch, platform, root, variables, expected):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if root is None:
        monkeypatch.delattr("os.geteuid")
    else:
        monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    assert server.headless() is expected
    assert ("--no-browser" in server.arguments()) is expected
    assert ("--allow-root" in server.arguments()) is expected


def test_small_messages_are_sent_at_once(monkeypatch):
    order = mock.Mock()
    monkeypatch.setattr(server.ZMQChannelsWebsocketConnection, "connect", lambda self: order.connect())
    connection = object.__new__(server.NoDelayConnection)
    monkeypatch.setattr(server.NoDelayConnection, "websocket_handler", order)
    connection.connect()
    assert order.mock_calls == [mock.call.set_nodelay(True), mock.call.connect()]
