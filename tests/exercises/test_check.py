"""`check` comes back with a Result whatever it is given: wrong names, nasty answers, loops that never end."""

import builtins
import contextlib
import random
import re
import sys
import threading
import time
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from nbformat import v4

from helpers import check as module
from helpers.check import Result, check
from helpers.exercises import exercise, guard, judges


class Nasty:
    """Nothing about it works, not even its looks."""

    def __getattribute__(self, name):
        raise RuntimeError("nasty")

    def __call__(self, *args):
        return self

    def __repr__(self):
        raise RuntimeError("nasty")

    __str__ = __eq__ = __bool__ = __len__ = __iter__ = __array__ = __repr__
    __hash__ = None


class Speechless(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raises(x, size):
    raise Speechless


def leaves(x, size):
    exit()


def quits(x, size):
    quit(3)


def interrupts(x, size):
    raise KeyboardInterrupt


def recurses(x, size):
    return recurses(x, size)


def yields(x, size):
    yield x


def closes_output(x, size):
    sys.stdout.close()
    sys.stdout = None


def asks(x, size):
    return input("the answer, please: ")


def returns(value):
    return lambda x, size: value


VALUES = [
    None, True, 3, 1j, float("nan"), 10**400, "text", b"bytes", [], [1, [2, 3]], {}, {1}, {"a": 1}, object(), Nasty(),
    Nasty, MagicMock(), MagicMock, random.Random(), threading.Lock(), Result, sys, print, max, int, np.max, range(9),
    iter([1]), np.ones(3), np.ones(3) * 1j, np.array(["a"]), np.array(None), np.ma.masked_all(2),
    np.zeros(2, dtype=[("a", int)]), torch.ones(2), torch.ones(2, requires_grad=True), torch.ones(2, device="meta"),
    torch.ones(2, 2).to_sparse(), torch.ones(2) * 1j, torch.ones(2).bfloat16(), torch.Generator(),
    torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), [torch.ones(2, requires_grad=True)],
    torch.nn.Linear(2, 2),
]  # fmt: skip
DEEDS = [raises, leaves, quits, interrupts, recurses, yields, closes_output, asks, *map(returns, VALUES)]


@pytest.mark.parametrize("name", ["max_pool", "glissando_kernel", "conv_cost"])
@pytest.mark.parametrize("number", range(len(VALUES + DEEDS)))  # pytest itself cannot hold a nasty answer
def test_whatever_is_handed_in_a_result_comes_back(name, number):
    answer = (VALUES + DEEDS)[number]
    output, door, seed = sys.stdout, vars(builtins).get("exit"), torch.random.get_rng_state()
    result = check(name, answer)
    assert result.state in ("todo", "not yet")
    assert not result.ok
    assert result.message
    assert repr(result) == repr(check(name, answer))
    assert " at 0x" not in repr(result)
    assert result._repr_html_()
    assert sys.stdout is output
    assert vars(builtins).get("exit") is door
    assert torch.equal(seed, torch.random.get_rng_state())


@pytest.mark.parametrize("name", [None, 3, [], max, "", "no such thing", "maxpool", "<b>max</b>"])
def test_an_unknown_name_is_no_error(name):
    result = check(name, max)
    assert result.state == "not yet"
    assert "<b>max</b>" not in result._repr_html_()


@pytest.mark.parametrize(("typed", "meant"), [("maxpool", "max_pool"), ("conv_2d", "conv2d"), ("decibel", "decibels")])
def test_close_names_are_offered(typed, meant):
    assert f'"{meant}"' in check(typed, None).message


def test_without_a_close_name_all_are_listed():
    assert all(name in check("zzz", None).message for name in judges())


def stub(x, size):
    """Say what it does."""
    return None  # noqa: RET501


def passed(x, size):
    pass


def dots(x, size): ...


@pytest.mark.parametrize("answer", [None, stub, passed, dots, lambda: None], ids=str)
def test_a_stub_is_not_attempted_yet(answer):
    assert repr(check("max_pool", answer)) == "[todo] max_pool: Not attempted yet."


def test_a_forgotten_return_is_no_stub():
    def max_pool(x, size):
        x.max()

    result = check("max_pool", max_pool)
    assert result.state == "not yet"
    assert "returned None" in result.message


