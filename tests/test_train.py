"""The loop against one written by hand, and what may happen to it while it runs."""

import asyncio
import pickle
import threading
from dataclasses import asdict
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.train import Control, History, Progress, accuracy, evaluate, fit, fit_sync, predict


def toy(n=101, classes=3):
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(n, 4, generator=generator)
    return x, (x[:, 0] * 2 + x[:, 1]).round().long() % classes


def network(seed=1, dropout=0.0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 3))


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def by_hand(model, data, epochs=3, batch=32, lr=1e-2, seed=0, kind=torch.optim.AdamW):
    """The textbook loop, with torch's own schedule."""
    x, y = data
    generator = torch.Generator().manual_seed(seed)
    optimizer = kind(model.parameters(), lr=lr)
    steps = -(-len(x) // batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=epochs * steps, cycle_momentum=False)
    losses, rates = [], []
    for _ in range(epochs):
        for index in torch.randperm(len(x), generator=generator).split(batch):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[index]), y[index])
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            pace.step()
            losses.append(loss.item())
    return losses, rates


class Probe(Progress):
    """A watch that does something each time the model is called in training, whatever the clock says."""

    def __init__(self, model, act):
        super().__init__()
        self.calls = 0
        self.handle = model.register_forward_hook(lambda *_: self._called(act))
        self.model, self.finished = model, None

    def _called(self, act):
        if self.plan and self.model.training:
            self.calls += 1
            act(self)

    plan = None

    def start(self, plan):
        super().start(plan)
        self.plan = plan

    def finish(self, history):
        super().finish(history)
        self.finished = history.stopped


@pytest.mark.parametrize("kind", [None, torch.optim.AdamW, torch.optim.SGD])
def test_weights_losses_and_rates_are_those_of_the_loop_by_hand(kind):
    ours, theirs, data = network(), network(), toy()
    history = fit_sync(ours, data, F.cross_entropy, epochs=3, batch=32, lr=1e-2, optimizer=kind)
    losses, rates = by_hand(theirs, data, kind=kind or torch.optim.AdamW)
    assert history.loss == pytest.approx(losses, abs=1e-6)
    assert history.lr == pytest.approx(rates, rel=1e-9)
    torch.testing.assert_close(weights(ours), weights(theirs), atol=1e-6, rtol=0)
    assert history.stopped == "finished"


def test_plain_adamw_is_that_of_the_loop_to_the_bit():
    ours, theirs, data = network(), network(), toy()
    fit_sync(ours, data, F.cross_entropy, epochs=3, batch=32, lr=1e-2, optimizer=torch.optim.AdamW)
    by_hand(theirs, data)
    assert torch.equal(weights(ours), weights(theirs))


def test_dropout_draws_from_the_seed_as_in_the_loop_by_hand():
    ours, theirs, data = network(dropout=0.5), network(dropout=0.5), toy()
    fit_sync(ours, data, F.cross_entropy, epochs=3, batch=32, lr=1e-2, seed=4, optimizer=torch.optim.AdamW)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        by_hand(theirs, data, seed=4)
    assert torch.equal(weights(ours), weights(theirs))


def test_training_loss_of_an_epoch_is_the_mean_over_its_examples():
    data = toy(101)
    history = fit_sync(network(), data, F.cross_entropy, epochs=2, batch=32)
    sizes = torch.tensor([32.0, 32.0, 32.0, 5.0])
    for epoch in range(2):
        of_batches = torch.tensor(history.loss[4 * epoch : 4 * epoch + 4])
        assert history.train_loss[epoch] == pytest.approx(float((of_batches * sizes).sum() / 101), rel=1e-6)


def test_gradient_in_the_history_is_its_length():
    model, data = network(), toy(20)
    x, y = data
    F.cross_entropy(network()(x), y).backward()
    reference = network()
    F.cross_entropy(reference(x), y).backward()
    expected = torch.cat([p.grad.flatten() for p in reference.parameters()]).norm().item()
    history = fit_sync(model, data, F.cross_entropy, epochs=1, batch=20)
    assert history.gradient == pytest.approx([expected], rel=1e-5)


@pytest.mark.parametrize(("n", "sizes"), [(65, [65]), (66, [64, 2]), (128, [64, 64]), (129, [64, 65]), (1, [1])])
def test_a_lone_last_example_joins_the_batch_before(n, sizes):
    seen = []
    model = nn.Linear(4, 3)
    watch = Probe(model, lambda probe: None)
    model.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])) if watch.plan else None)
    history = fit_sync(model, toy(n), F.cross_entropy, epochs=1, batch=64, watch=watch)
    assert seen == sizes
    assert history.epochs == 1
    assert watch.plan.steps_per_epoch == len(sizes)


