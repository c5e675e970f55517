"""The Roll in a real JupyterLab: arcs of the note that is looked at and of no other, locked, by keys, and with the sound."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from helpers.views import still_roll
from tests.browser import planes
from tests.browser.heard import PAGE
from tests.browser.planes import layer_of
from tests.browser.test_themes import SCREENSHOTS, THEMES

ROLL = """
import ipywidgets as widgets
import numpy as np
from helpers.audio import play_notes
from helpers.views import HEADS, Arcs, Keyboard, Notes, Plane, Player, Roll, Track, Words, pitch_name

PARTS = [[(0,1,72),(1,1,74),(2,1,76),(3,1,77),(4,2,79),(6,1,77),(7,1,76),(8,4,74)], [(0,2,67),(2,2,67),(4,2,71),(6,2,69),(8,4,66)],
         [(0,2,64),(2,1,60),(3,1,62),(4,2,62),(6,2,60),(8,4,57)], [(0,1,48),(1,1,50),(2,2,52),(4,2,43),(6,1,45),(7,1,48),(8,4,50)]]
NOTES = sorted((*note, voice) for voice, part in enumerate(PARTS) for note in part)
WORDS = "The FBI is <b>chasing</b> a criminal on the run . </script> 😀".split()

def attention(heads, n, causal, seed=0):
    scores = np.random.default_rng(seed).normal(0, 2.5, (heads, n, n)) - 1e9 * causal * np.triu(np.ones((n, n)), 1)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)

def show(roll, locked=-1, word=-1, **more):
    bars = {"x_ticks": [(0, "1"), (4, "2"), (8, "3")], "y_ticks": [(p, pitch_name(p)) for p in (48, 60, 72)]}
    notes = Notes("notes", NOTES, ink=[note[3] for note in NOTES], timed=True)
    arcs = Arcs("heads", of="notes", weights=attention(4, len(NOTES), True), locked=locked, threshold=0.1, **more)
    heads = {"weights": attention(6, len(WORDS), False), "threshold": 0.1, "locked": word}
    roll.show([
        Plane("roll", x=60, y=30, cell=(900, 260), x_range=(0, 12), y_range=(40.5, 82.5), scrub=True, step=0.25, hover=True,
              layers=[notes, arcs], title="a phrase in four voices", column_axis="bar", **bars),
        Words("row", x=60, y=370, cell=(560, 120), words=WORDS, strength=heads["weights"][0, 4], layers=[
            Arcs("a", of="row", **heads)]),
        Words("columns", x=680, y=360, cell=(280, 320), words=WORDS, columns=True, layers=[
            Arcs("b", of="columns", at="columns seen", **heads)]),
        Keyboard("keys", x=60, y=520, cell=(560, 160), values=np.linspace(0, 1, 37), kept=np.arange(37) > 9, click=True)])
    roll.count = 48
    return roll
"""
CELL = """
heard = []
roll = show(Roll())
def hear(kind):
    def told(**message):
        heard.append([kind, message])
        roll.caption = f"{len(heard)} {kind}"
    roll.on(kind, told)
for kind in ("look", "lock", "key"):
    hear(kind)
def moved(position, sound=None):
    roll.position = position
roll.on("position", moved)
player = Player([Track("the phrase", play_notes(NOTES, 1.0).numpy(), beats=0.25)])
widgets.VBox([roll, player])
"""
# More than a lecture shows; test_latency.py measures it.
MANY = (
    ROLL
    + """
roll = Roll()
notes = [(i / 4, 0.25, 50 + (7 * i) % 31) for i in range(256)]
weights = (255 * attention(48, 256, True)).round().astype(np.uint8)
roll.show([Plane("roll", x=60, y=30, cell=(900, 300), x_range=(0, 64), y_range=(45, 85), layers=[
    Notes("notes", notes), Arcs("heads", of="notes", weights=weights, shown=range(8))])])
roll
"""
)
HERE: dict = {}
exec(ROLL, HERE)
SOUND = f"""() => {{ const {{ playing, context }} = {PAGE};
  return playing ? context.currentTime - playing.begun - (context.outputLatency || 0) : null; }}"""


def roll(position=0, **state):
    made = HERE["show"](HERE["Roll"](), **state)
    made.position = position
    return made


def middle(grid, plane, layer, i):
    """A note or word in the plane's units: a little in from its left edge, where no arc begins."""
    panel = grid.panel(plane)
    x, y, wide, high = still_roll.boxes(panel, layer_of(grid, plane, layer))[i]
    left, top = x + min(0.7 * wide, 20) - panel.x, y + high / 2 - panel.y
    low, up = panel.x_range[0], panel.y_range[1]
    width, height = panel.x_range[1] - low, up - panel.y_range[0]
    return low + left / panel.cell[0] * width, up - top / panel.cell[1] * height


@pytest.fixture
def shown(lab):
    found = lab.show(ROLL + CELL)[0].drawn()
    lab.page.evaluate(f"() => {PAGE}?.playing?.source.stop()")
    found.leave()
    return found


