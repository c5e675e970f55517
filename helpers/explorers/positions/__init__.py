"""Where a token stands, written into vectors four ways: drag a position, and see what the score of two tokens makes of it."""

from helpers.explorers.positions.positions import Positions

__all__ = ["Positions"]