def test_batches_of_one_stay_batches_of_one():
    assert len(fit_sync(network(), toy(5), F.cross_entropy, epochs=1, batch=1).loss) == 5


def test_notebook_and_script_agree_to_the_bit_also_with_dropout():
    data = toy()
    script, notebook = network(dropout=0.5), network(dropout=0.5)
    options = {
        "epochs": 4,
        "batch": 16,
        "valid": toy(40),
        "augment": lambda x, y, g: (x + torch.randn(x.shape, generator=g), y),
    }
    a = fit_sync(script, data, F.cross_entropy, **options)
    b = asyncio.run(fit(notebook, data, F.cross_entropy, **options))
    assert torch.equal(weights(script), weights(notebook))
    for name in ("loss", "lr", "gradient", "train_loss", "valid_loss", "valid_metric", "stopped"):
        assert getattr(a, name) == getattr(b, name), name


def test_seed_decides():
    data, runs = toy(), []
    for seed in (0, 0, 1):
        model = network(dropout=0.2)
        fit_sync(model, data, F.cross_entropy, epochs=1, batch=16, seed=seed)
        runs.append(weights(model))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


@pytest.mark.parametrize("run", [fit_sync, lambda *a, **k: asyncio.run(fit(*a, **k))])
def test_random_numbers_of_the_caller_go_on_as_if_nothing_was(run):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(network(dropout=0.5), toy(), F.cross_entropy, epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_random_numbers_of_the_caller_do_not_enter():
    results = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        model = network(dropout=0.5)
        fit_sync(model, toy(), F.cross_entropy, epochs=1)
        results.append(weights(model))
    assert torch.equal(*results)


def test_data_stay_as_they_were_even_if_augmented_in_place():
    x, y = toy()
    before = x.clone()
    fit_sync(network(), (x, y), F.cross_entropy, epochs=1, augment=lambda x, y, g: (x.mul_(0), y))
    assert torch.equal(x, before)


def test_validation_is_that_of_the_final_weights():
    model, valid = network(dropout=0.5), toy(77)
    history = fit_sync(model, toy(), F.cross_entropy, valid=valid, epochs=2, batch=16)
    model.eval()
    y_hat = model(valid[0])
    assert history.valid_loss[-1] == pytest.approx(F.cross_entropy(y_hat, valid[1]).item(), abs=1e-6)
    assert history.valid_metric[-1] == pytest.approx((y_hat.argmax(1) == valid[1]).float().mean().item())
    assert history.metric == "accuracy"


def test_amounts_have_no_accuracy():
    x, _ = toy()
    history = fit_sync(nn.Linear(4, 1), (x, x[:, :1]), F.mse_loss, valid=(x, x[:, :1]), epochs=1)
    assert len(history.valid_loss) == 1
    assert history.valid_metric == []


def test_a_model_may_return_several_outputs():
    """As an autoencoder with a latent code does."""

    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x):
            return self.layer(x), self.layer(x) ** 2

    def loss(outputs, x):
        return F.mse_loss(outputs[0], x) + 0.1 * outputs[1].mean()

    x, _ = toy()
    model = Pair()
    history = fit_sync(model, (x, x), loss, valid=(x, x), epochs=1)
    assert history.valid_loss[0] == pytest.approx(loss(model(x), x).item(), abs=1e-6)


def test_model_comes_back_in_evaluation_mode_without_gradients():
    model = network()
    fit_sync(model, toy(), F.cross_entropy, epochs=1)
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_an_optimizer_keeps_its_own_rates_and_gets_them_back():
    model = network()
    optimizer = torch.optim.SGD([{"params": model[0].parameters()}, {"params": model[3].parameters(), "lr": 0.5}], lr=0.1)
    history = fit_sync(model, toy(), F.cross_entropy, epochs=2, optimizer=optimizer, schedule="cosine", lr=99.0)
    assert history.lr[0] == 0.1
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]


def test_weight_decay_reaches_the_optimizer():
    with_decay, without, data = network(), network(), toy()
    fit_sync(with_decay, data, F.cross_entropy, epochs=10, lr=1e-2, weight_decay=10.0)
    fit_sync(without, data, F.cross_entropy, epochs=10, lr=1e-2, weight_decay=0.0)
    assert weights(with_decay).norm() < 0.9 * weights(without).norm()


