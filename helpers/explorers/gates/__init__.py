"""The gates of a recurrent net under the tune it reads; what a brush finds."""

from helpers.explorers.gates.gates import Gates

__all__ = ["Gates"]
