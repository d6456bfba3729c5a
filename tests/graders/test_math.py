from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from evalbench.core.completion import Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.score import Score
from evalbench.errors import MissingExtraError
from evalbench.graders.math import Math, conclusion, plain_value
from tests.build import make_item, make_task

needs_library = pytest.mark.skipif(
    find_spec("math_verify") is None, reason="comparing formulas needs the extra `math`"
)


class WithoutLibrary(Math):
    """The grader as it is where the extra is not installed."""

    def __init__(self) -> None:
        super().__init__({}, make_task())
        self._library = None


def graded(answer: str, target: JsonValue, grader: Math | None = None) -> Score:
    score = (grader or Math({}, make_task())).grade(answer, make_item(target=target))
    assert isinstance(score, Score)
    return score


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        ("so it is 0.5", "1/2"),
        ("\\boxed{\\frac{2}{4}}", "0.5"),
        ("First 3 + 4 = 7.\n#### 20", "20"),
        ("The answer is **$20.00**.", "20"),
        ("We get \\(\\boxed{1{,}000}\\) and not 12.", "1000"),
        ("about 2 dozen, so 24 eggs", ["12", "24"]),
        ("\\boxed{18\\text{ apples}}", "18"),
    ],
)
def test_numbers_are_compared_by_value_without_the_extra(answer: str, target: JsonValue) -> None:
    assert graded(answer, target, WithoutLibrary()).value == 1.0


@pytest.mark.parametrize(
    ("answer", "target"),
    [("so it is 0.51", "1/2"), ("\\boxed{7} or 20", "20"), ("The answer is 3. It took 20 s.", "20")],
)
def test_another_value_is_wrong(answer: str, target: str) -> None:
    score = graded(answer, target)

    assert (score.value, score.is_valid) == (0.0, True)


@needs_library
@pytest.mark.parametrize(
    ("answer", "target"),
    [
        ("It is $\\sqrt{12}$.", "2\\sqrt{3}"),
        ("\\boxed{(x+1)^2}", "x^2+2x+1"),
        ("\\boxed{\\{2, 1\\}}", "\\{1, 2\\}"),
        ("\\boxed{\\sqrt{25}}", "5"),
    ],
)
def test_formulas_are_compared_by_what_they_are_worth(answer: str, target: str) -> None:
    assert graded(answer, target).value == 1.0


@needs_library
@pytest.mark.parametrize(
    ("answer", "target"), [("\\boxed{5\\sqrt{2}}", "5"), ("x = 5\\sqrt{2}", "2"), ("\\boxed{x^2}", "2")]
)
def test_a_number_inside_a_formula_is_not_its_value(answer: str, target: str) -> None:
    assert graded(answer, target).value == 0.0


def test_without_the_extra_a_formula_is_not_graded_instead_of_wrong() -> None:
    grade = WithoutLibrary().grade("\\boxed{\\sqrt{25}}", make_item(target="5"))

    assert isinstance(grade, Failure)
    assert "evalbench-cli[math]" in grade.message


def test_without_the_extra_a_target_that_is_a_formula_stops_the_command() -> None:
    with pytest.raises(MissingExtraError, match="is a formula") as caught:
        WithoutLibrary().check([make_item(target="2\\sqrt{3}")])

    assert caught.value.fix == 'pip install "evalbench-cli[math]"'


@needs_library
def test_a_target_that_is_no_formula_is_a_problem() -> None:
    found = Math({}, make_task()).check([make_item("a", target="2\\sqrt{3}"), make_item("b", target="~~~")])

    assert [problem.item_id for problem in found] == ["b"]


@needs_library
def test_a_comparison_that_takes_too_long_is_not_graded_and_the_next_one_is() -> None:
    impatient = Math({"timeout_s": 0.001}, make_task())

    late = impatient.grade("\\boxed{\\sqrt{12345}}", make_item(target="5"))

    assert isinstance(late, Failure)
    assert late.kind == "worker_timeout"
    assert graded("\\boxed{\\sqrt{25}}", "5").value == 1.0


@needs_library
def test_the_signature_says_which_library_compared() -> None:
    assert Math({}, make_task()).signature.startswith("math@1+math-verify-")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("\\boxed{\\frac{1}{2}} at last", "\\frac{1}{2}"),
        ("#### 12", "12"),
        ("The answer is 3 + 4 = 7.", "7"),
        ("no conclusion", None),
        ("\\boxed{never closed", None),
    ],
)
def test_the_conclusion_is_what_is_marked(answer: str, expected: str | None) -> None:
    assert conclusion(answer) == expected


@pytest.mark.parametrize("text", ["x", "2x^2", "\\sqrt{4}", "3 or 4", "", "(1, 2)"])
def test_what_is_more_than_a_number_has_no_plain_value(text: str) -> None:
    assert plain_value(text) is None


MARKED_WRONG_BUT_RIGHT = """
0044g 0058g 0137g 0151g 0152g 0195g 0227g 0256g 0258g 0261g 0272g 0358g 0405g 0430g 0438g 0466g 0506g
0507g 0542g 0542m 0567g 0574g 0584g 0615g 0615m 0689g 0698g 0710g 0717g 0792g 0827g 0831g 0832g 0856m
0872g 0873g 0948g 1001m 1083g 1102g 1139g 1159m 1193g 1218m 1223g 1238g 1241g 1298g
"""
MARKED_RIGHT_BUT_WRONG = "0164m 0191m 0460m 1241m 1269m"
"""Items, with the first letter of the model, where the file's own score is not that of the value."""


def test_recorded_answers_to_word_problems_are_graded_by_value(data: Path) -> None:
    path = data / "recordings" / "gsm8k.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    scores = [graded(row["output"], row["target"]).value for row in rows]

    right: Counter[str] = Counter()
    differing: dict[float, set[str]] = {0.0: set(), 1.0: set()}
    for row, score in zip(rows, scores, strict=True):
        model = row["model"].rpartition("/")[2][0].lower()
        right[model] += int(score)
        if score != row["score"]:
            differing[row["score"]].add(f"{row['item_id'].removeprefix('gsm8k-')}{model}")
    assert right == {"g": 1172, "m": 843}  # of 1,319 each: 88.86 % and 63.91 %
    assert differing[0.0] == set(MARKED_WRONG_BUT_RIGHT.split())
    assert differing[1.0] == set(MARKED_RIGHT_BUT_WRONG.split())
