"""What GANs of notes' timbre can do: families on demand, what lies between, level by level, small pictures enlarged."""

from helpers.explorers.flavours.flavours import Flavours

__all__ = ["Flavours"]
