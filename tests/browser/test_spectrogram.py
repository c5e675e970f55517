"""Waveform, STFT and log-mel of notes: family, instrument, pitch and window, against the same explorer without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Spectrogram
from tests.browser.cells import cell


@pytest.fixture
def shown(lab):
    return lab.show(cell("Spectrogram()"))[0].drawn()


def test_family_instrument_and_pitch(shown, lab):
    shown.shows(Spectrogram())
    shown.menu("family").select_option("mallet")
    mallet = Spectrogram().set(family="mallet")
    shown.shows(mallet)
    shown.slider("instrument").press("ArrowRight")
    shown.shows(mallet.set(instrument=mallet.state["instrument"] + 1))
    shown.drag("pitch (MIDI)", 0.0)
    shown.shows(mallet.set(pitch=48))
    assert lab.ask("ex.state") == mallet.state


def test_the_window_trades_time_for_pitch(shown):
    shown.slider("STFT window").press("ArrowRight")
    shown.shows(Spectrogram(window=4096))
    shown.drag("STFT window", 0.0)
    shown.shows(Spectrogram(window=256))


def test_presets(shown):
    for name, preset in Spectrogram.presets.items():
        shown.menu("preset").select_option(label=name)
        shown.shows(Spectrogram(**preset))


@pytest.mark.parametrize("panel", ["stft", "mel"])
def test_the_tooltip_tells_frequency_time_and_level(shown, panel):
    note = Spectrogram()
    there = note.grid.panel(panel)
    shown.hover(note.grid, panel, 5, 20)
    value = f"{there.values[5, 20]:.{there.digits}f}{there.unit}".replace("-", "−")
    expect(shown.tip).to_have_text(f"{there.row_names[5]} · {there.column_names[20]} · {value}")
