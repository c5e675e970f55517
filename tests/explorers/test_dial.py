"""What a browser's slider sends back, and what a hand that moves it sends."""

import pytest

from helpers.explorers.parts.dial import LogSlider, Slider


def from_browser(slider, value):
    slider.set_state({"value": value})
    return slider.value


def test_a_value_between_notches_survives_coming_back_rounded():
    slider = LogSlider(min=-4, max=1, step=0.05, value=0.0381)
    assert from_browser(slider, 10**-1.4) == 0.0381
    assert from_browser(slider, 10**-1.35) == 10**-1.35  # a hand moved it by a notch
    slider.value = 0.0381
    assert from_browser(slider, 10.0) == 10.0
    slider.close()


def test_an_even_slider_too():
    slider = Slider(min=0.0, max=0.99, step=0.01, value=0.4029)
    assert from_browser(slider, 0.4) == 0.4029
    assert from_browser(slider, 0.41) == 0.41
    assert from_browser(slider, 0.0) == 0.0
    slider.close()


def test_the_limits_still_hold():
    slider = LogSlider(min=-4, max=1, step=0.05, value=0.1)
    slider.value = 1e9
    assert slider.value == pytest.approx(10)
    assert not slider.readout
    slider.close()
