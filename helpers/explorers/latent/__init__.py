"""The map of a variational autoencoder's codes."""

from helpers.explorers.latent.latent import Latent

__all__ = ["Latent"]
