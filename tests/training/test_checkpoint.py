"""Interrupted and resumed is uninterrupted, to the bit; and files that are no checkpoints."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import Progress, fit_sync
from helpers.training import checkpoint


def data(n=100):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(n, 4, generator=generator), torch.randint(0, 3, (n,), generator=generator)


def network(seed=0, width=16):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 3))


class Interrupt(Progress):
    """Stops a run in the middle of an epoch, by its number of steps."""

    def __init__(self, model, steps):
        super().__init__()
        self.steps, self.started = steps, False
        model.register_forward_hook(self._count)
        self.model = model

    def start(self, plan):
        super().start(plan)
        self.started = True

    def _count(self, *_):
        if self.started and self.model.training:
            self.steps -= 1
            if self.steps == 0:
                raise KeyboardInterrupt


OPTIONS = {
    "valid": data(40), "epochs": 6, "batch": 32, "lr": 0.01, "patience": 6,
    "augment": lambda x, y, generator: (x + 0.1 * torch.randn(x.shape, generator=generator), y),
}  # fmt: skip


@pytest.mark.parametrize("optimizer", [None, torch.optim.RMSprop])
def test_interrupted_and_resumed_is_uninterrupted_to_the_bit(tmp_path, optimizer):
    whole, broken, resumed = network(), network(), network(seed=9)
    history = fit_sync(whole, data(), F.cross_entropy, optimizer=optimizer, **OPTIONS)
    path = tmp_path / "new" / "run.pt"
    watch = Interrupt(broken, 14)
    with pytest.raises(KeyboardInterrupt):
        fit_sync(broken, data(), F.cross_entropy, optimizer=optimizer, checkpoint=path, watch=watch, **OPTIONS)
    continued = fit_sync(resumed, data(), F.cross_entropy, optimizer=optimizer, checkpoint=path, **OPTIONS)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    same = [field.name for field in dataclasses.fields(history) if field.name != "seconds"]
    assert [getattr(history, name) for name in same] == [getattr(continued, name) for name in same]
    assert len(continued.seconds) == 6


def test_plan_of_a_resumed_run_tells_what_is_done(tmp_path, capsys):
    path, model = tmp_path / "run.pt", network()
    with pytest.raises(KeyboardInterrupt):
        fit_sync(model, data(), F.cross_entropy, checkpoint=path, watch=Interrupt(model, 10), **OPTIONS)
    capsys.readouterr()
    fit_sync(network(), data(), F.cross_entropy, checkpoint=path, **OPTIONS)
    first = capsys.readouterr().out.splitlines()[0]
    assert "6 epochs × 4 steps of 32, 2 of them done before, about" in first


def test_a_finished_run_is_not_run_again(tmp_path):
    path, first, second = tmp_path / "run.pt", network(), network(seed=4)
    history = fit_sync(first, data(), F.cross_entropy, checkpoint=path, **OPTIONS)
    again = fit_sync(second, data(), F.cross_entropy, checkpoint=path, **OPTIONS)
    assert again == history
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values()))


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    checkpoint.save(path, {"settings": {}, "model": {"w": torch.ones(3)}})
    before = path.read_bytes()

    def half(state, file):
        file.write(b"half")
        raise RuntimeError("PytorchStreamWriter failed writing file: No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(path, {"settings": {}})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_training_goes_on_if_a_checkpoint_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    history = fit_sync(network(), data(), F.cross_entropy, epochs=2, checkpoint=tmp_path / "file" / "run.pt")
    assert history.stopped == "finished"
    assert [note[:43] for note in history.notes] == [f"The checkpoint after epoch {n} could not be w" for n in (1, 2)]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_cut_short(tmp_path, share):
    path = tmp_path / "run.pt"
    fit_sync(network(), data(), F.cross_entropy, epochs=1, checkpoint=path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=r"run\.pt is no checkpoint, or one cut short .*Delete it to start anew"):
        fit_sync(network(), data(), F.cross_entropy, epochs=1, checkpoint=path)


def test_a_file_of_something_else(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(network().state_dict(), path)
    with pytest.raises(ValueError, match=r"weights\.pt is not a checkpoint of helpers\.train"):
        fit_sync(network(), data(), F.cross_entropy, epochs=1, checkpoint=path)


def test_a_file_that_would_run_code_is_refused(tmp_path):
    path, flag = tmp_path / "evil.pt", tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (open, (str(flag), "w"))

    torch.save({"format": checkpoint.FORMAT, "settings": Evil()}, path)
    with pytest.raises(ValueError, match="is no checkpoint"):
        checkpoint.load(path, {})
    assert not flag.exists()


def test_a_file_of_a_run_with_other_settings(tmp_path):
    path = tmp_path / "run.pt"
    fit_sync(network(), data(), F.cross_entropy, epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match=r"belongs to another run \(epochs=1 there, 2 here; seed=0 there, 5 here\)"):
        fit_sync(network(), data(), F.cross_entropy, epochs=2, seed=5, checkpoint=path)


def test_a_file_of_another_model(tmp_path):
    path = tmp_path / "run.pt"
    fit_sync(network(), data(), F.cross_entropy, epochs=1, checkpoint=path)
    with pytest.raises(ValueError, match="holds the weights of another model"):
        fit_sync(network(width=8), data(), F.cross_entropy, epochs=1, checkpoint=path)
