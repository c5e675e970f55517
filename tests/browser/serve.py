"""Starts JupyterLab as `make lab` does, on any free port, with its state and its files in a folder of the tests' own.

`python -m tests.browser.serve FOLDER` serves FOLDER/files. What differs from `make lab`: those two folders, and that
the page shows its application to the tests.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers import server

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)")
PATIENCE = 60  # seconds


def main(folder: Path) -> None:
    """Become that JupyterLab."""
    server.prepare(folder / "state")
    options = [option for option in server.arguments() if "root_dir" not in option and "browser" not in option]
    own = [f"--ServerApp.root_dir={folder / 'files'}", "--no-browser", "--port=0", "--expose-app-in-browser"]
    server.launch([*options, *own])


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str]]:
    """Its address and its token, for as long as it is wanted; kernels end with it."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("w") as out:
        command = [sys.executable, "-m", "tests.browser.serve", str(folder)]
        process = subprocess.Popen(command, cwd=server.ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _link(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _link(process: subprocess.Popen, log: Path) -> tuple[str, str]:
    for _ in range(10 * PATIENCE):
        if found := LINK.search(log.read_text()):
            return found.groups()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
