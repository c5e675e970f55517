"""Sliders that keep a value between their notches.

A slider in the browser rounds what Python gives it to its nearest notch and sends that back, as if a hand had moved
it: a learning rate of 0.0381 would become 0.0398. Here a value that comes back on the notch that the present one is
nearest to changes nothing. What the slider writes beside itself would be the notch, so a LogSlider writes nothing: an
explorer says its values itself. Notebook: 03_gradient_descent.
"""

from __future__ import annotations

import math

import ipywidgets as widgets
import traitlets


def _notch(value: float, slider: widgets.FloatSlider | widgets.FloatLogSlider) -> int:
    """The number of the notch that a value is nearest to."""
    along = math.log(value, slider.base) if hasattr(slider, "base") else value
    return round((along - slider.min) / slider.step)


def _moved(value: float, slider: widgets.FloatSlider | widgets.FloatLogSlider) -> float:
    """What the browser's value means: the present one, where it only comes back rounded."""
    return slider.value if _notch(value, slider) == _notch(slider.value, slider) else value


class Slider(widgets.FloatSlider):
    """A slider whose value may lie between two notches; the readout's digits are to be no finer than a notch."""

    value = traitlets.CFloat(0.0).tag(sync=True, from_json=_moved)


class LogSlider(widgets.FloatLogSlider):
    """A slider along powers of ten, `min` to `max` their exponents, whose value may lie between two notches."""

    value = traitlets.CFloat(1.0).tag(sync=True, from_json=_moved)

    def __init__(self, **settings: object) -> None:
        super().__init__(readout=False, **settings)
