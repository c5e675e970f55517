"""A run as it is shown: the curves against the history, the buttons against the flags."""

import io
import math

import matplotlib.image
import numpy as np
import pytest
import torch
from ipywidgets.widgets.widget import _instances
from torch import nn

from helpers.explorers import Training, cells
from helpers.explorers.training import POINTS
from helpers.train import History, Plan, fit_sync

PLAN = Plan(device="cpu", epochs=5, steps_per_epoch=20, batch=8, seconds=1.0, valid=True, metric="accuracy")


def history(steps: int, epochs: int, per_epoch: int = 20) -> History:
    random = np.random.default_rng(0)
    return History(
        device="cpu", metric="accuracy", loss=(3 / (1 + np.arange(steps) / 50) + 0.1 * random.random(steps)).tolist(),
        train_loss=[1.0] * epochs, seconds=[0.5] * epochs,
        valid_loss=[2.0 - 0.2 * i for i in range(epochs)], valid_metric=[0.3 + 0.1 * i for i in range(epochs)],
    )  # fmt: skip


@pytest.fixture
def watch(monkeypatch):
    shown = []
    monkeypatch.setattr("helpers.explorers.training.display", lambda what, display_id: shown.append(what))
    made = Training("a run")
    made.start(PLAN)
    assert shown == [made]
    yield made
    made.close()


def curves(watch: Training) -> tuple[np.ndarray, np.ndarray]:
    return watch.grid.panel("loss").values


def test_each_step_is_drawn_as_the_mean_of_the_last_ones(watch):
    run = history(100, 5)
    watch.update(run)
    training, _ = curves(watch)
    width = 100 // 50
    expected = [np.mean([run.loss[max(i - j, 0)] for j in range(width)]) for i in range(100)]
    np.testing.assert_allclose(training, expected)
    assert training[-1] == pytest.approx(np.mean(run.loss[-width:]))


def test_validation_stands_at_the_ends_of_epochs(watch):
    run = history(100, 5)
    watch.update(run)
    _, validation = curves(watch)
    assert [validation[20 * e - 1] for e in range(1, 6)] == pytest.approx(run.valid_loss)
    assert np.isnan(validation[:19]).all()
    assert validation[29] == pytest.approx((run.valid_loss[0] + run.valid_loss[1]) / 2, abs=0.02)  # a line between them


def test_in_the_midst_of_an_epoch_validation_stays_where_it_was_measured(watch):
    watch.update(history(54, 2))
    _, validation = curves(watch)
    assert [validation[19], validation[39]] == pytest.approx([2.0, 1.8])
    assert np.isnan(validation[40:]).all()
    watch.update(history(5, 0))
    assert len(curves(watch)) == 1  # nor a name in the legend for what was not measured


def test_a_long_run_is_drawn_with_no_more_points_than_can_be_told_apart(watch):
    run = history(5000, 5)
    watch.plan = Plan(device="cpu", epochs=5, steps_per_epoch=1000, batch=8, seconds=1.0)
    watch.update(run)
    training, validation = curves(watch)
    assert len(training) == POINTS
    assert training[-1] == pytest.approx(np.mean(run.loss[-100:]))
    assert validation[-1] == pytest.approx(run.valid_loss[-1])


def test_what_is_no_number_does_not_spoil_the_axes(watch):
    run = history(30, 1)
    run.loss[20] = math.inf
    run.loss[25] = math.nan
    run.valid_loss[0] = math.inf
    watch.update(run)
    panel = watch.grid.panel("loss")
    assert panel.hi == pytest.approx(max(run.loss[:20]), abs=0.1)
    assert watch._repr_mimebundle_()[0]["image/png"]


def test_a_loss_that_falls_below_nought_stays_on_the_axis(watch):
    watch.plan = Plan(device="cpu", epochs=1, steps_per_epoch=31, batch=8, seconds=1.0)
    assert (watch.grid.panel("loss").lo, watch.grid.panel("loss").hi) == (0, 1)  # while there is nothing
    run = History(loss=np.linspace(10, -5, 31).tolist())
    run.loss[3] = math.nan
    watch.update(run)
    whole, late = (watch.grid.panel(name) for name in ("loss", "late loss"))
    assert (whole.lo, whole.hi) == (-5, 10)
    assert (late.lo, late.hi) == pytest.approx((-5, 2.5))  # the second half of it, as large as there is room
    assert late.x_range == (15, 31)
    assert late.values[0, [0, -1]] == pytest.approx([2.5, -5])
    run.loss = [0.05, 0.03, 0.0112, 0.0107]
    watch.update(run)
    low, high = (f"{end:.{watch.grid.panel('late loss').digits}f}" for end in (0.0107, 0.0112))
    assert (watch.grid.panel("loss").lo, low) == (0, "0.01070")
    assert low != high


def test_beside_validation_there_is_no_second_half(watch):
    watch.update(history(5, 0))
    assert [panel.name for panel in watch.grid.panels] == ["loss"]
    watch.update(history(50, 2))
    assert [panel.name for panel in watch.grid.panels] == ["loss", "metric"]


def test_progress_and_words_say_how_far_it_is(watch):
    run = history(50, 2)
    watch.update(run)
    assert watch.bar.value == 0.5
    assert "step 50 of 100" in watch.said.value
    assert f"loss {run.loss[-1]:.3f}" in watch.said.value
    assert "accuracy 0.400" in watch.said.value
    metric = watch.grid.panel("metric")
    assert metric.values.tolist() == [run.valid_metric]
    run.stopped = "stopped"
    watch.finish(run)
    assert "stopped: 2 epochs (50 steps)" in watch.said.value
    assert watch.bar.value == 0.5
    assert watch.hold.disabled
    assert watch.halt.disabled


def test_the_buttons_set_the_flags(watch):
    watch.hold.click()
    assert watch.control.paused
    assert watch.hold.description == "Resume"
    watch.hold.click()
    assert not watch.control.paused
    watch.hold.click()
    watch.halt.click()
    assert watch.control.stop_requested
    assert not watch.control.paused  # or the run could not end


def test_a_real_run_is_shown_to_its_end(watch, monkeypatch):
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    data = x, (x[:, 0] > 0).long()
    run = fit_sync(nn.Linear(4, 2), data, nn.functional.cross_entropy, valid=data, epochs=4, batch=8, watch=watch)
    training, validation = curves(watch)
    assert len(training) == len(run.loss) == 32
    assert training[-1] == pytest.approx(run.loss[-1])
    assert [validation[8 * e - 1] for e in range(1, 5)] == pytest.approx(run.valid_loss)
    assert watch.bar.value == 1
    assert run.summary().split(";")[0] in watch.said.value.replace("&gt;", ">")


def test_the_stored_picture_and_words_are_those_of_the_end(watch):
    run = history(100, 5)
    run.stopped = "finished"
    watch.finish(run)
    data, metadata = watch._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == f"a run: {run.summary()}"
    picture = matplotlib.image.imread(io.BytesIO(data["image/png"]), format="png")
    assert (picture[..., :3].min(-1) < 0.9).mean() > 0.01


def test_twenty_runs_of_a_cell_leave_one(monkeypatch):
    monkeypatch.setattr(cells, "_made", {})
    before, counts = set(_instances), []
    for run in range(20):
        monkeypatch.setattr(cells, "running", lambda run=run: ("a cell", f"run {run}"))
        last = Training()
        counts.append(len(_instances))
    assert len(set(counts)) == 1
    last.close()
    assert set(_instances) == before
