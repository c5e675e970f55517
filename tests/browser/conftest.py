"""One JupyterLab, one Chromium and one page for all browser tests; what they may not do, and what they measured."""

import os

import pytest
from playwright.sync_api import expect, sync_playwright

from helpers.datasets.assets import cache
from tests.browser import chromium, serve
from tests.browser.heard import Sounds
from tests.browser.lab import Lab
from tests.browser.latency import TABLE

# Names are not looked up, nor are addresses: a request to another machine fails, and Lab remembers it.
REFUSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
SOUND = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=user-gesture-required")
expect.set_options(timeout=15_000)  # a machine with other work to do is slow
os.environ.setdefault("HELPERS_BUDGET", "fast")
os.environ.setdefault("HELPERS_DEVICE", "cpu")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where the tests' JupyterLab keeps its state and its files."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def server(folder):
    """The tests' JupyterLab, on our data; sounds that the tests record stay in their own folder."""
    data = folder / "data"
    data.mkdir()
    for part in cache().iterdir():
        if part.name != "own":
            (data / part.name).symlink_to(part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_DATA", str(data))
        with serve.running(folder) as link:
            yield link


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium.find(), args=[*chromium.FLAGS, REFUSE, *SOUND])


@pytest.fixture(scope="session")
def _lab(server, browser, folder):
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(20_000)
    yield Lab(context, *server, folder / "files").open()
    context.close()


@pytest.fixture
def lab(_lab):
    """The page, on a notebook to play with. No test may ask for another machine, or leave an error in the console."""
    before = len(_lab.problems), len(_lab.asked)
    yield _lab
    assert _lab.asked[before[1] :] == []
    assert _lab.problems[before[0] :] == []


@pytest.fixture
def sounds(lab):
    """What the page plays; silent and at its first volume when the test is over."""
    heard = Sounds(lab)
    yield heard
    heard.quiet()


def pytest_terminal_summary(terminalreporter):
    """What was measured, whatever the outcome."""
    if TABLE.measured:
        terminalreporter.section("latency in JupyterLab, milliseconds")
        for row in TABLE.rows():
            terminalreporter.line(row)
