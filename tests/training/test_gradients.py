"""Running out of memory: simulated, against the gradient of the whole batch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import fit_sync
from helpers.training.gradients import Gradients
from helpers.training.parallel import World


class Tight(nn.Module):
    """A model that runs out of memory on more than `room` examples at once."""

    def __init__(self, room, error=torch.OutOfMemoryError):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
        self.room, self.error, self.sizes = room, error, []

    def forward(self, x):
        if len(x) > self.room:
            raise self.error("CUDA out of memory. Tried to allocate 2.00 GiB.\nand more")
        self.sizes.append(len(x))
        return self.layers(x)


def batch(n=37):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(n, 4, generator=generator), torch.randint(0, 3, (n,), generator=generator)


def gradients(model, notes):
    return Gradients(model, F.cross_entropy, torch.device("cpu"), World(), notes.append)


def flat(model):
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
@pytest.mark.parametrize("room", [1, 5, 18, 19, 36, 37])
def test_pieces_give_the_gradient_of_the_whole_batch(room, error):
    whole, pieces, notes = Tight(37), Tight(room, error), []
    expected, length = gradients(whole, [])(*batch())
    loss, own_length = gradients(pieces, notes)(*batch())
    assert (loss, own_length) == pytest.approx((expected, length), abs=1e-6)
    torch.testing.assert_close(flat(pieces), flat(whole), atol=1e-6, rtol=0)
    assert max(pieces.sizes) <= room
    assert len(notes) == (0 if room == 37 else {36: 1, 19: 1, 18: 2, 5: 3, 1: 6}[room])


def test_the_size_that_fits_is_kept_and_told():
    model, notes = Tight(20), []
    compute = gradients(model, notes)
    compute(*batch(40))
    model.sizes.clear()
    compute(*batch(40))
    assert model.sizes == [20, 20]
    assert notes == [
        "cpu has too little memory for 40 examples at once: from here on 20 at a time, their gradients added up. The "
        "result is the same (but for batch normalisation), a little slower."
    ]


def test_a_whole_run_short_of_memory_ends_with_the_same_weights():
    data = batch(100)
    short, roomy = Tight(9), Tight(100)
    history = fit_sync(short, data, F.cross_entropy, epochs=3, batch=32, valid=data)
    fit_sync(roomy, data, F.cross_entropy, epochs=3, batch=32, valid=data)
    for ours, theirs in zip(short.parameters(), roomy.parameters()):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    assert len(history.notes) == 2


def test_one_example_too_many():
    with pytest.raises(MemoryError, match=r"one example of shape \(4,\) does not fit in the memory of cpu beside a model"):
        gradients(Tight(0), [])(*batch())


def test_other_errors_come_out_as_they_are():
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        gradients(nn.Linear(5, 3), [])(*batch())


def test_frozen_and_unused_weights_are_left_alone():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.frozen, self.unused = (
                nn.Linear(4, 3),
                nn.Linear(4, 3).requires_grad_(False),
                nn.Linear(4, 3),
            )

        def forward(self, x):
            return self.used(x) + self.frozen(x)

    model = Model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fit_sync(model, batch(), F.cross_entropy, epochs=1, lr=0.1)
    after = model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"used.weight", "used.bias"}


def test_a_model_that_uses_none_of_its_weights():
    other = nn.Linear(4, 3)

    class Model(nn.Linear):
        def forward(self, x):
            return other(x)

    with pytest.raises(ValueError, match="does not depend on any of the model's weights"):
        fit_sync(Model(4, 3), batch(), F.cross_entropy)
