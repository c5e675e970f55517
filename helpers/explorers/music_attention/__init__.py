"""What a music transformer listens to: arcs over a piano roll, and the notes listened to as sound."""

from helpers.explorers.music_attention.distances import Distances
from helpers.explorers.music_attention.music_attention import MusicAttention

__all__ = ["Distances", "MusicAttention"]
