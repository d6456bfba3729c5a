from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import GraderSpec, Item, JsonValue
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.core.score import Grade, Grader, Problem, is_quick, needs_target, objection_of
from evalbench.errors import InputError, UnknownNameError
from evalbench.graders.asking import Assessor
from evalbench.graders.combination import Combination, Part
from evalbench.graders.factory import make_grader
from tests.build import make_item, make_task, score_of

EXACT: JsonValue = {"name": "exact", "options": {}}
SHORT: JsonValue = {"name": "length", "options": {"max_words": 2}}
JSON: JsonValue = {"name": "json_schema", "options": {"schema": {}}}
FUZZY: JsonValue = {"name": "fuzzy", "options": {}}


def combined(kind: str, *parts: JsonValue, **options: JsonValue) -> Grader:
    return make_grader(GraderSpec(kind, {"graders": list(parts), **options}), make_task(), Path())


def weighing(part: JsonValue, weight: float) -> JsonValue:
    return {**part, "weight": weight}


@pytest.mark.parametrize(
    ("answer", "every", "one"),
    [("yes", 1.0, 1.0), ("yes yes yes", 0.0, 0.0), ("no", 0.0, 1.0)],
)
def test_all_asks_for_every_part_and_any_for_one(answer: str, every: float, one: float) -> None:
    item = make_item(target="yes")

    assert score_of(combined("all", EXACT, SHORT).grade(answer, item)).value == every
    assert score_of(combined("any", EXACT, SHORT).grade(answer, item)).value == one


def test_the_parts_that_fail_are_named_with_their_reasons() -> None:
    score = score_of(combined("all", EXACT, SHORT).grade("no no no", make_item(target="yes")))

    assert score.explanation == 'exact 0: expected "yes"; length 0: 3 words, at most 2 allowed'
    assert score.reading == "exact: no no no; length: 3 words"


def test_graded_parts_give_the_worst_and_the_best() -> None:
    item = make_item(target="color")

    assert score_of(combined("all", FUZZY, SHORT).grade("colour", item)).value == pytest.approx(10 / 11)
    assert score_of(combined("any", FUZZY, EXACT).grade("colour", item)).value == pytest.approx(10 / 11)


def test_weights_make_a_mean() -> None:
    grader = combined("weighted", weighing(EXACT, 3), weighing(SHORT, 1))
    item = make_item(target="yes")

    assert [score_of(grader.grade(answer, item)).value for answer in ("yes", "no", "no no no")] == [
        1.0,
        0.25,
        0.0,
    ]


def test_what_one_part_cannot_read_is_unreadable_only_where_all_must_hold() -> None:
    item = make_item(target="yes")

    assert not score_of(combined("all", EXACT, JSON).grade("yes", item)).is_valid
    assert score_of(combined("any", EXACT, JSON).grade("yes", item)).value == 1.0
    half = score_of(combined("weighted", EXACT, JSON).grade("yes", item))
    assert (half.value, half.is_valid) == (0.5, True)
    assert not score_of(combined("any", JSON, JSON).grade("yes", item)).is_valid


def test_combinations_nest_and_so_do_their_signatures() -> None:
    inner = {"name": "any", "options": {"graders": [EXACT, JSON]}}
    grader = combined("all", inner, SHORT, accept_truncated=True)

    assert grader.signature == (
        "all@1(accept_truncated=true)[any@1[exact@1,json_schema@1(schema={})],length@1(max_words=2)]"
    )
    assert grader.accepts_truncated
    assert score_of(grader.grade("yes", make_item(target="yes"))).value == 1.0
    assert combined("weighted", weighing(EXACT, 2)).signature == "weighted@1[2*exact@1]"


def test_a_target_is_hopeless_for_all_when_one_part_refuses_it_and_for_any_when_every_part_does() -> None:
    number: JsonValue = {"name": "numeric", "options": {}}
    items = [make_item("1", target="yes"), make_item("2", target={"a": "x"}), make_item("3", target="7")]

    every, one = (combined(kind, EXACT, number).check(items) for kind in ("all", "any"))

    assert [problem.item_id for problem in every] == ["2", "1", "2"]
    assert every[1].message == 'numeric: the target "yes" is not a number'
    assert {problem.item_id for problem in one} == {"2"}


def test_a_function_of_ones_own_is_a_part_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(
        "def polite(answer, item):\n    return 'please' in answer\n", encoding="utf-8"
    )
    parts = [SHORT, {"name": "rules.py:polite", "options": {}}]
    grader = make_grader(GraderSpec("all", {"graders": parts}), make_task(), tmp_path)

    assert [score_of(grader.grade(answer, make_item())).value for answer in ("yes please", "yes")] == [
        1.0,
        0.0,
    ]


