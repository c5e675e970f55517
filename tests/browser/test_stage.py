"""The Stage in a real JupyterLab: drawn as its numbers say, dragged, picked, placed, scrubbed and moved by keys."""

import numpy as np
import pytest
from playwright.sync_api import expect

STAGE = """
import numpy as np
from helpers.views import Arrows, Dots, Path, Plane, Stage, Stems, contours

def show(stage, dot=(-1.5, 2.0), bar=1.0):
    x, y = np.linspace(-2, 2, 41), np.linspace(-1, 3, 33)
    z = np.log10((1 - x[None]) ** 2 + 10 * (y[:, None] - x[None] ** 2) ** 2 + 0.1)
    t = np.linspace(0, 1, 60)[:, None]
    path = np.array(dot) + t * (np.array([0.8, 0.5]) - np.array(dot))
    lines = contours(z, (-2, 2), (-1, 3), [0, 1], ink="white")
    layers = [lines, Path("way", path, ink=1, timed=True, legend=True),
              Arrows("next", np.hstack([path, path + 0.3]), ink=2, timed=True),
              Dots("start", [dot, (1.5, 2.5)], ink=[0, 4], size=8, names=["start", "other"], drag=True, click=True)]
    loss = Path("loss", np.stack([np.arange(60), 2 - 4 * t[:, 0]], 1), ink=1, legend=True)
    shapes = ["circle", "square", "triangle", "cross", "ring"]
    dots = [Dots(shape, [[0.2, 0.2 * i + 0.1]], shape=shape, ink=i, names=[shape], written=True, click=True)
            for i, shape in enumerate(shapes)]
    stage.show([
        Plane("plane", z, x=70, y=40, x_range=(-2, 2), y_range=(-1, 3), lo=z.min(), hi=z.max(), ticks=True, layers=layers,
              click=True, hover=True, title="a surface", column_axis="x", row_axis="y"),
        Plane("curve", x=520, y=40, cell=(300, 140), x_range=(0, 59), y_range=(-3, 3), ticks=True, scrub=True, layers=[loss]),
        Plane("bars", x=520, y=250, cell=(300, 110), x_range=(-0.5, 2.5), y_range=(-3, 3),
              layers=[Stems("logits", [[0, bar], [1, -2], [2, 0]], ink=[0, 1, 2], size=24, drag=True)]),
        Plane("shapes", x=870, y=40, cell=(200, 300), ticks=True, layers=dots)])
    stage.count = 60
    return stage
"""
CELL = """
heard = []
stage = show(Stage())
def hear(kind):
    def told(**message):
        heard.append([kind, message])
        stage.caption = f"{len(heard)} {kind}"
        if kind == "drag" and message["panel"] == "plane":
            show(stage, dot=(message["x"], message["y"]) if message["index"] == 0 else (-1.5, 2.0))
        if kind == "drag" and message["panel"] == "bars":
            show(stage, bar=message["y"])
    stage.on(kind, told)
for kind in ("drag", "drop", "pick", "place", "over"):
    hear(kind)
def moved(position):
    stage.position = position
stage.on("position", moved)
stage
"""
HERE: dict = {}
exec(STAGE, HERE)


@pytest.fixture
def shown(lab):
    return lab.show(STAGE + CELL)[0].drawn()


def stage(position=0, **state):
    made = HERE["show"](HERE["Stage"](), **state)
    made.position = position
    return made


def last(lab, kind):
    found = [message for told, message in lab.ask("heard") if told == kind]
    return found[-1] if found else None


def test_every_layer_is_where_its_numbers_are(shown):
    shown.paints(stage())


def test_a_dot_is_dragged_and_python_answers(shown, lab):
    shown.drag_dot(stage(), "plane", "start", 0, (-0.5, 1.0))
    expect(shown.caption).to_contain_text("drop")
    dragged, dropped = last(lab, "drag"), last(lab, "drop")
    assert (dropped["panel"], dropped["layer"], dropped["index"]) == ("plane", "start", 0)
    assert (dragged["x"], dragged["y"]) == (dropped["x"], dropped["y"])
    np.testing.assert_allclose([dropped["x"], dropped["y"]], [-0.5, 1.0], atol=0.02)
    shown.paints(stage(dot=(-0.5, 1.0)))


def test_a_drag_beyond_the_edge_stays_inside(shown, lab):
    shown.drag_dot(stage(), "plane", "start", 0, (-9, 9))
    expect(shown.caption).to_contain_text("drop")
    assert (last(lab, "drop")["x"], last(lab, "drop")["y"]) == (-2, 3)


def test_a_dot_that_python_does_not_move_goes_back(shown):
    shown.drag_dot(stage(), "plane", "start", 1, (0.5, 2.0))
    expect(shown.caption).to_contain_text("drop")
    shown.paints(stage())


def test_a_bar_moves_up_and_down_alone(shown, lab):
    shown.drag_dot(stage(), "bars", "logits", 0, (0.8, -1.5))
    expect(shown.caption).to_contain_text("drop")
    dropped = last(lab, "drop")
    assert dropped["x"] == 0
    assert dropped["y"] == pytest.approx(-1.5, abs=0.06)
    shown.paints(stage(bar=dropped["y"]))


def test_a_click_picks_or_places(shown, lab):
    shown.click_at(stage(), "plane", -1.5, 2.0)
    expect(shown.caption).to_contain_text("pick")
    assert last(lab, "pick") == {"panel": "plane", "layer": "start", "index": 0, "shift": False}
    shown.click_at(stage(), "shapes", 0.2, 0.5, shift=True)
    expect(shown.caption).to_have_text("3 pick")  # the second is the pointer over the plane
    assert last(lab, "pick") == {"panel": "shapes", "layer": "triangle", "index": 0, "shift": True}
    shown.click_at(stage(), "plane", 0.5, -0.5)
    expect(shown.caption).to_contain_text("place")
    assert last(lab, "place") == {
        "panel": "plane",
        "x": pytest.approx(0.5, abs=0.02),
        "y": pytest.approx(-0.5, abs=0.02),
        "shift": False,
    }
    assert last(lab, "drag") is None


def test_pointing_at_the_curve_scrubs(shown, lab):
    shown.click_at(stage(), "curve", 30, 0)
    expect(shown.where).to_have_text("31 of 60")
    shown.paints(stage(position=30))
    assert lab.ask("stage.position") == 30


def test_keys_choose_and_move_a_dot(shown, lab):
    shown.canvas.focus()
    for key in ("PageDown", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        lab.page.keyboard.press(key)
    expect(shown.caption).to_have_text("6 drop")
    np.testing.assert_allclose([last(lab, "drop")["x"], last(lab, "drop")["y"]], [-1.5 + 2 * 0.1, 2 - 0.1], atol=1e-6)
    lab.page.keyboard.press("Enter")
    expect(shown.caption).to_contain_text("pick")
    lab.page.keyboard.press("ArrowRight")  # without Shift it scrubs
    expect(shown.where).to_have_text("2 of 60")


def test_the_pointer_is_told_of_and_the_tip_says_where(shown, lab):
    lab.page.mouse.move(*shown.at(stage(), "plane", 1.0, 0.0))
    expect(shown.caption).to_contain_text("over")
    assert last(lab, "over")["x"] == pytest.approx(1.0, abs=0.02)
    expect(shown.tip).to_have_text("1.00, 0.00: 1.00")
    lab.page.mouse.move(*shown.at(stage(), "plane", 1.5, 2.5))
    expect(shown.tip).to_have_text("other")
