"""Versions of a sound against what their names say, and the table against the losses computed one by one."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from helpers.concepts import spectral
from helpers.explorers import Codec
from helpers.explorers.codec.versions import LENGTH, LOSSES, SOURCES, VERSIONS, faster, original, table, version

every_source = pytest.mark.parametrize("source", SOURCES)


def loudest(x: torch.Tensor) -> float:
    """Frequency in Hz of the strongest partial below 700 Hz."""
    spectrum = torch.fft.rfft(x * torch.hann_window(len(x), dtype=x.dtype), 2**18).abs()
    return float(spectrum[: int(700 * 2**18 / 16_000)].argmax()) * 16_000 / 2**18


@every_source
def test_versions_are_what_their_names_say(source):
    x = original(source)
    made = {name: version(source, name) for name in VERSIONS}
    assert {len(y) for y in made.values()} == {LENGTH}
    assert torch.equal(made["upside down"], -x)
    assert not made["silence"].any()
    assert torch.equal(made["late"][80:], x[:-80])
    assert set(made["5 bits"].mul(16).frac().abs().tolist()) == {0.0}
    assert float(made["clipped"].abs().max()) == pytest.approx(0.3 * float(x.abs().max()))
    assert float((made["with hiss"] - x).pow(2).mean().sqrt()) == pytest.approx(0.003, rel=0.03)
    turned = made["phases turned 90°"]
    assert torch.allclose(torch.fft.rfft(turned).abs()[1:-1], torch.fft.rfft(x).abs()[1:-1], atol=1e-6)
    assert abs(float(turned @ x)) < 1e-6 * float(x @ x)  # a quarter of a turn: nothing in common, sample by sample
    assert all(float(y.abs().max()) < 1 for y in made.values())


@every_source
def test_sharp_and_octave_are_at_their_pitch(source):
    x, sharp = original(source), version(source, "20 cents sharp")
    assert 1200 * np.log2(loudest(sharp) / loudest(x)) == pytest.approx(20, abs=1.5)
    t = torch.arange(64_000, dtype=torch.float64) / 16_000
    slid = faster(torch.sin(2 * torch.pi * 200 * t), 2.0)
    assert torch.allclose(slid, torch.sin(2 * torch.pi * 400 * t[:32_000]), atol=1e-9)
    string = version(SOURCES[0], "an octave up")
    assert loudest(string) / loudest(original(SOURCES[0])) == pytest.approx(2, rel=1e-3)


@every_source
def test_the_table_holds_the_losses(source):
    x, found = original(source), table(source)
    for row, name in enumerate(VERSIONS):
        y = version(source, name)
        losses = [F.l1_loss(y, x), F.mse_loss(y, x), spectral.stft_loss(y, x), spectral.mel_loss(y, x)]
        np.testing.assert_allclose(found[row], [float(v) for v in losses], rtol=1e-9, atol=1e-12)


@every_source
def test_what_the_lecture_says_of_them(source):
    found = {name: dict(zip(LOSSES, row)) for name, row in zip(VERSIONS, table(source))}
    flipped = found.pop("upside down")
    assert flipped["STFT"] < 1e-5
    assert flipped["mel"] < 1e-5
    assert flipped["L2"] == max([flipped["L2"], *(row["L2"] for row in found.values())])
    assert found["silence"]["L2"] < found["20 cents sharp"]["L2"]  # to samples, nothing at all is nearer
    assert found["with hiss"]["L2"] == min(row["L2"] for row in found.values())
    for spectral_loss in ("STFT", "mel"):
        assert found["phases turned 90°"][spectral_loss] < found["20 cents sharp"][spectral_loss] / 50
        assert found["20 cents sharp"][spectral_loss] < found["an octave up"][spectral_loss]


@pytest.mark.parametrize("delay", [0.0, 0.25, 4.5, 20.0])
def test_late_is_as_late_as_the_slider_says(delay):
    explorer, n = Codec(a="late", delay=delay), round(16 * delay)
    x, y = original(SOURCES[0]), version(SOURCES[0], "late", delay)
    assert not y[:n].any()
    assert torch.equal(y[n:], x[: LENGTH - n])
    np.testing.assert_array_equal(explorer.grid.panel("wave A").layers[1].xy[:, 1], y[4_000:4_320])
    row = [panel.values[VERSIONS.index("late"), 0] for panel in map(explorer.grid.panel, LOSSES)]
    expected = [1000 * float(F.l1_loss(y, x)), 1000 * float(F.mse_loss(y, x))]
    np.testing.assert_allclose(row[:2], expected, rtol=1e-9)
    np.testing.assert_allclose(row[2:], [float(spectral.stft_loss(y, x)), float(spectral.mel_loss(y, x))], rtol=1e-9)
    assert explorer.tracks()[1].name == f"A: {delay:g} ms late"


def test_the_screen_shows_the_table_and_the_waves():
    explorer = Codec(source="a chord", a="clipped", b="an octave up")
    for i, (loss, times) in enumerate({"L1": 1000, "L2": 1000, "STFT": 1, "mel": 1}.items()):
        np.testing.assert_allclose(explorer.grid.panel(loss).values[:, 0], times * table("a chord")[:, i])
    for name, made in (("A", "clipped"), ("B", "an octave up")):
        shown = explorer.grid.panel(f"wave {name}").layers
        np.testing.assert_array_equal(shown[0].xy[:, 1], original("a chord")[4_000:4_320])
        np.testing.assert_array_equal(shown[1].xy[:, 1], version("a chord", made)[4_000:4_320])
    piece = original("a chord")[4_000:6_048]
    window = torch.hann_window(2048, dtype=torch.float64)
    padded = F.pad(piece, (1024, 1024))[1024:3072]  # the frame in the middle sees the whole piece
    expected = 10 * torch.log10(torch.fft.rfft(padded * window).abs() ** 2 + spectral.FLOOR**2)
    np.testing.assert_allclose(explorer.result()["spectrum original"], expected, atol=1e-6)


def test_the_verdict_compares_the_losses_with_the_ear():
    explorer = Codec()  # upside down against 20 cents sharp
    assert explorer.result()["says"] == ["B", "B", "A", "A"]
    assert "And your ear?" in explorer.verdict()
    assert explorer.set(ear="A").verdict().endswith("agrees with STFT, mel.")
    assert explorer.set(ear="B").verdict().endswith("agrees with samples, L1, samples, L2.")
    assert explorer.set(ear="equally near").verdict().endswith("agrees with none of them.")
    assert explorer.set(b="silence").state["ear"] == "not yet"
    assert Codec(a="clipped", b="clipped").result()["says"] == ["equally near"] * 4


def test_a_click_on_a_row_makes_it_version_b():
    explorer = Codec()
    explorer._click("mel", VERSIONS.index("with hiss"), 0)
    assert explorer.state["b"] == "with hiss"
    assert explorer.tracks()[2].name == "B: with hiss"
    np.testing.assert_allclose(explorer.tracks()[2].samples, version(SOURCES[0], "with hiss"), atol=1e-6)


def test_what_is_unknown_is_refused():
    for state in ({"source": "a gong"}, {"a": "louder"}, {"ear": "C"}, {"delay": 30.0}):
        with pytest.raises(ValueError, match=r"not offered|unknown|choose 0 to 20"):
            Codec(**state)
    with pytest.raises(ValueError, match="No version is called 'louder'"):
        version(SOURCES[0], "louder")
    with pytest.raises(ValueError, match="No source is called 'a gong'"):
        original("a gong")


def test_the_question_is_answered_by_the_table():
    assert Codec(predict=True).asked.truth() == "the samples: B, the spectra: A"