def test_only_the_whole_says_what_becomes_of_truncated_answers() -> None:
    part = {"name": "exact", "options": {"accept_truncated": True}}

    with pytest.raises(InputError, match="which only the whole can have"):
        combined("all", part)


def test_a_combination_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="combines nothing"):
        combined("any")
    with pytest.raises(InputError, match="combines nothing"):
        make_grader(GraderSpec("any", {"graders": "exact"}), make_task(), Path())


def test_an_unknown_part_and_an_unknown_option_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="exakt"):
        combined("all", {"name": "exakt", "options": {}})
    with pytest.raises(InputError, match="no option 'max_words'"):
        combined("all", EXACT, max_words=3)


def test_an_item_without_a_target_earns_nothing() -> None:
    assert score_of(combined("any", EXACT, SHORT).grade("yes", make_item(target=None))).value == 0.0


JUDGE: JsonValue = {"name": "judge", "options": {"rubric": "It is kind."}}


class Opinion:
    """A judge that says the same of everything, and counts how often it was asked."""

    def __init__(self, said: Completion | Failure) -> None:
        self.asked = 0
        self._said = said

    def __call__(self, request: Request) -> Completion | Failure:
        del request
        self.asked += 1
        return self._said


def judged(kind: str, opinion: Opinion, *parts: JsonValue) -> Grader:
    spec = GraderSpec(kind, {"graders": [JUDGE, *parts]})
    return make_grader(spec, make_task(), Path(), lambda: Assessor(Model("scripted/judge"), opinion))


HALF = Completion('{"reason": "so so", "score": 2}')
DOWN = Failure("judge", "the judge is down")


@pytest.mark.parametrize(("kind", "value"), [("all", 0.5), ("any", 1.0), ("weighted", 0.75)])
def test_a_judge_may_be_part_of_a_combination(kind: str, value: float) -> None:
    grader = judged(kind, Opinion(HALF), EXACT)

    assert score_of(grader.grade("yes", make_item(target="yes"))).value == value
    assert not is_quick(grader)
    assert "judge@1" in grader.signature


@pytest.mark.parametrize(
    ("kind", "answer", "asked"), [("all", "no", 0), ("any", "yes", 0), ("all", "yes", 1)]
)
def test_a_judge_is_only_asked_where_the_other_parts_leave_the_score_open(
    kind: str, answer: str, asked: int
) -> None:
    opinion = Opinion(HALF)

    judged(kind, opinion, EXACT).grade(answer, make_item(target="yes"))

    assert opinion.asked == asked


@pytest.mark.parametrize("kind", ["all", "any", "weighted"])
def test_what_a_part_could_not_grade_is_not_graded_as_a_whole(kind: str) -> None:
    answer = "no" if kind == "any" else "yes"

    assert judged(kind, Opinion(DOWN), EXACT).grade(answer, make_item(target="yes")) == DOWN


def test_a_part_that_could_not_grade_costs_nothing_where_another_one_decides() -> None:
    broken: JsonValue = {"name": "all", "options": {"graders": [JUDGE]}}
    hurried = judged("any", Opinion(DOWN), broken, EXACT)

    assert score_of(hurried.grade("yes", make_item(target="yes"))).value == 1.0


def test_judges_alone_need_no_right_answer_and_together_with_others_do() -> None:
    alone, together = judged("all", Opinion(HALF)), judged("all", Opinion(HALF), EXACT)

    assert [needs_target(alone), needs_target(together)] == [False, True]
    assert score_of(alone.grade("hello", make_item(target=None))).value == 0.5
    assert GraderSpec("all", {"graders": [JUDGE]}).needs_target is needs_target(alone)
    assert GraderSpec("all", {"graders": [JUDGE, EXACT]}).needs_target is needs_target(together)


def test_a_judge_inside_a_combination_is_refused_where_nobody_judges() -> None:
    with pytest.raises(InputError, match="asks a model, which this command does not"):
        combined("all", EXACT, JUDGE)


class Homeless:
    """A grader that lacks something on this machine."""

    signature = "homeless@1"
    accepts_truncated = False

    def grade(self, answer: str, item: Item) -> Grade:
        raise AssertionError(answer, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        del items
        return []

    def objection(self) -> str:
        return "no sandbox here"


def test_what_a_part_lacks_on_this_machine_is_said_of_the_whole() -> None:
    whole = Combination(GraderSpec("all"), [Part("homeless", Homeless())])

    assert objection_of(whole) == "no sandbox here"
