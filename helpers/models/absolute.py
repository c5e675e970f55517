"""The same decoder with absolute places: a learned vector for each place is added to what stands there, and no more.

It is what relative attention is compared with (Huang et al., *Music Transformer*, 2018): all else, the data and the budget are
the decoder's. A place it has never seen has no vector, so it reads no more than `reach` symbols. Notebook: 06_transformers.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.language import Tokens
from helpers.models.transformer import Cache, Decoder


class AbsoluteDecoder(Decoder):
    """A decoder that is told where a symbol stands, and has no term for how far away it is.

    Settings and errors as `Decoder`; reach: how many places there are. Raises ValueError where it is to read more.
    """

    def __init__(self, symbols: int, **settings: float) -> None:
        super().__init__(symbols, **settings)
        self.places = nn.Parameter(0.02 * torch.randn(self.settings["reach"], self.settings["width"]))
        for block in self.blocks:
            heads, _, share = block.distances.shape
            del block.distances  # every distance alike: a term of zero
            block.register_buffer("distances", torch.zeros(heads, 1, share), persistent=False)

    def reaching(self, reach: int) -> AbsoluteDecoder:
        """Raises ValueError: a place that was never learned has no vector, and none that is known stands for it."""
        known = self.settings["reach"]
        raise ValueError(f"no vectors were learned for the places from {known} to {reach - 1}; train one that has {reach} places.")

    def embedded(self, tokens: Tokens, cache: Cache | None) -> Float[Tensor, "batch time width"]:
        """Symbol and place, added."""
        past = 0 if cache is None else cache.length
        end = past + tokens.shape[1]
        if end > len(self.places):
            raise ValueError(f"{end} symbols are more than the {len(self.places)} places that were learned; read fewer.")
        return super().embedded(tokens, cache) + self.places[past:end]
