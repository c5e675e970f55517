"""The way back from noise to notes, with the exact noise or with what a small network has learned of it."""

from helpers.explorers.diffusion.diffusion import Diffusion

__all__ = ["Diffusion"]