def hover(shown, plane, layer, i):
    shown.page.mouse.move(*shown.at(roll(), plane, *middle(roll(), plane, layer, i)))


def click(shown, plane, layer, i):
    shown.click_at(roll(), plane, *middle(roll(), plane, layer, i))


def settled(shown):
    """The canvas once nothing is drawn anew."""
    image = shown.pixels()
    for _ in range(20):
        shown.page.wait_for_timeout(30)
        last, image = image, shown.pixels()
        if np.array_equal(last, image):
            return image
    raise AssertionError("The picture never comes to rest.")


def changed(shown, before, plane, layer, name, notes):
    """Assert that only these notes' arcs, and their outlines, are new in the picture, and that they are there."""
    panel, arcs = roll().panel(plane), layer_of(roll(), plane, name)
    zoom, image = shown.zoom(roll()), settled(shown)
    rows, columns = np.nonzero(np.abs(image - before).max(2) > 24)
    at = np.stack([columns, rows], 1) / zoom
    bows = [points.T for _, points in still_roll.bows(panel, arcs, notes)]
    lines = [begin + np.linspace(0, 1, 40)[:, None] * (end - begin) for bow in bows for begin, end in itertools.pairwise(bow)]
    boxes = [planes.box_of(panel, layer, i) for i in notes]
    near = np.concatenate([*lines, *boxes])
    away = np.array([np.hypot(*(near - place).T).min() for place in at[:: max(len(at) // 800, 1)]])
    assert bows
    assert len(at) > 100
    assert away.max() < 9, "Something else is drawn than the arcs of these notes."
    assert planes.arcs_missing(image, zoom, panel, arcs, notes) == 0


def last(lab, kind):
    found = [message for told, message in lab.ask("heard") if told == kind]
    return found[-1] if found else None


def test_everything_is_where_its_numbers_are(shown, lab):
    shown.paints(roll())
    lab.ask("[show(roll, locked=20, word=3), setattr(roll, 'position', 17)][1]")
    shown.paints(roll(17, locked=20, word=3))


@pytest.mark.parametrize(
    ("plane", "layer", "arcs", "i"), [("roll", "notes", "heads", 20), ("row", "row", "a", 4), ("columns", "columns", "b", 3)]
)
def test_hover_shows_the_arcs_of_that_note_only(shown, lab, plane, layer, arcs, i):
    lab.ask("[setattr(roll.panel('roll').layers[0], 'timed', False), roll.show(roll.panels)][1]")  # no playhead beside it
    before = settled(shown)
    hover(shown, plane, layer, i)
    changed(shown, before, plane, layer, arcs, [i])
    shown.leave()
    assert np.abs(settled(shown) - before).max() == 0
    if plane == "roll":
        expect(shown.caption).to_contain_text("look")
        assert last(lab, "look") == {"panel": "roll", "layer": "notes", "index": -1}


def test_the_right_column_shows_who_looks_at_it(shown):
    before = settled(shown)
    hover(shown, "columns", "columns seen", 5)
    image = settled(shown)
    weights = layer_of(roll(), "columns", "b").weights
    panel, zoom = roll().panel("columns"), shown.zoom(roll())
    boxes = [still_roll.boxes(panel, layer_of(roll(), "columns", name)) for name in ("columns", "columns seen")]
    for looks in range(len(HERE["WORDS"])):
        x, y = (np.array([boxes[0][looks][0] + boxes[0][looks][2] + 2, boxes[0][looks][1] + 12]) * zoom).astype(int)
        near = np.abs(image - before)[y - 7 : y + 8, x : x + 2].max()
        assert (near > 24) == bool((weights[:, looks, 5] >= 25.5).any()), looks


def test_a_click_locks_and_another_frees(shown, lab):
    before = settled(shown)
    click(shown, "roll", "notes", 20)
    hover(shown, "roll", "notes", 3)  # which does not change what is locked
    expect(shown.caption).to_contain_text("look")
    assert last(lab, "lock") == {"panel": "roll", "layer": "notes", "index": 20}
    shown.leave()
    shown.paints(roll(locked=20))
    lab.ask("show(roll, locked=20) and 0")  # Python agrees
    click(shown, "roll", "notes", 20)
    shown.leave()
    lab.page.wait_for_function("() => true")
    assert np.abs(settled(shown) - before).max() == 0
    assert last(lab, "lock")["index"] == -1
    lab.ask("show(roll, locked=5) and 0")  # Python's newer word counts
    shown.paints(roll(locked=5))


def test_a_lock_beyond_fewer_notes_is_none(shown, lab):
    click(shown, "roll", "notes", 20)
    expect(shown.caption).to_contain_text("lock")
    lab.ask("[roll.show([Plane('roll', x=60, y=30, cell=(900, 260), x_range=(0, 12), y_range=(40.5, 82.5), layers=["
            "Notes('notes', NOTES[:5], ink=2), Arcs('heads', of='notes', weights=attention(4, 5, True))])])][0]")  # fmt: skip
    shown.leave()
    fewer = HERE["Roll"]()
    notes = HERE["Notes"]("notes", HERE["NOTES"][:5], ink=2)
    fewer.show([HERE["Plane"]("roll", x=60, y=30, cell=(900, 260), x_range=(0, 12), y_range=(40.5, 82.5), layers=[notes])])
    shown.paints(fewer)


def test_keys_choose_a_note_lock_it_and_strike_the_piano(shown, lab):
    shown.canvas.focus()
    # the first; the nearest above that sounds with it; the next to begin
    for key, note in (("ArrowRight", (0, 1, 48, 3)), ("ArrowUp", (0, 2, 64, 2)), ("ArrowRight", (1, 1, 74, 0))):
        lab.page.keyboard.press(f"Shift+{key}")
        expect(shown.tip).to_have_text(HERE["pitch_name"](note[2]))
    lab.page.keyboard.press("Enter")
    expect(shown.caption).to_contain_text("lock")
    assert last(lab, "lock")["index"] == last(lab, "look")["index"] == HERE["NOTES"].index((1, 1, 74, 0))
    lab.page.keyboard.press("ArrowRight")
    expect(shown.where).to_have_text("2 of 48")
    for key in ("PageUp", "PageUp", "PageDown"):
        lab.page.keyboard.press(key)
    lab.page.keyboard.press("Enter")
    expect(shown.caption).to_contain_text("key")
    assert last(lab, "key") == {"panel": "keys", "pitch": 48}


def test_the_piano_says_which_key(shown, lab):
    keys, zoom, box = roll().panel("keys"), shown.zoom(roll()), shown.canvas.bounding_box()
    for number, pitch in enumerate((60, 61, 84), 1):
        x, y, wide, high = keys.key(pitch)
        lab.page.mouse.click(box["x"] + (x + wide / 2) * zoom, box["y"] + (y + 0.8 * high) * zoom)
        expect(shown.caption).to_have_text(f"{number} key")
        assert last(lab, "key") == {"panel": "keys", "pitch": pitch}
    expect(shown.tip).to_have_text("C6: 1.00")


def test_the_playhead_shows_the_arcs_of_what_sounds(shown):
    before = settled(shown)
    shown.click_at(roll(), "roll", 5.0, 41)
    expect(shown.where).to_have_text("21 of 48")
    shown.paints(roll(20))
    assert (np.abs(settled(shown) - before).max(2) > 24).sum() > 500


@pytest.mark.parametrize("theme", list(THEMES))
def test_both_themes(shown, lab, theme):
    lab.command("apputils:change-theme", theme=THEMES[theme])
    try:
        lab.ask("show(roll, locked=20, word=3) and 0")
        shown.page.wait_for_timeout(1200)
        shown.paints(roll(locked=20, word=3))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shown.canvas.screenshot(path=Path(SCREENSHOTS) / f"Roll-{theme}.png")
    finally:
        lab.command("apputils:change-theme", theme=THEMES["light"])


def test_words_are_no_markup(shown, lab):
    assert lab.ask("roll.spec['panels'][1]['layers'][0]['names']") == HERE["WORDS"]
    assert shown.cell.locator(".dl-stage b, .dl-stage script").count() == 0


def test_the_position_goes_with_the_sound_and_stops_with_it(shown, lab):
    button = shown.player.get_by_role("button", name="the phrase")
    button.click()
    lab.page.wait_for_function(f"() => {PAGE}?.playing && {PAGE}.context.state === 'running'")
    said = []
    for _ in range(6):
        lab.page.wait_for_timeout(150)
        said.append(lab.page.evaluate(
            "(where) => [parseInt(where.textContent) - 1, (" + SOUND + ")()]", shown.where.element_handle()))  # fmt: skip
    at, seconds = np.array(said).T
    assert (np.abs(at - np.floor(seconds / 0.25)) <= 1).all(), said  # a frame may still be on its way
    assert at[-1] >= at[0] + 2
    expect(shown.view.get_by_role("button", name="pause")).to_be_visible()
    button.click()
    lab.page.wait_for_function(f"() => {PAGE}.playing === null")
    stopped = shown.where.text_content()
    lab.page.wait_for_timeout(400)
    assert shown.where.text_content() == stopped
    assert lab.ask("roll.position") == int(stopped.split()[0]) - 1


def test_who_scrubs_stops_the_sound_and_it_begins_there(shown, lab):
    button = shown.player.get_by_role("button", name="the phrase")
    button.click()
    lab.page.wait_for_function(f"() => {PAGE}?.playing && {PAGE}.context.state === 'running'")
    shown.scrub.fill("42")
    expect(shown.where).to_have_text("43 of 48")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    lab.page.wait_for_function(f"() => {PAGE}?.playing")
    assert 10.3 <= lab.page.evaluate(SOUND) < 11.9
    expect(shown.where).to_have_text("48 of 48")  # and goes on to the end
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(shown.view.get_by_role("button", name="play", exact=True)).to_be_visible()
