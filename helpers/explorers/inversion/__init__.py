"""From a spectrogram without phases back to sound, guess by guess."""

from helpers.explorers.inversion.inversion import Inversion

__all__ = ["Inversion"]
