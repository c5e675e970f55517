"""How a language model writes a tune: symbol by symbol, drawn from what temperature and cuts leave; or searched by a beam."""

from helpers.explorers.sampling.continuations import Continuations
from helpers.explorers.sampling.sampling import Sampling

__all__ = ["Continuations", "Sampling"]
