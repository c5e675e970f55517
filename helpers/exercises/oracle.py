"""Compare a student's function with an oracle, and say what is wrong by kind of mistake, never what would be right.

A known mistake is recognised by what it returns: an answer that agrees with it on every case gets its hint. Otherwise
the smallest input that goes wrong is shown, with what the student's function made of it.
"""

import inspect
from collections.abc import Callable, Iterable

import torch

from helpers.exercises import complaint
from helpers.exercises.trial import Trial, attempt, fits, size

Cases = Callable[[torch.Generator], Iterable[tuple]]
SEED = 0


class Oracle:
    """A function that is right, the cases to try, and the mistakes we expect."""

    def __init__(self, function: Callable, cases: Cases):
        self.function, self.cases = function, cases
        self.mistakes: list[Callable] = []

    def __call__(self, *args: object) -> object:
        return self.function(*args)

    def mistake(self, function: Callable) -> Callable:
        """Declare a mistake by a function that makes it; its docstring is the hint for whoever makes it too."""
        self.mistakes.append(function)
        return function

    def judge(self, answer: object) -> str | None:
        """What is wrong with a student's function, or None."""
        name, names = self.function.__name__, list(inspect.signature(self.function).parameters)
        if not callable(answer):
            return f'Hand in the function itself, not what it returns: check("{name}", {name}).'
        cases = list(self.cases(torch.Generator().manual_seed(SEED)))
        if unfit := complaint.of_signature(answer, names, cases):
            return unfit
        trials = [attempt(answer, args, self.function(*args)) for args in cases]
        if wrong := [trial for trial in trials if not trial.ok]:
            known = (hint(mistake) for mistake in self.mistakes if _made(mistake, trials))
            return next(known, None) or complaint.of_trial(min(wrong, key=size), names)
        if any(trial.changed for trial in trials):
            return "The values are right, but your function changes its input, which the caller still needs: copy it."
        return None


def hint(mistake: Callable) -> str:
    """What to say to whoever makes a mistake."""
    return " ".join(mistake.__doc__.split())


def _made(mistake: Callable, trials: list[Trial]) -> bool:
    # Where the mistake has no result of its own (a shape that cannot be), a student's version of it may have any.
    pairs = [(trial, attempt(mistake, trial.args, trial.right)) for trial in trials]
    told = [(trial, other) for trial, other in pairs if other.parts is not None]
    return all(fits(trial.parts, other.parts) for trial, other in told) and not all(other.ok for _, other in told)
