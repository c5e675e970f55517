"""A kernel that slides over a picture, step by step."""

from helpers.explorers.convolution.convolution import Convolution

__all__ = ["Convolution"]
