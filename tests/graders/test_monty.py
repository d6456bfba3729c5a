from __future__ import annotations

import time

import pytest

from evalbench.core.completion import Failure
from evalbench.graders.monty import Monty
from evalbench.graders.program import Limits, Outcome, Program, Statement

FOUND = Monty.found()
pytestmark = pytest.mark.skipif(isinstance(FOUND, str), reason=f"no code is run: {FOUND}")
RIGHT = "def f(x):\n    return x + 1\n"
TESTS = (Statement("assert f(1) == 2", is_test=True), Statement("assert f(2) == 3", is_test=True))


def run(code: str, limits: Limits = Limits(cpu_s=1)) -> Outcome | Failure:  # noqa: B008 - frozen
    assert isinstance(FOUND, Monty)
    return FOUND.run(Program(code, TESTS), limits)


def test_small_functions_are_run() -> None:
    assert run(RIGHT) == Outcome(2, 2)


def test_wrong_code_fails_its_tests() -> None:
    assert run("def f(x):\n    return 2\n") == Outcome(1, 2, "AssertionError: ")


def test_what_is_no_python_fails_all_tests() -> None:
    outcome = run("def f(x) return 2")

    assert isinstance(outcome, Outcome)
    assert (outcome.passed, outcome.problem.partition(":")[0]) == (0, "SyntaxError")


@pytest.mark.parametrize(
    "code",
    [
        "def g():\n    yield 1\n",
        "import heapq\n",
        "import os\nos.listdir('/')\n",
        "open('/etc/passwd').read()\n",
        "{}.no_such_method()\n",
    ],
)
def test_what_it_does_not_support_is_not_graded(code: str) -> None:
    outcome = run(code + RIGHT)

    assert isinstance(outcome, Failure)
    assert outcome.kind == "unsupported"


@pytest.mark.parametrize("code", ["while True:\n    pass\n", "x = [0] * 10**9\n"])
def test_whoever_takes_too_much_time_or_memory_fails(code: str) -> None:
    started_s = time.monotonic()

    outcome = run(code, Limits(cpu_s=0.5, memory_bytes=50_000_000))

    assert isinstance(outcome, Outcome)
    assert outcome.passed == 0
    assert time.monotonic() - started_s < 20