def test_early_stop_puts_the_best_weights_back():
    model, valid = network(), toy(60)
    snapshots = []

    def metric(y_hat, y):
        snapshots.append(weights(model))
        return 0.0

    # A learning rate that first helps and then, ever larger, harms.
    history = fit_sync(
        model, toy(40), F.cross_entropy, valid=valid, epochs=40, batch=40, lr=1.0, patience=3, metric=metric,
        optimizer=torch.optim.SGD, schedule=lambda step, steps: 0.5 * 1.6**step,
    )  # fmt: skip
    best = min(range(history.epochs), key=history.valid_loss.__getitem__)
    assert history.stopped == "early"
    assert history.best_epoch == best == history.epochs - 1 - 3
    assert torch.equal(weights(model), snapshots[best])


def test_patience_also_restores_the_best_when_the_epochs_run_out():
    model, valid = network(), toy(60)
    history = fit_sync(
        model, toy(40), F.cross_entropy, valid=valid, epochs=12, batch=40, lr=1.0, patience=12,
        optimizer=torch.optim.SGD, schedule=lambda step, steps: 0.5 * 1.6**step,
    )  # fmt: skip
    assert history.stopped == "finished"
    assert history.best_epoch < 11
    assert evaluate(model, valid).loss == pytest.approx(min(history.valid_loss), abs=1e-6)


@pytest.mark.parametrize("run", [fit_sync, lambda *a, **k: asyncio.run(fit(*a, **k))])
def test_stop_ends_after_the_step_it_falls_in(run):
    model = network()
    watch = Probe(model, lambda probe: probe.control.stop() if probe.calls == 6 else None)
    history = run(model, toy(), F.cross_entropy, epochs=50, batch=32, watch=watch)
    assert len(history.loss) == 6
    assert history.epochs == 1
    assert history.stopped == watch.finished == "stopped"


def test_a_stop_of_an_earlier_run_is_forgotten():
    watch = Progress()
    watch.control.stop()
    assert fit_sync(network(), toy(), F.cross_entropy, epochs=1, watch=watch).stopped == "finished"


def test_pause_holds_and_resume_goes_on_as_if_nothing_was():
    paused, free, data = network(), network(), toy()
    watch = Probe(paused, lambda probe: probe.control.pause() if probe.calls == 5 else None)

    async def main():
        run = asyncio.ensure_future(fit(paused, data, F.cross_entropy, epochs=4, batch=32, watch=watch))
        while not watch.control.paused:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        held = watch.calls
        for _ in range(100):
            await asyncio.sleep(0.001)
        still = watch.calls
        watch.control.resume()
        return held, still, await run

    held, still, history = asyncio.run(main())
    assert held == still == 5
    assert history.stopped == "finished"
    fit_sync(free, data, F.cross_entropy, epochs=4, batch=32)
    assert torch.equal(weights(paused), weights(free))


def test_stop_ends_a_pause():
    model = network()
    watch = Probe(model, lambda probe: probe.control.pause() if probe.calls == 2 else None)

    async def main():
        run = asyncio.ensure_future(fit(model, toy(), F.cross_entropy, epochs=50, batch=32, watch=watch))
        while not watch.control.paused:
            await asyncio.sleep(0)
        watch.control.stop()
        return await run

    history = asyncio.run(main())
    assert (history.stopped, len(history.loss)) == ("stopped", 2)


def test_a_script_can_be_paused_from_another_thread():
    model = network()
    reached = threading.Event()

    def act(probe):
        if probe.calls == 2:
            probe.control.pause()
            reached.set()

    watch = Probe(model, act)

    def release():
        reached.wait()
        watch.control.stop()

    helper = threading.Thread(target=release)
    helper.start()
    history = fit_sync(model, toy(), F.cross_entropy, epochs=50, batch=32, watch=watch)
    helper.join()
    assert (history.stopped, len(history.loss)) == ("stopped", 2)


def test_the_event_loop_turns_during_every_long_step():
    """The model lets 30 ms pass a step; a task that only counts must have counted in between, each time."""
    turns, seen = [0], []
    pause = threading.Event()

    class Slow(nn.Linear):
        def forward(self, x):
            pause.wait(0.03)
            seen.append(turns[0])
            return super().forward(x)

    async def count():
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def main():
        counter = asyncio.ensure_future(count())
        await fit(Slow(4, 3), toy(40), F.cross_entropy, epochs=2, batch=8)
        counter.cancel()

    asyncio.run(main())
    assert len(seen) > 10
    assert all(later > earlier for earlier, later in pairwise(seen))


def test_updates_come_in_the_thread_of_the_loop_while_no_step_is_under_way():
    model, threads, under_way, busy = network(), set(), [], [0]

    class Spy(Progress):
        def update(self, history):
            threads.add(threading.get_ident())
            under_way.append(busy[0])

    def enter(*_):
        busy[0] += 1

    def leave(*_):
        busy[0] -= 1

    model.register_forward_pre_hook(enter)
    model.register_forward_hook(leave)
    asyncio.run(fit(model, toy(), F.cross_entropy, epochs=20, batch=8, watch=Spy()))
    assert threads == {threading.get_ident()}
    assert set(under_way) == {0}


