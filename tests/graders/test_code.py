from __future__ import annotations

from typing import Any

import pytest

from evalbench.core.completion import Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.score import Grade
from evalbench.graders.code import Code
from evalbench.graders.program import Limits, Outcome, Program
from evalbench.graders.sandbox import Found, first_usable, usable_sandbox
from tests.build import make_item, make_task, score_of

NOWHERE = Found(None, ("bubblewrap is not installed",))
TESTS = "assert f(1) == 2\nassert f(2) == 3"
needs_sandbox = pytest.mark.skipif(
    usable_sandbox().sandbox is None, reason=f"no code is run: {usable_sandbox().words}"
)


class Told:
    """A sandbox that comes to what it is told, and keeps what it was given."""

    name = "told"

    def __init__(self, outcome: Outcome | Failure) -> None:
        self._outcome = outcome
        self.given: list[tuple[Program, Limits]] = []

    def run(self, program: Program, limits: Limits) -> Outcome | Failure:
        self.given.append((program, limits))
        return self._outcome


def graded(outcome: Outcome | Failure, target: JsonValue = TESTS, **options: Any) -> Grade:
    grader = Code(options, make_task(), Found(Told(outcome)))
    return grader.grade("def f(x): return x + 1", make_item(target=target))


def test_only_code_that_passes_all_tests_is_right() -> None:
    assert score_of(graded(Outcome(2, 2))).value == 1.0
    assert score_of(graded(Outcome(1, 2))).value == 0.0


def test_the_share_of_tests_passed_is_the_score_where_that_is_asked_for() -> None:
    assert score_of(graded(Outcome(1, 4), score="share")).value == 0.25


def test_a_sandbox_that_fails_gives_no_score() -> None:
    failure = Failure("sandbox", "it broke")

    assert graded(failure) is failure


def test_without_a_sandbox_nothing_is_graded_and_that_is_said_before() -> None:
    grader = Code({}, make_task(), NOWHERE)

    grade = grader.grade("def f(x): return x + 1", make_item(target=TESTS))

    assert isinstance(grade, Failure)
    assert grade.kind == "sandbox"
    assert "bubblewrap is not installed" in (grader.objection() or "")
    assert Code({}, make_task(), Found(Told(Outcome(1, 1)))).objection() is None


def test_limits_are_options() -> None:
    sandbox = Told(Outcome(2, 2))
    grader = Code({"timeout_s": 3, "memory_mb": 64}, make_task(), Found(sandbox))

    grader.grade("def f(x): return x + 1", make_item(target=TESTS))

    ((_, limits),) = sandbox.given
    assert (limits.cpu_s, limits.memory_bytes) == (3, 64 << 20)


def test_the_entry_point_of_the_item_wins_over_the_option() -> None:
    sandbox = Told(Outcome(1, 1))
    grader = Code({"entry_point": "other"}, make_task(), Found(sandbox))
    item = make_item(target="def check(candidate): assert candidate(1)", fields={"entry_point": "mine"})

    grader.grade("def mine(x): return x", item)

    ((program, _),) = sandbox.given
    assert program.statements[-1].source == "check(mine)"


def test_an_answer_without_code_is_unreadable() -> None:
    score = score_of(Code({}, make_task(), Found(Told(Outcome(1, 1)))).grade(" ", make_item(target=TESTS)))

    assert (score.value, score.is_valid) == (0.0, False)


def test_targets_without_tests_are_problems() -> None:
    grader = Code({}, make_task(), NOWHERE)
    items = [
        make_item("good", target=TESTS),
        make_item("none", target=None),
        make_item("bad", target="x = 1"),
        make_item("name", target="def check(f): pass", fields={"entry_point": "no name"}),
    ]

    assert [problem.item_id for problem in grader.check(items)] == ["bad", "name"]


def test_the_signature_names_the_sandbox_since_another_python_may_judge_otherwise() -> None:
    assert Code({}, make_task(), Found(Told(Outcome(1, 1)))).signature == "code@1+told"


def test_the_first_sandbox_that_works_is_used_and_the_others_are_explained() -> None:
    told = Told(Outcome(1, 1))

    found = first_usable((lambda: "it is not there", lambda: told, lambda: "never looked at"))

    assert found == Found(told, ("it is not there",))
    assert first_usable((lambda: "a", lambda: "b")).words == "a; b"


@needs_sandbox
def test_code_is_run_for_real() -> None:
    grader = Code({"score": "share"}, make_task())
    item = make_item(target=TESTS)

    right = score_of(grader.grade("```python\ndef f(x):\n    return x + 1\n```", item))
    half = score_of(grader.grade("def f(x):\n    return 2", item))

    assert (right.value, half.value) == (1.0, 0.5)
    assert half.explanation.startswith("1 of 2 tests passed; AssertionError")


@needs_sandbox
def test_a_list_of_tests_is_a_target_too() -> None:
    item = make_item(target=["assert f(1) == 2", "assert f(2) == 3"])

    assert score_of(Code({}, make_task()).grade("def f(x): return x + 1", item)).value == 1.0
