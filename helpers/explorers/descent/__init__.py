"""Optimisers raced downhill from one start; the picture of their race."""

from helpers.explorers.descent.descent import Descent

__all__ = ["Descent"]
