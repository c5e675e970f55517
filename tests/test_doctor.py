"""The doctor names each illness, with its remedy; each is provoked here."""

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers import audio, device, doctor
from helpers.datasets import assets, notes, tunes


def test_python_too_old():
    with pytest.raises(doctor.Ill, match=r"Python 3.10.12 is too old") as ill:
        doctor.python((3, 10, 12))
    assert "PYTHON=" in ill.value.remedy


def test_the_doctor_runs_on_a_python_that_is_too_old():
    ast.parse(Path(doctor.__file__).read_text(), feature_version=(3, 8))


def test_python_new_enough():
    assert doctor.python((3, 13, 0)) == "Python 3.13.0"


@pytest.mark.parametrize(
    ("requirement", "said"),
    [("numpy<1", r"numpy<1: \d"), ("no-such-package>=2", "no-such-package>=2: missing"), ("numpy>=2", None)],
)
def test_packages(requirement, said):
    if said is None:
        assert doctor.packages([requirement]).startswith("1 packages")
        return
    with pytest.raises(doctor.Ill, match=said):
        doctor.packages([requirement])


def test_a_package_for_another_platform_is_not_missed():
    assert doctor.packages(["no-such-package; sys_platform == 'plan9'"]).startswith("0 packages")


def test_project_not_installed(monkeypatch):
    monkeypatch.setattr(doctor, "PROJECT", "no-such-project")
    with pytest.raises(doctor.Ill, match="not installed in this Python"):
        doctor.packages()


@pytest.mark.parametrize(("torch_", "torchaudio"), [("2.11.0", "2.10.0"), ("2.13.0+cpu", "2.11.0")])
def test_torch_is_no_pair(torch_, torchaudio):
    with pytest.raises(doctor.Ill, match="are no pair"):
        doctor.torch_pair(torch_, torchaudio)


def test_torchaudio_missing(monkeypatch):
    monkeypatch.setattr(doctor, "version", {"torch": "2.11.0", "torchaudio": ""}.get)
    with pytest.raises(doctor.Ill, match="torchaudio missing are no pair"):
        doctor.torch_pair()


def test_torchaudio_does_not_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchaudio", None)
    with pytest.raises(doctor.Ill, match="do not import"):
        doctor.torch_pair("2.11.0", "2.11.0")


def test_device_that_is_not_there(monkeypatch):
    monkeypatch.setenv("HELPERS_DEVICE", "cuda:99")
    with pytest.raises(doctor.Ill, match="cuda:99") as ill:
        doctor.training_step()
    assert ill.value.remedy == "Unset HELPERS_DEVICE"


def test_training_step_gives_nan(monkeypatch):
    monkeypatch.setattr(torch.nn.functional, "cross_entropy", lambda logits, y: logits.sum() * float("nan"))
    with pytest.raises(doctor.Ill, match="gave NaN"):
        doctor.training_step()


def test_training_step_names_the_device():
    assert device.describe(device.pick()) in doctor.training_step()


def test_sound_is_lost(monkeypatch):
    monkeypatch.setattr(audio, "load", lambda path: (torch.zeros(1600), 16_000))
    with pytest.raises(doctor.Ill, match="1600 samples came back"):
        doctor.sound()


def test_no_libsndfile(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(doctor.Ill, match="audio files cannot be read") as ill:
        doctor.sound()
    assert "libsndfile1" in ill.value.remedy


LISTING = """JupyterLab v4.6.6
/env/share/jupyter/labextensions
        anywidget v0.11.0 enabled OK
        jupyterlab-plotly v7.1.0 enabled OK (python, plotly)
        @jupyter-widgets/jupyterlab-manager v5.0.16 enabled OK (python, jupyterlab_widgets)
"""


def test_widgets_well():
    assert doctor.widgets(LISTING) == "widgets in JupyterLab: jupyterlab-manager 5.0.16, anywidget 0.11.0, jupyterlab-plotly 7.1.0"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("anywidget v", "otherwidget v", "no extension anywidget"),
        ("0 enabled OK\n", "0 disabled OK\n", "extension anywidget is off"),
        ("16 enabled OK", "16 enabled X", "jupyterlab-manager 5.0.16 is not made for this JupyterLab"),
    ],
)
def test_widgets_ill(old, new, said):
    with pytest.raises(doctor.Ill, match=said):
        doctor.widgets(LISTING.replace(old, new))


