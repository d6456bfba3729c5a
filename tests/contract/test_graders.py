"""What every grader promises, whatever a model says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from evalbench.core.completion import Completion
from evalbench.core.evalset import GraderSpec, JsonValue
from evalbench.core.models import Model
from evalbench.core.score import Grader, needs_target
from evalbench.errors import InputError
from evalbench.graders.factory import make_grader
from evalbench.graders.judge import Assessor
from evalbench.graders.sandbox import usable_sandbox
from evalbench.registry import BUILT_IN
from tests.build import make_item, make_task, score_of

LABELS = ("alpha", "beta")
LONGEST_S = 20.0
"""Far above what any answer needs, and far below what an unbounded search would."""


def pleased_assessor() -> Assessor:
    """A judge to whom everything is right."""
    return Assessor(Model("scripted/judge"), lambda _: Completion('{"reason": "good", "score": 4}'))


@dataclass(frozen=True)
class Case:
    name: str
    options: dict[str, JsonValue]
    target: JsonValue

    def grader(self) -> Grader:
        if self.name == "code" and usable_sandbox().sandbox is None:
            pytest.skip(f"no code is run: {usable_sandbox().words}")
        if self.name == "sql":
            pytest.importorskip("duckdb", reason="no query is run without the extra `sql`")
        return make_grader(
            GraderSpec(self.name, self.options), make_task(labels=LABELS), Path(), pleased_assessor
        )

    @property
    def gold(self) -> str:
        return self.target if isinstance(self.target, str) else json.dumps(self.target)


CASES = (
    Case("code", {}, ["assert True"]),
    Case("code", {"score": "share"}, ["assert True"]),
    Case("contains", {}, "some text"),
    Case("contains", {"all": True, "case_sensitive": True}, "some text"),
    Case("exact", {}, "Some text."),
    Case("exact", {"normalize": "none"}, "Some text."),
    Case("json_fields", {}, {"a": "x", "b": [1, {"c": None}]}),
    Case("json_fields", {"score": "all", "normalize": "none"}, [{"a": 1}, {"a": 2}]),
    Case("judge", {"rubric": "It is true."}, "some text"),
    Case("label", {}, "beta"),
    Case("label", {"find": True}, "alpha"),
    Case("math", {}, "1/2"),
    Case("numeric", {}, "-1,234.50"),
    Case("numeric", {"take": "only", "rel_tolerance": 0.1}, "1/3"),
    Case("reformat", {"format": "csv"}, "a,b\n1,2\n"),
    Case("reformat", {"format": "html"}, "<p>a <b>b</b></p>"),
    Case("reformat", {"format": "json", "score": "partial"}, {"a": [1, "2", None]}),
    Case("reformat", {"format": "markdown"}, "# a\n\n- b\n"),
    Case("reformat", {"format": "yaml"}, "a: [1, no]\n"),
    Case("regex", {}, "abc"),
    Case("regex", {"pattern": r"^(.*?)\.?$"}, "a word"),
    Case("sql", {}, "SELECT 1"),
    Case("sql", {"order": "kept"}, "SELECT * FROM range(3)"),
)
NAMES = [f"{case.name}-{number}" for number, case in enumerate(CASES)]

LONG = 1_000_000
HOSTILE = {
    "empty": "",
    "whitespace": " \n\t\u00a0 ",
    "long word": "x" * LONG,
    "long number": "7" * LONG,
    "many numbers": "1 " * (LONG // 2),
    "quotes": '"' * LONG,
    "escaped quotes": '{"' + '\\"' * (LONG // 2),
    "brackets": "[" * LONG,
    "deep list": "[" * 10_000 + "]" * 10_000,
    "deep object": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "unclosed tags": "<a " * (LONG // 3),
    "unclosed comments": "<!--" * (LONG // 4),
    "broken declaration": "<![",
    "images": "![" * 10_000,
    "control characters": "\x00\x01\x1b[31m\x7f" * 100,
    "half surrogate": "\ud800 and \udfff",
    "emoji": "🧪" * 10_000,
    "not a number": "NaN",
    "not a number inside": '{"a": NaN, "b": Infinity}',
    "huge exponent": "1e999999999",
    "huge exponent inside": '{"a": 1e99999999999999999999}',
    "repeated key": '{"a": 1, "a": 2}',
    "alias of itself": "a: &a [*a, *a]",
    "alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
    "fences": "```\n" * 10_000,
}


def test_every_built_in_grader_has_a_case() -> None:
    assert {case.name for case in CASES} == set(BUILT_IN["graders"])


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_no_answer_makes_a_grader_raise_or_hang(case: Case, hostile: str) -> None:
    grader = case.grader()
    item = make_item(target=case.target)
    started_s = time.process_time()

    score = score_of(grader.grade(hostile, item))

    assert time.process_time() - started_s < LONGEST_S
    assert 0.0 <= score.value <= 1.0
    assert score.is_valid or (score.value == 0.0 and score.explanation)
    assert len(f"{score.reading}{score.explanation}".encode()) < 50_000
    assert all(count >= 0 for count in score.statistics)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_right_answer_scores_one(case: Case) -> None:
    score = score_of(case.grader().grade(case.gold, make_item(target=case.target)))

    assert (score.value, score.is_valid) == (1.0, True)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_good_target_is_no_problem(case: Case) -> None:
    assert case.grader().check([make_item(target=case.target)]) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_item_without_a_target_is_neither_a_problem_nor_right(case: Case) -> None:
    grader, item = case.grader(), make_item(target=None)

    assert grader.check([item]) == []
    assert not needs_target(grader) or score_of(grader.grade(case.gold, item)).value == 0.0


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_grader_made_twice_has_one_signature_that_begins_with_its_name(case: Case) -> None:
    first, second = case.grader().signature, case.grader().signature

    assert first == second
    assert first.startswith(f"{case.name}@1")


@pytest.mark.parametrize("name", BUILT_IN["graders"])
def test_an_unknown_option_is_refused(name: str) -> None:
    spec = GraderSpec(name, {"accept_trunkated": True})

    with pytest.raises(InputError, match="accept_trunkated") as caught:
        make_grader(spec, make_task(labels=LABELS), Path(), pleased_assessor)

    assert caught.value.fix == "did you mean 'accept_truncated'?"


@pytest.mark.parametrize(("options", "accepts"), [({}, False), ({"accept_truncated": True}, True)])
@pytest.mark.parametrize("name", BUILT_IN["graders"])
def test_a_truncated_answer_is_judged_only_when_asked(
    name: str, options: dict[str, JsonValue], *, accepts: bool
) -> None:
    needed: dict[str, JsonValue] = {"rubric": "It is true."} if name == "judge" else {}
    spec = GraderSpec(name, needed | options)
    grader = make_grader(spec, make_task(labels=LABELS), Path(), pleased_assessor)

    assert grader.accepts_truncated is accepts
    assert ("accept_truncated=true" in grader.signature) is accepts
