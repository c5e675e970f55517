"""What a run tells, how often, and at what cost; with a clock of the test's own."""

from itertools import pairwise

import pytest

from helpers.training.history import History, Plan, duration
from helpers.training.watch import Progress, Reporter

PLAN = Plan(device="CPU, 2 threads", epochs=12, steps_per_epoch=17, batch=64, seconds=25.4)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Watch:
    """Counts its updates, each of which takes a given time."""

    def __init__(self, clock, costs):
        self.clock, self.costs, self.at = clock, iter(costs), []

    def update(self, history):
        self.at.append(self.clock.now)
        self.clock.now += next(self.costs, 0.0)


def run(costs, seconds, step=0.001):
    clock = Clock()
    watch = Watch(clock, costs)
    reporter = Reporter(watch, History(), clock)
    reporter.start(PLAN)
    end = clock.now + seconds
    while clock.now < end:
        clock.now += step
        reporter.update()
    return watch.at


def test_ten_updates_a_second_at_most():
    at = run([], 3.0)
    assert 29 <= len(at) <= 31
    assert min(later - earlier for earlier, later in pairwise(at)) >= 0.1


def test_updates_take_a_hundredth_of_the_time():
    cost = 0.0015
    at = run([cost] * 1000, 60.0)
    assert cost * len(at) <= 0.011 * 60
    assert len(at) >= 380


def test_slow_updates_still_come_five_times_a_second():
    at = run([0.02] * 1000, 60.0)
    assert max(later - earlier for earlier, later in pairwise(at)) < 0.21


def test_one_slow_update_alone_changes_nothing():
    at = run([0.5], 3.0)
    assert len(at) >= 24


def test_a_watch_may_lack_every_method(capsys):
    reporter = Reporter(object(), History())
    reporter.start(PLAN)
    reporter.update()
    reporter.finish()
    assert capsys.readouterr().out == "CPU, 2 threads: 12 epochs × 17 steps of 64, about 25 s\n"


def test_only_the_first_process_speaks(capsys):
    calls = []
    watch = type("W", (), {"start": calls.append, "update": calls.append, "finish": calls.append})
    reporter = Reporter(watch, History(notes=["n"]))
    reporter.start(Plan(device="CPU", epochs=1, steps_per_epoch=1, batch=1, seconds=None, processes=2, rank=1))
    reporter.update()
    reporter.finish()
    assert calls == []
    assert capsys.readouterr().out == ""


def test_notes_are_told_once(capsys):
    history = History()
    reporter = Reporter(object(), history)
    reporter.start(PLAN)
    history.notes.append("too little memory")
    reporter.update()
    reporter.finish()
    assert capsys.readouterr().out.count("too little memory") == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "CPU, 2 threads: 12 epochs × 17 steps of 64, about 25 s"),
        ({"seconds": None, "epochs": 1}, "CPU, 2 threads: 1 epoch × 17 steps of 64"),
        ({"first_epoch": 5}, "CPU, 2 threads: 12 epochs × 17 steps of 64, 5 of them done before, about 25 s"),
        ({"processes": 2}, "CPU, 2 threads × 2 processes: 12 epochs × 17 steps of 64, about 25 s"),
    ],
)
def test_plan_in_words(changes, text):
    assert str(Plan(**{**vars(PLAN), **changes})) == text


def progress_of(epochs, seen_at):
    """The lines of a run whose watch is updated after the given numbers of epochs."""
    history = History(metric="accuracy")
    progress = Progress()
    progress.start(Plan(device="CPU", epochs=epochs, steps_per_epoch=1, batch=1, seconds=None))
    for done in seen_at:
        while history.epochs < done:
            history.train_loss.append(1 / (1 + history.epochs))
            history.valid_loss.append(2.0)
            history.valid_metric.append(0.5)
            history.seconds.append(10.0)
        progress.update(history)
    return history, progress


def test_a_line_for_every_tenth_whenever_the_updates_come(capsys):
    progress_of(30, range(1, 31))
    often = capsys.readouterr().out
    progress_of(30, [7, 8, 25, 30])
    seldom = capsys.readouterr().out
    assert often == seldom
    assert len(often.splitlines()) == 10
    assert often.splitlines()[0] == "epoch  3   train 0.3333   valid 2.0000   accuracy 0.500   4 min 30 s left"


def test_few_epochs_have_a_line_each(capsys):
    progress_of(4, [4])
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["1", "2", "3", "4"]


def test_summary_comes_last_with_the_last_epoch(capsys):
    history, progress = progress_of(100, [33])
    history.stopped = "stopped"
    progress.finish(history)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["10", "20", "30"]
    assert lines[-1].startswith("stopped: 33 epochs (0 steps) in 5 min 30 s; training loss 1 → 0.0303")


def test_one_epoch_has_a_mean_and_no_course(capsys):
    history, progress = progress_of(1, [1])
    progress.finish(history)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "training loss 1 on average" in last
    assert "→" not in last


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "1 s"), (59.4, "59 s"), (61.0, "1 min 1 s"), (3599.0, "59 min 59 s"), (5400.0, "1.5 h")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
