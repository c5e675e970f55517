"""Finds the Chromium the browser tests run in, or installs one; `make test` calls it first.

One on the PATH, else Playwright's own, else Debian's package if we are root. Without any of them the tests fail
with the command to run: a browser test is never skipped silently.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = (("apt-get", "update"), ("apt-get", "install", "-y", "--no-install-recommends", "chromium"))
# A test machine has no GPU and, in a container, no sandbox for root; the rest keeps Chromium from calling home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HELP = """No Chromium was found for the browser tests. Install one, then run make test again:
    sudo apt-get install chromium                        (Debian; on Ubuntu the next line)
    .venv/bin/python -m playwright install --with-deps chromium
"""


def starts(path: str | None) -> bool:
    """Tell whether `path` is a browser that runs: Ubuntu's chromium-browser may only be a note to install a snap."""
    return path is not None and subprocess.run([path, "--version"], capture_output=True).returncode == 0


def on_path() -> str | None:
    """Return the first Chromium or Chrome on the PATH that runs."""
    return next(filter(starts, map(shutil.which, NAMES)), None)


def of_playwright() -> str | None:
    """Return the Chromium that `playwright install` has put where Playwright looks."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def of_debian() -> str | None:
    """Install Debian's package if we are root and there is an apt-get, and return its path."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    for command in INSTALL:
        if subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode:
            return None
    return on_path()


def find() -> str:
    """Return the path of a Chromium; raise SystemExit with the command to run if there is none."""
    path = on_path() or of_playwright() or of_debian()
    if path is None:
        raise SystemExit(HELP)
    return path


if __name__ == "__main__":
    print(find(), file=sys.stderr)
