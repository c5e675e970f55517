"""What β buys and what it costs: reconstruction against KL, and numbers of the code that fall silent."""

from helpers.explorers.elbo.elbo import Elbo

__all__ = ["Elbo"]
