"""The loss around a trained network: one site on a plane of weights, its terrain as pictures, work in the background."""

from helpers.explorers.landscape.landscape import Landscape

__all__ = ["Landscape"]