def test_cancelling_the_cell_ends_the_training_and_its_thread():
    model = network()
    before = threading.active_count()
    watch = Probe(model, lambda probe: None)

    async def main():
        run = asyncio.ensure_future(fit(model, toy(), F.cross_entropy, epochs=10**6, batch=32, watch=watch))
        while watch.calls < 5:
            await asyncio.sleep(0.001)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(main())
    calls = watch.calls
    assert watch.finished == "stopped"
    assert threading.active_count() == before
    assert watch.calls == calls
    assert weights(model).isfinite().all()
    assert not model.training


def test_cancelling_while_paused():
    model = network()
    watch = Probe(model, lambda probe: probe.control.pause())

    async def main():
        run = asyncio.ensure_future(fit(model, toy(), F.cross_entropy, epochs=10**6, batch=32, watch=watch))
        while not watch.control.paused:
            await asyncio.sleep(0.001)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(main())
    assert watch.finished == "stopped"


def test_an_error_in_the_model_comes_out_and_everything_is_put_back():
    model = network()

    def fail(probe):
        if probe.calls == 3:
            raise KeyError("mine")

    watch = Probe(model, fail)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with pytest.raises(KeyError, match="mine"):
        asyncio.run(fit(model, toy(), F.cross_entropy, epochs=3, watch=watch, batch=16))
    assert watch.finished == "error"
    assert torch.equal(torch.rand(1), expected)


def test_line_before_the_start_tells_device_and_amount(capsys):
    fit_sync(network(), toy(101), F.cross_entropy, epochs=3, batch=32)
    first = capsys.readouterr().out.splitlines()[0]
    threads = torch.get_num_threads()
    assert first.startswith(f"CPU, {threads} thread{'s' * (threads > 1)}: 3 epochs × 4 steps of 32, about ")


def test_hooks_of_the_caller_see_the_training_and_not_the_rehearsal():
    """They may belong to a widget, which cannot be copied and must not be fed twice."""
    model, lock, seen = network(), threading.Lock(), []

    class Owner:
        def __init__(self):
            self.lock = lock

        def hook(self, *_):
            seen.append(self.lock is lock)

    model[0].register_forward_hook(Owner().hook)
    watch = Probe(model, lambda probe: None)
    history = fit_sync(model, toy(), F.cross_entropy, epochs=2, batch=32, watch=watch)
    assert seen == [True] * len(history.loss)
    assert watch.plan.seconds > 0


def test_rehearsal_leaves_model_and_random_numbers_alone():
    """With batch normalisation, whose running means would tell, and a step of learning rate 0."""
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    watch = Probe(model, lambda probe: None)
    counted = []
    watch.start = lambda plan: counted.append({k: v.clone() for k, v in model.state_dict().items()})
    fit_sync(model, toy(), F.cross_entropy, epochs=1, watch=watch)
    assert all(torch.equal(before[name], counted[0][name]) for name in before)


def test_compiled_or_not_is_the_same_call(monkeypatch):
    """What torch.compile makes is used for each step, and the weights trained are the model's own."""
    compiled = []

    def fake(model):
        class Compiled(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = model

            def forward(self, x):
                compiled.append(len(x))
                return self.inner(x)

        return Compiled()

    monkeypatch.setattr(torch, "compile", fake)
    ours, plain, data = network(), network(), toy()
    fit_sync(ours, data, F.cross_entropy, epochs=1, batch=32, compile=True)
    fit_sync(plain, data, F.cross_entropy, epochs=1, batch=32)
    assert compiled == [32, 32, 32, 5]
    assert torch.equal(weights(ours), weights(plain))


def test_history_is_plain_data():
    history = fit_sync(network(), toy(), F.cross_entropy, valid=toy(30), epochs=2)
    assert History(**asdict(history)) == history == pickle.loads(pickle.dumps(history))
    assert "finished: 2 epochs (4 steps)" in history.summary()
    assert repr(history) == f"History({history.summary()})"


def test_control_is_a_set_of_flags():
    control = Control()
    assert (control.stop_requested, control.paused) == (False, False)
    control.pause()
    assert control.paused
    control.resume()
    assert not control.paused
    control.pause()
    control.stop()
    assert (control.stop_requested, control.paused) == (True, False)


def test_public_names_are_there():
    x, y = toy(9)
    model = network().eval()
    assert predict(model, x).argmax(1).eq(y).double().mean().item() == accuracy(model(x), y) == evaluate(model, (x, y)).metric
