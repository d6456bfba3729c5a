from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.graders.reformat import Reformat, guessed_format
from tests.build import make_item, make_task

PLAIN = Path(__file__).parents[3] / "shared/data/plain"


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ({"a": [1, 0.5]}, '```json\n{"a": [1.0, 0.50]}\n```'),
        ('{"b": 1, "a": 2}', '{"a": 2, "b": 1}'),
        ("a,b\n1,2", '"a","b"\r\n"1","2"\r\n'),
        ("a: [x]\nb: 1", "b: 1.0\na:\n- x\n"),
        ("<p>a</p>", "<p>\n  a\n</p>"),
        ("# A\n\n- b", "A\n=\n\n* b"),
    ],
)
def test_an_answer_that_says_the_same_is_right_in_every_format(target: JsonValue, answer: str) -> None:
    grader = Reformat({}, make_task())

    score = grader.grade(answer, make_item(target=target))

    assert (score.value, score.is_valid, score.explanation) == (1.0, True, "")


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ([1, 2], "[2, 1]"),
        ({"a": "X"}, '{"a": "x"}'),
        ({"a": "1"}, '{"a": 1}'),
        ("a,b\n1,2", "a,b\n1,3"),
        ("<p>a</p>", "<p>b</p>"),
    ],
)
def test_an_answer_that_says_something_else_is_wrong(target: JsonValue, answer: str) -> None:
    grader = Reformat({}, make_task())

    score = grader.grade(answer, make_item(target=target))

    assert (score.value, score.is_valid) == (0.0, True)
    assert "of the parts agree" in score.explanation


def test_a_partly_right_answer_earns_its_share_when_asked() -> None:
    grader = Reformat({"score": "partial"}, make_task())

    score = grader.grade('{"a": 1, "b": 3}', make_item(target={"a": 1, "b": 2}))

    assert score.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(("order", "value"), [("keep", 0.0), ("ignore", 1.0)])
def test_the_order_of_columns_may_be_ignored(order: str, value: float) -> None:
    grader = Reformat({"header_order": order}, make_task())

    score = grader.grade("b,a\n2,1", make_item(target="a,b\n1,2"))

    assert score.value == value


@pytest.mark.parametrize("answer", ["Sure!\n{}", "", "{'a': 1}", '{"a": 1'])
def test_nothing_is_repaired(answer: str) -> None:
    grader = Reformat({"format": "json"}, make_task())

    score = grader.grade(answer, make_item(target={}))

    assert (score.value, score.is_valid) == (0.0, False)


def test_a_fence_belongs_to_a_target_that_has_one() -> None:
    grader = Reformat({"format": "markdown"}, make_task())
    item = make_item(target="```py\nx\n```")

    assert grader.grade("```py\nx\n```", item).value == 1.0
    assert grader.grade("x", item).value == 0.0


def test_markup_much_longer_than_the_target_is_not_even_parsed() -> None:
    grader = Reformat({"format": "html"}, make_task())

    score = grader.grade("<p>a</p>" * 10_000, make_item(target="<p>a</p>"))

    assert "is longer than" in score.explanation
    assert not score.is_valid


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"a": 1}, "json"),
        ([], "json"),
        ('  [{"a": 1}]', "json"),
        ("<p>x</p>", "html"),
        ("---\na", "yaml"),
        ("name: x\nage: 3", "yaml"),
        ("- name: x\n- name: y", "yaml"),
        ("a,b\n1,2", "csv"),
        ("# Title", "markdown"),
        ("1. one\n2. two", "markdown"),
        ("[a](b)", "markdown"),
        ("just words, and more", None),
        ("", None),
    ],
)
def test_the_format_is_guessed_from_the_target(target: JsonValue, expected: str | None) -> None:
    assert guessed_format(target) == expected


def test_targets_that_show_no_format_or_break_it_are_problems() -> None:
    guessing, told = Reformat({}, make_task()), Reformat({"format": "csv"}, make_task())
    items = [make_item("plain", target="just words"), make_item("none", target=None)]

    problems = guessing.check(items)

    assert [problem.item_id for problem in problems] == ["plain"]
    assert "give the option `format`" in problems[0].message
    assert "as the format csv needs" in told.check([make_item(target=["a"])])[0].message


@pytest.mark.skipif(not PLAIN.exists(), reason="the reformatting sets are not here")
@pytest.mark.parametrize(("name", "form"), [("markdown-to-html", "html"), ("csv-to-json", "json")])
def test_every_target_of_a_real_set_is_right_as_an_answer_to_itself(name: str, form: str) -> None:
    grader = Reformat({"format": form}, make_task())
    lines = (PLAIN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    targets = [json.loads(line)["target"] for line in lines]

    wrong = [
        target for target in targets if grader.grade(_as_answer(target), make_item(target=target)).value < 1
    ]

    assert wrong == []


def _as_answer(target: JsonValue) -> str:
    return target if isinstance(target, str) else json.dumps(target)
