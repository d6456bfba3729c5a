from __future__ import annotations

from typing import Any

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.core.score import Score
from evalbench.errors import InputError
from evalbench.graders.labels import Labels
from tests.build import make_item, make_task

LABELS = ("billing", "bug", "how to, and why", "C", "c")


def grade(answer: str, target: JsonValue, **options: Any) -> Score:
    return Labels(options, make_task(labels=LABELS)).grade(answer, make_item(target=target))


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "bug, billing",
            "Billing; BUG",
            "- bug\n- billing",
            "1. billing\n2. bug",
            "Labels: bug, billing",
            "[bug, billing]",
        ),
        *(
            '["billing", "bug"]',
            '{"labels": ["bug", "billing"]}',
            '```json\n["bug", "billing"]\n```',
            "**Categories:** bug, billing, bug",
        ),
    ],
)
def test_all_labels_in_any_order_and_form_are_right(answer: str) -> None:
    score = grade(answer, ["bug", "billing"])

    assert (score.value, score.reading, score.explanation) == (1.0, "billing, bug", "")


def test_f1_counts_what_is_missing_and_what_is_extra() -> None:
    score = grade("bug, C", ["bug", "billing"])

    assert score.value == 0.5
    assert score.explanation == "missing billing; extra C"
    assert score.statistics == (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)


def test_the_whole_set_can_be_asked_for() -> None:
    assert grade("bug", ["bug", "billing"], score="all").value == 0.0
    assert grade("billing, bug", ["bug", "billing"], score="all").value == 1.0


@pytest.mark.parametrize("answer", ["none", "[]", "None.", "Labels: none"])
def test_no_label_is_an_answer(answer: str) -> None:
    assert grade(answer, []).value == 1.0
    assert grade(answer, ["bug"]).value == 0.0
    assert grade(answer, ["bug"]).is_valid


@pytest.mark.parametrize(
    "answer", ["bug, crash", "I think it is a bug", "", ", ,", "7", '["bug", 3]', '{"a": 1, "b": 2}']
)
def test_a_word_that_is_no_label_makes_it_unreadable(answer: str) -> None:
    score = grade(answer, ["bug"])

    assert (score.value, score.is_valid) == (0.0, False)
    assert score.statistics[3:6] == (0.0, 0.0, 1.0)


def test_a_label_with_a_comma_can_be_named() -> None:
    assert grade("how to, and why", ["how to, and why"]).value == 1.0
    assert grade('["how to, and why", "bug"]', ["bug", "how to, and why"]).value == 1.0


def test_case_counts_where_labels_differ_by_nothing_else() -> None:
    assert grade("c", "c").value == 1.0
    assert grade("C", "c").value == 0.0


def test_targets_that_are_made_of_other_labels_are_problems() -> None:
    items = [make_item("1", target=["bug", "crash"]), make_item("2", target=[]), make_item("3", target="bug")]

    problems = Labels({}, make_task(labels=LABELS)).check(items)

    assert [problem.item_id for problem in problems] == ["1"]


def test_labels_are_needed() -> None:
    with pytest.raises(InputError, match="has no labels"):
        Labels({}, make_task())
