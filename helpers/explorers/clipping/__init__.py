"""The same small net trained with its gradients clipped and not."""

from helpers.explorers.clipping.clipping import Clipping

__all__ = ["Clipping"]
