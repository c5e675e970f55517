"""How often a network can fold a line, in depth and in width."""

from helpers.explorers.folds.folds import Folds

__all__ = ["Folds"]
