"""The sheets of learned kernels: hover shows, click keeps and plays, against the same explorer without a browser."""

import re

import pytest
from playwright.sync_api import expect

from helpers.explorers import Kernels
from tests.browser.cells import cell, headless

PLAYING = "() => globalThis[Symbol.for('deep-learning-you-can-hear')]?.playing != null"


@pytest.fixture
def shown(lab):
    return lab.show(cell("Kernels()"))[0].drawn()


def test_hover_shows_another_kernel_and_leaving_keeps_it(shown, lab):
    crepe = Kernels()
    other = int(crepe.result()["order"][37])
    shown.shows(crepe)
    shown.hover(crepe.grid, f"kernel{other}")
    expect(shown.caption).to_have_text(crepe.verdict(other))
    crepe._hover(f"kernel{other}", 0, 0)
    shown.shows(crepe)
    shown.leave()
    shown.shows(crepe)
    assert lab.ask("ex.state") == Kernels().state


def test_click_locks_and_plays(shown, lab):
    crepe = Kernels()
    other = int(crepe.result()["order"][20])
    shown.click(crepe.grid, f"kernel{other}")
    lab.page.wait_for_function(PLAYING)
    locked = Kernels(kernel=other)
    shown.leave()
    shown.shows(locked)
    shown.frames(locked.grid)
    assert lab.ask("ex.state") == locked.state
    shown.hover(crepe.grid, "kernel3")
    expect(shown.caption).to_have_text(locked.verdict(3))
    expect(shown.canvas).to_have_attribute("aria-label", locked.alt())


def test_keys_walk_from_thumbnail_to_thumbnail(shown, lab):
    order = Kernels().result()["order"].tolist()
    shown.tab_to_canvas()
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowDown", 18)):
        lab.page.keyboard.press(key)
        expect(shown.caption).to_have_text(Kernels().verdict(order[place]))
    lab.page.keyboard.press("Enter")
    shown.shows(Kernels(kernel=order[18]))


def test_networks_and_orders(shown):
    shown.menu("network").select_option("efficientnet")
    shown.shows(Kernels(network="efficientnet"))
    expect(shown.player).to_be_hidden()
    shown.menu("order").select_option("energy")
    shown.shows(Kernels(network="efficientnet", order="energy"))
    shown.menu("preset").select_option("CREPE as stored")
    shown.shows(Kernels(order="number"))
    shown.slider("kernel").press("ArrowRight")
    shown.shows(Kernels(order="number", kernel=1))


def test_a_network_that_is_not_here_is_explained(shown):
    problem = Kernels().set(network="alexnet").problem
    if problem is None:
        pytest.skip("AlexNet is on this machine")
    shown.menu("network").select_option("alexnet")
    expect(shown.cell.locator(".dl-problem")).to_have_text(problem)
    shown.shows(Kernels())


def test_your_own_network_before_and_after_training(lab):
    maker = "Kernels(weights=[torch.arange(72.0).reshape(8, 1, 3, 3).add(k).cos() for k in (0, 1)], network='mine')"
    mine = headless(maker)
    [shown] = lab.show(cell(maker))
    shown.drawn().shows(mine)
    shown.slider("stage").press("ArrowRight")
    shown.shows(mine.set(stage=0))
    expect(shown.reading("stage")).to_have_text(re.compile("^0$"))