def test_the_smallest_failing_input_is_shown_with_the_students_result():
    result = check("max_pool", lambda x, size: torch.full((x.shape[0] // size, x.shape[1] // size), 9.0))
    assert result.message == "What your function returns is not right.\nx = [[1., 2.],\n     [4., 3.]]\nsize = 2\nyours = [[9.]]"


def test_kinds_of_fault_in_their_order():
    def answer(value):
        return check("max_pool", lambda x, size: value(x, size)).message.splitlines()[0]

    assert "raised ZeroDivisionError in line" in answer(lambda x, size: 1 / 0)
    assert "shape (2, 2); it should have (1, 1)" in answer(lambda x, size: torch.zeros(2, 2))
    assert "NaN" in answer(lambda x, size: torch.full((x.shape[0] // size, x.shape[1] // size), torch.nan))
    assert "dtype is bool" in answer(lambda x, size: torch.ones(x.shape[0] // size, x.shape[1] // size).bool())


def test_prints_are_kept_short_and_shown_after(capsys):
    def max_pool(x, size):
        print("here")
        print("x" * 10_000)

    check("max_pool", max_pool)
    out = capsys.readouterr().out
    assert out.startswith("here\nxxx")
    assert out.endswith("…\n")
    assert len(out) < 2 * guard.PRINTED


def test_what_the_answer_changes_does_not_reach_later_calls():
    seen = []

    def max_pool(x, size):
        seen.append(x.clone())
        x.fill_(7)
        return x

    check("max_pool", max_pool)
    first = [x.clone() for x in seen]
    seen.clear()
    check("max_pool", max_pool)
    assert all(torch.equal(a, b) for a, b in zip(first, seen, strict=True))


def endless(x, size):
    while True:
        pass


def endless_printing(x, size):
    while True:
        print("on and on")


def catches_exceptions(x, size):
    while True:
        with contextlib.suppress(Exception):
            sum(range(100))


def catches_everything(x, size):
    while True:
        with contextlib.suppress(BaseException):
            sum(range(100))


def sleeps_briefly_for_ever(x, size):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


@pytest.fixture
def impatient(monkeypatch):
    assert module.LIMIT == 5
    monkeypatch.setattr(module, "LIMIT", 0.2)
    before = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread not in before and thread.daemon]


@pytest.mark.parametrize("answer", [endless, endless_printing, catches_exceptions, catches_everything, sleeps_briefly_for_ever])
def test_an_endless_loop_is_stopped(answer, impatient):
    result = check("max_pool", answer)
    assert result.message == "Stopped after 0.2 seconds. Is there a loop that never ends, or a wait?"
    assert not impatient()


def test_an_endless_loop_is_stopped_from_any_thread(impatient):
    results = []
    thread = threading.Thread(target=lambda: results.append(check("max_pool", endless)))
    thread.start()
    thread.join()
    assert results[0].message.startswith("Stopped after 0.2 seconds.")
    assert not impatient()


def test_a_wait_that_cannot_be_interrupted_is_left_behind(impatient, monkeypatch):
    monkeypatch.setattr(guard, "GRACE", 0.1)
    wait = threading.Event()
    result = check("max_pool", lambda x, size: wait.wait(60))
    assert "goes on in the background" in result.message
    assert len(impatient()) == 1
    wait.set()  # the thread finds the exception that waits for it
    for thread in impatient():
        thread.join()
    assert not impatient()


def test_stop_reaches_the_student_and_ends_the_answer(impatient, monkeypatch):
    join = threading.Thread.join

    def interrupted(thread, timeout=None):
        if timeout == 0.2:
            raise KeyboardInterrupt  # as Jupyter's stop button does while check waits
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        check("max_pool", endless)
    assert not impatient()


def test_two_exercises_of_one_name_are_refused():
    judges()
    with pytest.raises(ValueError, match="two exercises called 'max_pool'"):

        @exercise(lambda generator: [])
        def max_pool(x):
            """Say nothing."""


@pytest.mark.parametrize(("state", "symbol"), [("todo", "○"), ("not yet", "✗"), ("correct", "✓")])
def test_html_is_read_aloud_and_knows_both_themes(state, symbol):
    html = Result("max_pool", state, "1 < 2\nx = <b>")._repr_html_()
    assert html.startswith('<div role="status"')
    assert f'<span aria-hidden="true">{symbol}</span> <b>max_pool: {state}.</b> 1 &lt; 2<pre' in html
    assert "x = &lt;b&gt;</pre>" in html
    assert all(re.fullmatch(r"var\(--jp-[\w-]+, (#\w{6}|inherit)\)", var) for var in re.findall(r"var\([^)]*\)", html))
    assert len(re.findall(r"var\(", html)) == 2


def test_in_a_notebook_exit_ends_the_answer_and_not_the_kernel():
    cells = [
        "from helpers.check import check",
        "def max_pool(x, size):\n    exit()",
        'check("max_pool", max_pool)',
        "def max_pool(x, size):\n    print(size)\n    quit()",
        'check("max_pool", max_pool)',
        'check("max_pool", None)',
    ]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    results = [cell.outputs[-1].data["text/plain"] for cell in notebook.cells[2::2] + notebook.cells[5:]]
    ended = "[not yet] max_pool: Your answer ended in SystemExit. It should return its result, and nothing more."
    assert results == [ended, ended, "[todo] max_pool: Not attempted yet."]
    assert notebook.cells[4].outputs[0].text == "2\n"
