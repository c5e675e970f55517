"""A note squeezed through a code of few numbers with few levels."""

from helpers.explorers.bottleneck.bottleneck import Bottleneck

__all__ = ["Bottleneck"]
