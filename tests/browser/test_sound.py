"""Sound: what the browser plays are the kernel's samples, at their own loudness, one at a time, by mouse and by key."""

import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from helpers import audio
from helpers.explorers import Pattern, Spectrogram
from tests.browser.cells import IMPORTS, cell
from tests.browser.heard import LOUDEST, play

# Steady values show on the analyser what volume and mute do to a sound.
STEADY = """
import numpy as np
ex = Player(together={together})
ex.load([Track(name, np.full(64_000, value)) for name, value in (("soft", 0.2), ("loud", 0.8))])
ex"""


def test_what_plays_are_the_kernels_samples(lab, sounds):
    [shown] = lab.show(cell("Spectrogram()"))
    button = play(shown, "the note")
    sounds.until("playing && context.state === 'running'")
    lab.page.wait_for_function(f"() => ({LOUDEST})() > 0.01")
    expect(shown.player.locator("progress")).not_to_have_attribute("value", "0")
    note = Spectrogram().tracks()[0]
    rate, samples = sounds.samples(note.key)
    assert rate == note.rate == 16_000
    assert np.abs(samples - note.samples).max() <= 1 / 32767
    expect(shown.player.locator(".dl-level")).to_have_text(note.level())
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    sounds.until("playing === null")
    lab.page.wait_for_function(f"() => ({LOUDEST})() === 0")


def test_a_sound_made_when_it_is_first_played(lab, sounds):
    [shown] = lab.show(cell("Pattern(kernel='rising')"))
    play(shown, "only the matches")
    track = Pattern(kernel="rising").tracks()[1]
    sounds.until("playing")
    assert np.abs(sounds.samples(track.key)[1] - track.samples).max() <= 1 / 32767 + 1e-5


def test_each_network_is_heard_itself_though_their_states_are_the_same(lab, sounds):
    other = "from helpers.models.gan import Generator\ntorch.manual_seed(0)\nother = Flavours(Generator(width=2, latent=4))\nother"
    heard = []
    for name, shown in zip(("ex", "other"), lab.show(cell("Flavours()"), IMPORTS + other), strict=True):
        play(shown, "this drawing")
        sounds.until("playing")
        heard.append(sounds.samples(lab.ask(f"{name}.player.tracks[0]['key']"))[1])
        assert np.abs(heard[-1] - lab.ask(f"{name}.tracks()[0].samples.tolist()")).max() <= 1 / 32767
        shown.player.get_by_role("button", name="this drawing").click()
        sounds.until("playing === null")
    assert lab.ask("ex.state == other.state")
    assert np.abs(heard[0] - heard[1]).max() > 0.01


def test_one_sound_at_a_time(lab, sounds):
    first, second = lab.show(cell("Spectrogram()"), cell("Pattern(kernel='rising')"))
    one = play(first, "the note")
    begun = sounds.get("playing.begun")
    other = play(second, "the phrase")
    expect(one).to_have_attribute("aria-pressed", "false")
    assert sounds.get("playing.begun") > begun
    one.click()
    expect(other).to_have_attribute("aria-pressed", "false")


def test_a_sound_ends_by_itself(lab, sounds):
    [shown] = lab.show(f"{IMPORTS}ex = Player()\nex.load([Track('short', torch.ones(4000).numpy() / 2)])\nex")
    button = play(shown, "short")
    expect(button).to_have_attribute("aria-pressed", "false")
    sounds.until("playing === null")
    expect(shown.player.locator("progress")).to_have_attribute("value", "0")


@pytest.mark.parametrize("together", [True, False])
def test_a_and_b_share_their_place_if_they_should(lab, sounds, together):
    [shown] = lab.show(IMPORTS + STEADY.format(together=together))
    play(shown, "soft")
    begun = sounds.get("playing.begun")
    lab.page.wait_for_timeout(300)
    play(shown, "loud")
    shift = sounds.get("playing.begun") - begun
    assert abs(shift) < 0.1 if together else shift > 0.25


