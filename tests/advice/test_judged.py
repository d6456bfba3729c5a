from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.advice.recommend import find
from evalbench.core.evalset import Criticality
from evalbench.core.recommendation import Outcome
from evalbench.core.run import TaskRun
from tests.build import make_task, make_task_run

COSTS = {"small": 0.001, "large": 0.01}
RIGHT = [1.0] * 300


def equal_run(grader: str, criticality: Criticality = Criticality.STANDARD) -> TaskRun:
    task = make_task(criticality=criticality, max_drop=0.05, allow_downgrade=True)
    run = make_task_run({"small": RIGHT, "large": RIGHT}, COSTS, task)
    return replace(run, grader=grader)


@pytest.mark.parametrize(
    ("grader", "outcome"),
    [
        ("label@1", Outcome.RECOMMENDED),
        ("judge@1+openai/gpt-5+prompt-1+rubric-0", Outcome.PROVISIONAL),
        ("all@1(judge@1+openai/gpt-5)", Outcome.PROVISIONAL),
    ],
)
def test_what_only_a_model_judged_is_at_most_likely(grader: str, outcome: Outcome) -> None:
    found = find(equal_run(grader)).recommendation

    assert (found.outcome, found.tier) == (outcome, "small")
    assert any("uncalibrated" in caveat for caveat in found.caveats) == (outcome is not Outcome.RECOMMENDED)


def test_more_items_are_not_asked_for_where_labels_are_what_lacks() -> None:
    found = find(equal_run("judge@1+m")).recommendation

    assert found.headline.startswith("LIKELY small")
    assert "no labels of people confirm them" in found.headline
    assert found.next_commands[0] == "evalbench report latest --open"


def test_a_critical_task_changes_nothing_on_a_judges_word() -> None:
    found = find(equal_run("judge@1+m", Criticality.CRITICAL)).recommendation

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, "large")
    assert "no labels of people" in found.headline


def test_a_tier_that_a_judge_finds_worse_is_not_recommended_either() -> None:
    worse = replace(make_task_run({"small": [0.0] * 300, "large": RIGHT}, COSTS), grader="judge@1+m")

    found = find(worse).recommendation

    assert (found.outcome, found.tier) == (Outcome.PROVISIONAL, "large")
