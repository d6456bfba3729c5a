from __future__ import annotations

import time

import pytest

from evalbench.errors import InputError
from evalbench.graders.label import Label
from tests.build import make_item, make_task

TASK = make_task(labels=("billing", "bug", "other"))


@pytest.mark.parametrize(
    "answer",
    [
        "bug",
        "Bug.",
        " BUG\n",
        '"bug"',
        "**bug**",
        "Label: bug",
        "category: Bug.",
        "**Label:** bug",
        "The answer is bug.",
        "```\nbug\n```",
        '```json\n{"label": "bug"}\n```',
        '{"label": "bug"}',
        '{"anything": "Bug"}',
        "'bug'",
        "bug)",
        "(bug)",
        "Bug (",
    ],
)
def test_an_answer_that_names_the_label_is_read_as_the_task_writes_it(answer: str) -> None:
    grader = Label({}, TASK)

    score = grader.grade(answer, make_item(target="bug"))

    assert (score.value, score.reading, score.is_valid) == (1.0, "bug", True)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I think it is a bug",
        "bugs",
        "bug, other",
        '{"label": "bug", "sure": true}',
        '{"l": "bug", "l": "other"}',
    ],
)
def test_an_answer_that_names_no_label_is_unreadable(answer: str) -> None:
    grader = Label({}, TASK)

    score = grader.grade(answer, make_item(target="bug"))

    assert (score.value, score.reading, score.is_valid) == (0.0, None, False)
    assert "none of the labels" in score.explanation


def test_an_answer_far_too_long_for_a_label_is_unreadable_at_once() -> None:
    # Spelling such answers plainly took a second each.
    started_s = time.process_time()
    answers = ["thé “order” " * 75_000, '"' * 900_000, "**" * 450_000, "<a " * 300_000, f"{' ' * 900_000}bug"]

    scores = [Label({}, TASK).grade(answer, make_item(target="bug")) for answer in answers]

    assert time.process_time() - started_s < 0.25
    assert [score.is_valid for score in scores] == [False] * 4 + [True]
    assert scores[1].explanation == "the answer has 900,000 characters; over 10,000 are no label"


@pytest.mark.parametrize("label", ["NA", "null", "007", "1.0", "no", "NaN", "true", "None", ""])
def test_labels_that_look_like_values_are_ordinary(label: str) -> None:
    grader = Label({}, make_task(labels=(label, "7", "1", "yes")))

    score = grader.grade(label, make_item(target=label))

    assert (score.value, score.reading) == (1.0, label)


@pytest.mark.parametrize(
    ("answer", "reading"), [('{"label": 1.0}', "1.0"), ('{"label": null}', "null"), ("1", None)]
)
def test_a_json_value_is_read_as_it_is_written(answer: str, reading: str | None) -> None:
    grader = Label({}, make_task(labels=("1.0", "null", "007")))

    score = grader.grade(answer, make_item(target="1.0"))

    assert score.reading == reading


@pytest.mark.parametrize(("answer", "reading"), [("us", "us"), ("US", "US"), ("**US**.", "US"), ("Us", None)])
def test_labels_that_differ_only_by_case_are_told_apart(answer: str, reading: str | None) -> None:
    grader = Label({}, make_task(labels=("us", "US", "other")))

    score = grader.grade(answer, make_item(target="us"))

    assert score.reading == reading


def test_the_counts_are_right_extra_and_missing_by_class() -> None:
    grader = Label({}, TASK)
    item = make_item(target="bug")

    right, wrong, unreadable = (
        grader.grade(answer, item).statistics for answer in ("bug", "other", "who knows")
    )

    assert list(right) == [0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert list(wrong) == [0, 0, 0, 0, 0, 1, 0, 1, 0]
    assert list(unreadable) == [0, 0, 0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("answer", ["It is clearly a BUG, I am sure.", "the bug; this bug"])
def test_find_reads_the_one_label_a_longer_answer_mentions(answer: str) -> None:
    grader = Label({"find": True}, TASK)

    score = grader.grade(answer, make_item(target="bug"))

    assert (score.value, score.reading) == (1.0, "bug")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("billing or bug", "mentions several labels"),
        ("bugs, debug", "mentions none"),
        ("x" * 200_000, "too long"),
    ],
)
def test_find_refuses_several_labels_or_none(answer: str, reason: str) -> None:
    grader = Label({"find": True}, TASK)

    score = grader.grade(answer, make_item(target="bug"))

    assert not score.is_valid
    assert reason in score.explanation


def test_find_prefers_the_longer_of_two_labels_that_overlap() -> None:
    grader = Label({"find": True}, make_task(labels=("spam", "not spam")))

    score = grader.grade("This is not spam at all", make_item(target="not spam"))

    assert score.reading == "not spam"


def test_a_list_of_targets_accepts_any_of_them() -> None:
    grader = Label({}, TASK)

    score = grader.grade("other", make_item(target=["bug", "other"]))

    assert score.value == 1.0
    assert score.statistics == (0, 0, 0, 0, 0, 0, 1, 0, 0)


def test_a_target_outside_the_labels_is_a_problem() -> None:
    grader = Label({}, TASK)

    problems = grader.check(
        [make_item("a", target="bug"), make_item("b", target="Bug"), make_item("c", target=None)]
    )

    assert [problem.item_id for problem in problems] == ["b"]
    assert '"Bug" is not among the labels' in problems[0].message


def test_a_task_without_labels_is_refused() -> None:
    with pytest.raises(InputError, match="'demo' has no labels") as caught:
        Label({}, make_task())

    assert "labels:" in caught.value.fix
