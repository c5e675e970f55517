"""How a language model writes a tune: each symbol drawn from what temperature, top-k, top-p and min-p leave."""

from helpers.explorers.sampling.sampling import Sampling

__all__ = ["Sampling"]
