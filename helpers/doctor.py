"""Says what works on this machine and what does not, with remedies: `make doctor`, or `python -m helpers.doctor`.

Each check returns what it found, or raises Ill with the remedy. The whole report belongs into a bug report.
"""

from __future__ import annotations  # the report on a Python that is too old has to run there

import importlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

PROJECT = "deep-learning-you-can-hear"
OLDEST = (3, 11)
WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", "jupyterlab-plotly")
FREE_GB = 1.0
INSTALL = "Install again: make lab, or with conda: pip install -c constraints.txt -e '.[test]'"
BUILD = "Fetch and build it: make data, or python -m helpers.datasets"


class Ill(Exception):
    """A check failed; `remedy` says what to do."""

    def __init__(self, found: str, remedy: str):
        super().__init__(found)
        self.remedy = remedy


def python(version: tuple[int, ...] = sys.version_info[:3]) -> str:
    """The version is one that the lectures run on."""
    found = f"Python {'.'.join(map(str, version))}"
    if version < OLDEST:
        raise Ill(f"{found} is too old", "Install Python 3.11 or newer, remove .venv, then: make lab PYTHON=python3.12")
    return found


def packages(requirements: list[str] | None = None) -> str:
    """Every package that the project asks for is there, in a version that it asks for."""
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requirements or metadata.requires(PROJECT)]
    except metadata.PackageNotFoundError:
        raise Ill("the project itself is not installed in this Python", INSTALL) from None
    needed = [need for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    installed = [(need, version(need.name)) for need in needed]
    wrong = [f"{need}: {has or 'missing'}" for need, has in installed if not has or not need.specifier.contains(has)]
    if wrong:
        raise Ill(f"packages other than asked for ({'; '.join(wrong)})", INSTALL)
    return f"{len(needed)} packages, JupyterLab {version('jupyterlab')}, ipykernel {version('ipykernel')}"


def version(package: str) -> str:
    """Return the installed version of a package, or an empty string."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def torch_pair(torch: str | None = None, torchaudio: str | None = None) -> str:
    """The two come from the same release, and both import."""
    torch, torchaudio = torch or version("torch"), torchaudio or version("torchaudio")
    found = f"torch {torch or 'missing'}, torchaudio {torchaudio or 'missing'}"
    if torch.split(".")[:2] != torchaudio.split(".")[:2]:
        raise Ill(f"{found} are no pair", INSTALL)
    try:
        importlib.import_module("torchaudio")  # which imports torch
    except (ImportError, OSError, RuntimeError) as error:
        raise Ill(f"{found} do not import: {error}", INSTALL) from error
    return found


def training_step() -> str:
    """One step of a small CNN on a batch of 64 × 64 pictures, on the device that lectures would use."""
    import torch
    from torch import nn

    from helpers import device

    try:
        where = device.pick()
    except ValueError as error:
        raise Ill(str(error), "Unset HELPERS_DEVICE") from error
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Flatten(), nn.Linear(256, 11))
    model.to(where)
    optimizer = torch.optim.AdamW(model.parameters())
    x, y = torch.rand(32, 1, 64, 64, device=where), torch.randint(11, (32,), device=where)
    for _ in range(2):  # the first step pays for starting up
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        value = loss.item()
    if value != value:
        raise Ill(f"a training step on {device.describe(where)} gave NaN", "Try another device: HELPERS_DEVICE=cpu")
    return f"a training step on {device.describe(where)} in {1000 * (time.perf_counter() - start):.1f} ms"


def sound() -> str:
    """A tone written to a WAV file comes back, to 16 bits."""
    import torch

    from helpers import audio

    x = torch.sin(torch.arange(1600) * 440 * 2 * torch.pi / 16_000) / 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            audio.save(Path(folder) / "tone.wav", x, 16_000)
            y, rate = audio.load(Path(folder) / "tone.wav")
    except (ImportError, OSError) as error:  # soundfile brings its own libsndfile, but not for every system
        raise Ill(f"audio files cannot be read and written: {error}", f"{INSTALL}; on Linux also libsndfile1") from error
    if rate != 16_000 or y.shape != x.shape or (x - y).abs().max() > 2**-15:
        raise Ill(f"a tone of 1600 samples came back as {tuple(y.shape)} at {rate} Hz", INSTALL)
    return f"audio through soundfile {version('soundfile')}"


def labextensions() -> str:
    """What JupyterLab itself says about its extensions, a line each, without its colours."""
    command = [sys.executable, "-m", "jupyter", "labextension", "list"]
    done = subprocess.run(command, capture_output=True, text=True)
    return re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)


def widgets(listing: str | None = None) -> str:
    """The extensions that draw widgets are there, switched on, and made for this JupyterLab."""
    listing = labextensions() if listing is None else listing
    states = {name: re.search(rf"^\s*{re.escape(name)} v(\S+)(.*)$", listing, re.MULTILINE) for name in WIDGETS}
    for name, state in states.items():
        if state is None:
            raise Ill(f"JupyterLab has no extension {name}, so widgets stay empty", INSTALL)
        if "enabled" not in state[2]:
            raise Ill(f"JupyterLab's extension {name} is off", f"jupyter labextension enable {name}")
        if " OK" not in state[2]:
            raise Ill(f"JupyterLab's extension {name} {state[1]} is not made for this JupyterLab", INSTALL)
    return "widgets in JupyterLab: " + ", ".join(f"{name.split('/')[-1]} {state[1]}" for name, state in states.items())


def data() -> str:
    """Every asset has its hash, and every note that is listed has its sound."""
    from helpers.datasets.assets import cache, status
    from helpers.datasets.notes import SPLITS, load_notes

    wrong = [f"{name}: {state}" for name, state in status().items() if state != "ok"]
    if wrong:
        raise Ill(f"data in {cache()} ({'; '.join(wrong)})", BUILD)
    try:
        notes = [load_notes(split) for split in SPLITS]
    except (OSError, RuntimeError, ValueError) as error:
        raise Ill(f"notes: {error}", f"{BUILD}, after removing {cache() / 'notes'}") from error
    return f"data in {cache()}: {sum(map(len, notes)):,} notes, {len(status())} assets"


def scores() -> str:
    """The tunes and the chorales can be read. Fetches nothing."""
    from helpers.datasets import chorales, tunes
    from helpers.datasets.assets import AssetError, status

    sources = {*(f"{name}.zip" for name in tunes.COLLECTIONS), chorales.SOURCE}
    wrong = [f"{name}: {state}" for name, state in status().items() if name in sources and state != "ok"]
    if wrong:
        raise Ill(f"tunes and chorales ({'; '.join(wrong)})", BUILD)
    try:
        found = len(tunes.load_tunes()), len(chorales.load_chorales())
    except AssetError as error:
        raise Ill(f"tunes and chorales: {error}", BUILD) from error
    return f"{found[0]:,} tunes, {found[1]} chorales"


def disk(free_gb: float | None = None) -> str:
    """There is room for checkpoints and for building the data again."""
    from helpers.datasets.assets import cache

    where = next(folder for folder in (cache(), *cache().parents) if folder.exists())
    free_gb = shutil.disk_usage(where).free / 1e9 if free_gb is None else free_gb
    if free_gb < FREE_GB:
        raise Ill(f"{free_gb:.1f} GB free for {cache()}", f"Free {FREE_GB:.0f} GB, or set HELPERS_DATA to another disk")
    return f"{free_gb:.0f} GB free"


CHECKS = (python, packages, torch_pair, training_step, sound, widgets, data, scores, disk)


def report(checks: tuple[Callable[[], str], ...] = CHECKS) -> bool:
    """Print a line for each check, with a remedy where one failed, and return whether all passed."""
    well = True
    for check in checks:
        try:
            print(f"[OK]   {check()}", flush=True)
        except Exception as error:  # a doctor does not faint: what breaks a check is its finding
            well = False
            found = str(error) if isinstance(error, Ill) else f"{check.__name__}: {type(error).__name__}: {error}"
            remedy = getattr(error, "remedy", f"{INSTALL}. If that does not help, please report it with this page.")
            print(f"[FAIL] {found}\n       -> {remedy}", flush=True)
    return well


if __name__ == "__main__":
    print(f"       {platform.platform()}, {platform.machine()}, {Path(sys.executable)}")
    sys.exit(not report())