def test_jupyterlab_lists_its_extensions_in_this_way():
    assert "enabled OK" in doctor.labextensions()


@pytest.fixture
def whole(tmp_path, monkeypatch):
    """A cache with one asset, whole, and notes that need no check here."""
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.bin").write_bytes(b"whole")
    asset = assets.Asset("a.bin", "p", "1", "m", hashlib.sha256(b"whole").hexdigest(), 0.1, "MIT", "a test")
    monkeypatch.setattr(assets, "ASSETS", {"a.bin": asset})
    monkeypatch.setattr(notes, "load_notes", lambda split: [0] * 10)
    return tmp_path


def test_data_whole(whole):
    assert doctor.data() == f"data in {whole}: 30 notes, 1 assets"


def test_data_missing(whole):
    (whole / "assets" / "a.bin").unlink()
    with pytest.raises(doctor.Ill, match=r"a.bin: missing") as ill:
        doctor.data()
    assert "make data" in ill.value.remedy


def test_data_wrong_hash(whole):
    (whole / "assets" / "a.bin").write_bytes(b"halved")
    with pytest.raises(doctor.Ill, match=r"a.bin: wrong hash"):
        doctor.data()


def test_notes_not_built(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path))
    monkeypatch.setattr(assets, "status", dict)
    with pytest.raises(doctor.Ill, match="not built") as ill:
        doctor.data()
    assert str(tmp_path / "notes") in ill.value.remedy


def test_tunes_and_chorales_are_named():
    assert doctor.scores() == "4,248 tunes, 363 chorales"
    assert doctor.scores in doctor.CHECKS


def test_tunes_and_chorales_missing(monkeypatch):
    monkeypatch.setattr(assets, "status", lambda: {"bach.zip": "missing", "minilm.safetensors": "missing"})
    with pytest.raises(doctor.Ill, match=r"tunes and chorales \(bach.zip: missing\)") as ill:
        doctor.scores()
    assert "make data" in ill.value.remedy


def test_tunes_damaged(monkeypatch):
    def damaged():
        raise assets.AssetError("airdsAirs.zip: these tunes cannot be read")

    monkeypatch.setattr(tunes, "load_tunes", damaged)
    with pytest.raises(doctor.Ill, match="these tunes cannot be read"):
        doctor.scores()


def test_disk_full():
    with pytest.raises(doctor.Ill, match=r"0.4 GB free") as ill:
        doctor.disk(0.4)
    assert "HELPERS_DATA" in ill.value.remedy


def test_disk_of_a_cache_that_is_not_there_yet(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_DATA", str(tmp_path / "not" / "yet"))
    assert doctor.disk().endswith("GB free")


def test_report_goes_on_after_a_failure(capsys):
    def ill():
        raise doctor.Ill("one leg", "a crutch")

    def broken():
        raise KeyError("x")

    assert not doctor.report((ill, broken, lambda: "well"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["[FAIL] one leg", "       -> a crutch"]
    assert lines[2] == "[FAIL] broken: KeyError: 'x'"
    assert lines[-1] == "[OK]   well"


def test_exit_status_tells_that_something_failed(tmp_path):
    program = "from helpers import doctor; import sys; sys.exit(not doctor.report((lambda: 'well', doctor.torch_pair)))"
    fake = tmp_path / "torchaudio-2.9.0.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: torchaudio\nVersion: 2.9.0\n")
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": f"{tmp_path}"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "torchaudio 2.9.0 are no pair" in done.stdout
