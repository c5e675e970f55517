"""Data that dissolve into noise, time by time."""

from helpers.explorers.noising.noising import Noising

__all__ = ["Noising"]
