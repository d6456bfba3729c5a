"""Answers that were given and could not be graded, in a run that may stop early."""

from __future__ import annotations

import pytest

from evalbench.core.comparison import Verdict
from evalbench.core.completion import Completion
from evalbench.core.evalset import GraderSpec
from evalbench.core.models import Model
from evalbench.graders.asking import Assessor
from evalbench.graders.judge import Judge
from tests.assembly.watched import Watched, watched
from tests.build import make_item, make_task

RUBRIC = {"rubric": "It is kind."}


def told(scores: tuple[float, float], ungraded: int, kind: str = "judge") -> Watched:
    """A task of 400 items, every so many of which nobody could grade for small."""
    found = watched(400)
    for number, place in enumerate(found.order):
        why = kind if number % ungraded == 0 else None
        if 0 not in found.settled:
            found.tell(0, place, scores[0], ungraded=why)
        if 1 not in found.settled:
            found.tell(1, place, scores[1])
    return found


def test_what_could_not_be_graded_speaks_against_a_tier_that_looks_good_enough() -> None:
    found = told((1.0, 1.0), ungraded=10)

    assert found.settled == frozenset()
    assert found.decide().candidates[0].verdict is Verdict.UNKNOWN


def test_what_could_not_be_graded_speaks_for_a_tier_that_looks_hopeless() -> None:
    graded, ungraded = told((0.7, 1.0), ungraded=1000), told((0.7, 1.0), ungraded=4)

    assert len(graded.trials) < len(ungraded.trials)


@pytest.mark.parametrize("kind", ["judge", "over_budget", "interrupted"])
def test_an_answer_whose_judge_was_not_asked_was_asked_for_all_the_same(kind: str) -> None:
    found = told((0.0, 1.0), ungraded=20, kind=kind)

    decision = found.decide()

    assert found.settled_tiers == {"small", "large"}
    assert decision.candidates[0].verdict is Verdict.NOT_GOOD_ENOUGH


def test_items_that_a_judge_scores_without_a_target_are_bet_on() -> None:
    judge = Judge(RUBRIC, make_task(), Assessor(Model("scripted/judge"), lambda _: Completion("")))
    items = [make_item(f"i{number}", target=None) for number in range(200)]
    found = watched(items, graded_by=judge, grader=GraderSpec("judge", RUBRIC))

    count = found.tell_all({"small": [0.0] * 200, "large": [1.0] * 200})

    assert count == 20
    assert found.decide().candidates[0].verdict is Verdict.NOT_GOOD_ENOUGH
