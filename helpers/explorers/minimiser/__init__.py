"""Where a loss puts its one answer, as singers around a note; their choir."""

from helpers.explorers.minimiser.minimiser import Minimiser

__all__ = ["Minimiser"]