def test_true_loudness_volume_and_mute(lab, sounds):
    [shown] = lab.show(IMPORTS + STEADY.format(together=False))
    play(shown, "soft")
    sounds.reaches(0.1)  # half of the volume, where it starts
    play(shown, "loud")
    sounds.reaches(0.4)
    volume = shown.player.get_by_label("volume")
    volume.focus()
    lab.page.keyboard.press("Home")
    for _ in range(25):
        lab.page.keyboard.press("ArrowRight")
    sounds.reaches(0.2)
    mute = shown.player.get_by_role("button", name="mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    sounds.reaches(0)
    mute.click()
    sounds.reaches(0.2)


def test_keys_play_mute_and_stop(lab, sounds):
    [shown] = lab.show(IMPORTS + STEADY.format(together=False))
    shown.player.get_by_label("volume").focus()
    soft, loud = (shown.player.get_by_role("button", name=name) for name in ("soft", "loud"))
    lab.page.keyboard.press("1")
    expect(soft).to_have_attribute("aria-pressed", "true")
    lab.page.keyboard.press("2")
    expect(loud).to_have_attribute("aria-pressed", "true")
    expect(soft).to_have_attribute("aria-pressed", "false")
    sounds.reaches(0.4)
    lab.page.keyboard.press("m")
    sounds.reaches(0)
    lab.page.keyboard.press("m")
    sounds.reaches(0.4)
    lab.page.keyboard.press("Escape")
    sounds.until("playing === null")
    assert lab.page.locator(".jp-Notebook .jp-MarkdownCell").count() == 0


def test_python_plays_and_stops(lab, sounds):
    [shown, _] = lab.show(IMPORTS + STEADY.format(together=False), "ex.play(1)")
    sounds.reaches(0.4)
    expect(shown.player.get_by_role("button", name="loud")).to_have_attribute("aria-pressed", "true")
    lab.ask("ex.stop()")
    sounds.until("playing === null")


def test_recording_shows_your_own_sound(lab, sounds):
    [shown] = lab.show(cell("Spectrogram()"))
    shown.drawn().player.get_by_role("button", name="record").click()
    expect(shown.canvas).to_have_attribute("aria-label", re.compile("^your own sound"))
    own = Spectrogram(own=lab.ask("ex.state['own']"))
    assert own.result()["rms_db"] > -60
    shown.shows(own)
    play(shown, "the note")
    sounds.until("playing")
    assert np.abs(sounds.samples(own.tracks()[0].key)[1] - own.tracks()[0].samples).max() <= 1 / 32767


def upload(lab, shown, path):
    with lab.page.expect_file_chooser() as chooser:
        shown.button("your own sound").click()
    chooser.value.set_files(path)


def test_a_file_of_your_own(lab, tmp_path):
    time = np.arange(44_100 * 2) / 44_100
    both = np.stack([0.5 * np.sin(2 * np.pi * f * time) for f in (440, 660)], 1)
    soundfile.write(tmp_path / "chord.wav", both, 44_100)
    [shown] = lab.show(cell("Spectrogram()"))
    upload(lab, shown.drawn(), tmp_path / "chord.wav")
    expect(shown.canvas).to_have_attribute("aria-label", re.compile("^your own sound"))
    own = Spectrogram(own=lab.ask("ex.state['own']"))
    assert np.abs(own.result()["waveform"] - audio.own_sound(tmp_path / "chord.wav").numpy()).max() < 1e-4
    shown.shows(own)
    shown.menu("family").select_option("flute")
    shown.shows(Spectrogram().set(own=own.state["own"]).set(family="flute"))


@pytest.mark.parametrize("content", [b"no sound at all", b"", b"RIFF\x24\x00\x00\x00WAVEfmt "], ids=["text", "empty", "cut short"])
def test_a_broken_file_is_explained(lab, tmp_path, content):
    (tmp_path / "broken.wav").write_bytes(content)
    with pytest.raises(ValueError) as error:
        audio.own_sound(tmp_path / "broken.wav")
    [shown] = lab.show(cell("Spectrogram()"))
    upload(lab, shown.drawn(), tmp_path / "broken.wav")
    wanted = str(error.value).replace(str(tmp_path / "broken.wav"), "Your sound")
    expect(shown.cell.locator(".dl-problem")).to_have_text(wanted)
    shown.shows(Spectrogram())
