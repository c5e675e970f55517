"""Is a generated note a copy, and whom does a model leave out?"""

from helpers.explorers.audit.audit import Audit

__all__ = ["Audit"]
