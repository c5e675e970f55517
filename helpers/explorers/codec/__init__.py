"""One sound in several damaged versions, ranked by ear and by loss."""

from helpers.explorers.codec.codec import Codec

__all__ = ["Codec"]
