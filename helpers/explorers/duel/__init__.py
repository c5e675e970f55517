"""Two networks that learn against each other, step by step; see duel.py."""

from helpers.explorers.duel.duel import Duel

__all__ = ["Duel"]
