import pytest
import torch

from helpers import device


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch):
    for name in ("HELPERS_DEVICE", "HELPERS_BUDGET", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)


def machine(monkeypatch, cuda=0, mps=False):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(("cuda", "mps", "best"), [(0, False, "cpu"), (0, True, "mps"), (1, False, "cuda"), (2, True, "cuda")])
def test_best_device_first(monkeypatch, cuda, mps, best):
    machine(monkeypatch, cuda, mps)
    assert device.pick() == torch.device(best)


def test_environment_overrules_and_argument_overrules_environment(monkeypatch):
    machine(monkeypatch, cuda=2)
    monkeypatch.setenv("HELPERS_DEVICE", "cuda:1")
    assert device.pick() == torch.device("cuda:1")
    assert device.pick("cpu") == torch.device("cpu")


def test_torchrun_gives_each_process_its_gpu(monkeypatch):
    machine(monkeypatch, cuda=2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert device.pick() == torch.device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "2")
    assert device.pick() == torch.device("cuda:0")


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "gpu", "cpu:x"])
def test_absent_device_is_named_with_what_is_there(monkeypatch, name):
    machine(monkeypatch)
    with pytest.raises(ValueError, match=f"'{name}' is not on this machine, which has cpu"):
        device.pick(name)


def test_gpu_number_out_of_range(monkeypatch):
    machine(monkeypatch, cuda=2)
    with pytest.raises(ValueError, match="'cuda:2' is not on this machine, which has cuda, cpu"):
        device.pick("cuda:2")


def test_full_budget_only_where_a_gpu_is(monkeypatch):
    machine(monkeypatch)
    assert device.budget(3, 30) == 3
    machine(monkeypatch, cuda=1)
    assert device.budget(3, 30) == 30
    monkeypatch.setenv("HELPERS_DEVICE", "cpu")
    assert device.budget(3, 30) == 3


def test_budget_from_the_environment(monkeypatch):
    machine(monkeypatch)
    monkeypatch.setenv("HELPERS_BUDGET", "full")
    assert device.budget("a", "b") == "b"
    monkeypatch.setenv("HELPERS_BUDGET", "quick")
    with pytest.raises(ValueError, match="'quick'; it can be 'fast' or 'full'"):
        device.budget("a", "b")


def test_cpu_in_words_tells_its_threads():
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert device.describe(torch.device("cpu")) == "CPU, 1 thread"
        torch.set_num_threads(2)
        assert device.describe(torch.device("cpu")) == "CPU, 2 threads"
    finally:
        torch.set_num_threads(threads)


def test_autocast_leaves_the_cpu_in_float32():
    with device.autocast(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            True,
        ),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_shortage_of_memory_is_told_from_other_errors(error, is_memory):
    assert device.out_of_memory(error) is is_memory


def test_a_real_shortage_on_the_cpu_is_recognised():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert device.out_of_memory(caught.value)
