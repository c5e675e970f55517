"""A judge of timbre: a small CNN that tells the family of a picture of harmonics, and whose features others are compared in.

Two sets of sounds are alike where the judge, who learned to hear what matters for telling instruments apart, sees the same
mean and covariance of its features (concepts/fidelity.py): the idea of the Fréchet Inception Distance (Heusel et al.,
2017), with a judge of our own. Notebook: 07_generative_models.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from helpers.models.cnn import conv


class Judge(nn.Module):
    """Three 3×3 convolutions that halve the picture twice, then the mean over it; 11 families."""

    def __init__(self, width: int = 16, families: int = 11, dropout: float = 0.3) -> None:
        super().__init__()
        self.settings = {"width": width, "families": families, "dropout": dropout}
        self.stem = nn.Sequential(
            *conv(2, width), nn.MaxPool2d(2), *conv(width, 2 * width), nn.MaxPool2d(2), *conv(2 * width, 4 * width)
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * width, families))

    def features(self, pictures: Float[Tensor, "picture 24 32"]) -> Float[Tensor, "picture feature"]:
        """What the last layer decides by: the mean of each of 4 · width channels over the picture."""
        height = pictures.new_tensor(range(24)).view(1, 24, 1) / 24  # which harmonic a row is: a convolution cannot know
        seen = nn.functional.pad(pictures[:, None], (0, 0, 0, 0, 0, 1))
        seen[:, 1] = height
        return self.stem(seen).mean((2, 3))

    def forward(self, pictures: Float[Tensor, "picture 24 32"]) -> Float[Tensor, "picture families"]:
        return self.head(self.features(pictures))
