"""The bottleneck and the inversion in JupyterLab, against the same explorers without a browser."""

import pytest
from playwright.sync_api import expect

from helpers.explorers import Bottleneck, Inversion
from tests.browser.cells import cell
from tests.browser.planes import layer_of


def test_fewer_numbers_a_dragged_one_and_a_dot_of_the_curves(lab):
    shown, here = lab.show(cell("Bottleneck()"))[0].drawn(), Bottleneck()
    shown.shows(here)
    shown.menu("a note of").select_option("organ")
    shown.shows(here.set(family="organ"))
    before = here.grid.caption
    shown.drag_dot(here.grid, "code", "sent", 0, (0.0, 0.9))
    expect(shown.caption).not_to_have_text(before)
    ((which, value),) = lab.ask("ex.state")["moved"]
    assert (which, value) == (0, pytest.approx(0.9, abs=0.06))
    shown.shows(here.set(moved=[[0, value]]))
    shown.cell.get_by_role("button", name="its own code").click()
    shown.shows(here.set(moved=[]))
    dot = layer_of(here.grid, "rates", "16 levels").xy[1]
    shown.click_at(here.grid, "rates", *dot)
    expect(shown.caption).not_to_have_text(here.grid.caption)
    state = lab.ask("ex.state")
    assert here._state | {"numbers": 2} == state | {"levels": here._state["levels"]}
    shown.shows(here.set(numbers=2, levels=state["levels"]))


def test_a_guess_is_scrubbed_and_started_otherwise(lab):
    shown, here = lab.show(cell("Inversion()"))[0].drawn(), Inversion()
    shown.shows(here)
    shown.toggle("zero").click()
    shown.shows(here.set(start="zero"))
    shown.menu("preset").select_option("forty steps with momentum")
    shown.shows(Inversion(**Inversion.presets["forty steps with momentum"]))
    shown.menu("overlap").select_option("half")
    shown.shows(Inversion(**Inversion.presets["forty steps with momentum"], overlap="half"))
