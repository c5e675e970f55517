"""Who looks at whom in a sentence: all heads of a trained transformer, one of them large, and each number's way."""

from helpers.explorers.attention.attention import Attention

__all__ = ["Attention"]
