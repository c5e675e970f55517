"""Generative models that learned from the same notes, side by side: what they reach, what they cost, how they sound."""

from helpers.explorers.comparison.comparison import Comparison

__all__ = ["Comparison"]
