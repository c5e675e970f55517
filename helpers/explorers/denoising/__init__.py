"""Notes drowned in noise and brought back, step by step."""

from helpers.explorers.denoising.denoising import Denoising

__all__ = ["Denoising"]
