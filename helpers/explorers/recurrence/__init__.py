"""The gradient on its way back through time: spectral radius, cell, clipping, truncation."""

from helpers.explorers.recurrence.recurrence import Recurrence

__all__ = ["Recurrence"]
