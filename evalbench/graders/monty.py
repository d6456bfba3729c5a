"""Run small functions in pydantic-monty, a Python of its own that knows no files and no network."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from evalbench.core.completion import Failure
from evalbench.graders.program import Limits, Outcome, Program, Statement

_WRONG = (
    "ArithmeticError AssertionError IndexError KeyError MemoryError OverflowError RecursionError "
    "SyntaxError TimeoutError UnboundLocalError ValueError ZeroDivisionError"
)
"""Errors that are the code's own. All others may come from what this Python lacks."""

_PROBE = Program("def f(x):\n    return x + 1", (Statement("assert f(1) == 2", is_test=True),))
_ENDS_ALL = frozenset({"MemoryError", "SyntaxError", "TimeoutError"})


@dataclass(frozen=True, slots=True)
class Monty:
    """A sandbox for functions that compute: it lacks generators and most of the standard library.

    Whatever it does not support is not graded, so that its gaps never look like wrong answers.
    """

    name: str

    @classmethod
    def found(cls) -> Monty | str:
        """The sandbox where its package is installed, tried out; or why it cannot be used here."""
        if find_spec("pydantic_monty") is None:
            return "pydantic-monty is not installed"
        try:
            version = import_module("pydantic_monty").__version__
        except ImportError as error:
            return f"pydantic-monty cannot be loaded: {error}"
        tried = cls(f"monty {version}")
        found = tried.run(_PROBE, Limits(cpu_s=5))
        if found == Outcome(1, 1):
            return tried
        return f"pydantic-monty {version} does not work here: {found}"

    def run(self, program: Program, limits: Limits) -> Outcome | Failure:
        """What the tests came to; a Failure where this Python lacks what the code uses."""
        monty: Any = import_module("pydantic_monty")
        bounds = {"max_feed_duration_secs": limits.cpu_s, "max_memory": limits.memory_bytes}
        try:
            with (
                monty.Monty(request_timeout=limits.wall_s) as pool,
                pool.checkout(limits=bounds, assert_message_annotations=False) as session,
            ):
                return _run(session, program, monty.MontyError)
        except (OSError, RuntimeError, monty.MontyError) as error:
            return Failure("sandbox", f"monty failed: {error}"[:300], retryable=True)


def _run(session: Any, program: Program, errors: type[Exception]) -> Outcome | Failure:
    passed, first = 0, ""
    steps = [(program.code, False), *((each.source, each.is_test) for each in program.statements)]
    for source, is_test in steps:
        problem = _problem(session, source, errors)
        if isinstance(problem, Failure):
            return problem
        first = first or problem
        if problem.partition(":")[0] in _ENDS_ALL:
            break  # There is nothing left that a test could be run against.
        passed += is_test and not problem
    return Outcome(passed, program.tests, first)


def _problem(session: Any, source: str, errors: type[Exception]) -> str | Failure:
    try:
        session.feed_run(source, print_callback=_say_nothing)
    except errors as error:
        inner = error.exception()  # type: ignore[attr-defined]  # of a class that is loaded late
        name = type(inner).__name__
        words = f"{name}: {inner}".split("\n", maxsplit=1)[0][:300]
        if name in _WRONG.split():
            return words
        return Failure("unsupported", f"this sandbox cannot tell ({words}); bubblewrap could")
    return ""


def _say_nothing(*printed: object) -> None:
    del printed
