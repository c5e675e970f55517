"""Early stopping: keep the weights that did best on data the model does not learn from."""

import math

from torch import nn


class EarlyStop:
    """Remembers the weights with the least validation loss, and says when there has been no better for a while."""

    def __init__(self, patience: int):
        self.patience = patience
        self.best: dict | None = None

    def __call__(self, model: nn.Module, loss: float, epochs: int) -> bool:
        """Take note of the validation loss after some epochs; True if `patience` of them brought nothing better."""
        least, since = (self.best["loss"], self.best["epochs"]) if self.best else (math.inf, 0)
        if loss < least:
            weights = {name: value.clone() for name, value in model.state_dict().items()}
            self.best = {"loss": loss, "epochs": epochs, "weights": weights}
            return False
        return epochs - since >= self.patience

    def restore(self, model: nn.Module) -> None:
        """Put the best weights back."""
        if self.best:
            model.load_state_dict(self.best["weights"])
