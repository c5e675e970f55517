"""Check an exercise: `check("max_pool", max_pool)` says whether it is right, and if not, what kind of mistake it is.

Whatever is handed in, `check` comes back with a Result and raises nothing. No message holds the answer. The exercises
stand in helpers/exercises, each with the concept it belongs to. Notebook: every lecture.
"""

import dis
import html
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from types import CodeType, FunctionType

from helpers.exercises import judges
from helpers.exercises.guard import Outcome, guarded

LIMIT = 5.0  # seconds an answer may take
TODO, NOT_YET, CORRECT = "todo", "not yet", "correct"
LOOKS = {  # symbol, and the colour of JupyterLab's theme with one for elsewhere
    TODO: ("○", "var(--jp-ui-font-color2, #767676)"),
    NOT_YET: ("✗", "var(--jp-warn-color1, #c25e00)"),
    CORRECT: ("✓", "var(--jp-success-color1, #2e7d32)"),
}
BOX = "border-left: 5px solid {}; padding: 0.4em 0.9em; color: var(--jp-content-font-color1, inherit);"
PRE = "margin: 0.4em 0 0; color: inherit; background: none; overflow-x: auto;"


@dataclass(frozen=True)
class Result:
    """What `check` found: the exercise, its state ("todo", "not yet" or "correct") and why."""

    name: str
    state: str
    message: str

    @property
    def ok(self) -> bool:
        """Tell whether the answer is right."""
        return self.state == CORRECT

    def __repr__(self) -> str:
        return f"[{self.state}] {self.name}: {self.message}"

    def _repr_html_(self) -> str:
        symbol, colour = LOOKS[self.state]
        headline, _, details = (html.escape(part) for part in self.message.partition("\n"))
        more = f'<pre style="{PRE}">{details}</pre>' if details else ""
        return (
            f'<div role="status" style="{BOX.format(colour)}"><span aria-hidden="true">{symbol}</span> '
            f"<b>{html.escape(self.name)}: {self.state}.</b> {headline}{more}</div>"
        )


def check(name: object, answer: object) -> Result:
    """Compare an answer with the exercise of this name, on fixed and on random inputs, in at most five seconds.

    >>> def decibels(power):
    ...     return None
    >>> check("decibels", decibels)
    [todo] decibels: Not attempted yet.
    >>> check("decibel", decibels)
    [not yet] decibel: There is no exercise of this name. Did you mean "decibels"?
    """
    if not isinstance(name, str):
        return Result("check", NOT_YET, 'First the name of the exercise, in quotes: check("max_pool", max_pool).')
    if name not in judges():
        return Result(name, NOT_YET, _unknown(name))
    if answer is None or _is_stub(answer):
        return Result(name, TODO, "Not attempted yet.")
    namespace = answer.__globals__ if type(answer) is FunctionType else {}
    outcome = guarded(lambda: judges()[name](answer), LIMIT, namespace)
    sys.stdout.write(outcome.printed)
    problem = _problem(outcome)
    return Result(name, NOT_YET, problem) if problem else Result(name, CORRECT, "Right on everything that was tried.")


def _unknown(name: str) -> str:
    close = get_close_matches(name, judges(), n=3, cutoff=0.5)
    names = " or ".join(f'"{match}"' for match in close)
    return f"There is no exercise of this name. {f'Did you mean {names}?' if close else f'There are {_all()}.'}"


def _all() -> str:
    return ", ".join(sorted(judges()))


def _problem(outcome: Outcome) -> str | None:
    if outcome.late:
        left = " It goes on in the background, out of reach; restart the kernel." if outcome.left else ""
        return f"Stopped after {LIMIT:g} seconds. Is there a loop that never ends, or a wait?{left}"
    if isinstance(outcome.error, Exception):
        return f"The checker could make nothing of your answer ({type(outcome.error).__name__}). Is it what was asked for?"
    if outcome.error:
        return f"Your answer ended in {type(outcome.error).__name__}. It should return its result, and nothing more."
    return outcome.value


def _is_stub(answer: object) -> bool:
    return type(answer) is FunctionType and _steps(answer.__code__) == STUB


def _steps(code: CodeType) -> list[tuple]:
    return [(step.opname, step.argval) for step in dis.get_instructions(code) if step.opname != "NOP"]


STUB = _steps((lambda: None).__code__)
