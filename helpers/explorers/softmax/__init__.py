"""Logits, probabilities and the gradient of the cross-entropy, as bars."""

from helpers.explorers.softmax.softmax import Softmax

__all__ = ["Softmax"]
