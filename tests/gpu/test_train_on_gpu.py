"""Training on a real GPU: what no processor can show."""

import asyncio
import gc

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers import device
from helpers.train import fit, fit_sync, predict

pytestmark = pytest.mark.gpu


def data(n=512):
    """Two textures that a small network can tell apart."""
    generator = torch.Generator().manual_seed(3)
    y = torch.arange(n) % 2
    x = torch.rand(n, 1, 32, 32, generator=generator)
    x[y == 1] = x[y == 1].cumsum(-1) / 16
    return x, y


def network(width=16):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 2),
        )  # fmt: skip


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_the_gpu_is_picked_and_the_budget_is_full():
    assert device.pick().type == "cuda"
    assert device.budget("fast", "full") == "full"
    assert "GiB" in device.describe(device.pick())


@pytest.mark.parametrize("run", [fit_sync, lambda *a, **k: asyncio.run(fit(*a, **k))])
def test_training_reaches_the_loss_it_reaches_on_the_processor(run):
    options = {"epochs": 8, "batch": 64, "lr": 0.01, "valid": data(100)}
    on_gpu, on_cpu = network(), network()
    history = run(on_gpu, data(), F.cross_entropy, **options)
    reference = fit_sync(on_cpu, data(), F.cross_entropy, device="cpu", **options)
    assert history.device == device.describe(torch.device("cuda:0"))
    assert reference.train_loss[-1] < 0.5 * reference.train_loss[0]
    assert history.loss[0] == pytest.approx(reference.loss[0], rel=0.02)
    assert history.train_loss[-1] < 0.5 * history.train_loss[0]
    assert history.valid_metric[-1] == pytest.approx(reference.valid_metric[-1], abs=0.05)


def test_model_comes_back_to_the_processor():
    model = network()
    fit_sync(model, data(64), F.cross_entropy, epochs=1)
    assert next(model.parameters()).device.type == "cpu"
    assert predict(model, data(10)[0]).device.type == "cpu"


def test_the_model_computes_in_bfloat16_and_keeps_its_weights_in_float32():
    if not torch.cuda.is_bf16_supported(including_emulation=False):
        pytest.skip("this GPU has no bfloat16")
    model, seen = network(), set()
    model[0].register_forward_hook(lambda _, __, y: seen.add(y.dtype))
    history = fit_sync(model, data(64), F.cross_entropy, valid=data(64), epochs=1)
    assert seen == {torch.bfloat16}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert history.stopped == "finished"


def test_random_numbers_of_the_caller_go_on_as_if_nothing_was():
    torch.cuda.manual_seed(5)
    expected = torch.rand(3, device="cuda")
    torch.cuda.manual_seed(5)
    fit_sync(nn.Sequential(network(), nn.Dropout(0.5)), data(64), F.cross_entropy, epochs=1)
    assert torch.equal(torch.rand(3, device="cuda"), expected)


def test_a_real_shortage_of_memory_halves_the_batch_and_changes_nothing_else():
    """The process is allowed so little that a batch fits only in pieces."""
    options = {"epochs": 2, "batch": 256, "lr": 0.01}
    roomy, tight = network(64), network(64)
    reference = fit_sync(roomy, data(), F.cross_entropy, **options)
    needed = torch.cuda.max_memory_allocated()
    gc.collect()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    try:
        torch.cuda.set_per_process_memory_fraction((0.55 * needed) / total)
        history = fit_sync(tight, data(), F.cross_entropy, **options)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert any("too little memory for" in note for note in history.notes)
    assert reference.notes == []
    assert history.loss == pytest.approx(reference.loss, rel=0.02)
    torch.testing.assert_close(weights(tight), weights(roomy), atol=0.02, rtol=0)


def test_interrupted_and_resumed(tmp_path):
    """On a GPU sums may come in another order, so not to the bit."""
    options = {"epochs": 4, "batch": 64, "lr": 0.01}
    whole, resumed, broken = network(), network(), network()
    reference = fit_sync(whole, data(), F.cross_entropy, **options)
    calls = [0]

    def interrupt(x, y, generator):
        calls[0] += 1
        if calls[0] > 1 + 20:
            raise KeyboardInterrupt
        return x, y

    path = tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        fit_sync(broken, data(), F.cross_entropy, augment=interrupt, checkpoint=path, **options)
    history = fit_sync(resumed, data(), F.cross_entropy, checkpoint=path, **options)
    assert history.loss == pytest.approx(reference.loss, rel=0.05)
    torch.testing.assert_close(weights(resumed), weights(whole), atol=0.02, rtol=0)
