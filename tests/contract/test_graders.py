"""What every grader promises, whatever a model says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from evalbench.core.completion import Completion
from evalbench.core.evalset import PAIRWISE, GraderSpec, Item, JsonValue
from evalbench.core.models import Model
from evalbench.core.score import Grader, needs_target
from evalbench.errors import InputError
from evalbench.graders.asking import Assessor
from evalbench.graders.contract import HOSTILE_ANSWERS, LONGEST_S, score_faults
from evalbench.graders.factory import make_any_grader, make_grader
from evalbench.graders.sandbox import usable_sandbox
from evalbench.registry import BUILT_IN
from tests.build import make_item, make_task, score_of

LABELS = ("alpha", "beta")


def pleased_assessor() -> Assessor:
    """A judge to whom everything is right."""
    return Assessor(Model("scripted/judge"), lambda _: Completion('{"reason": "good", "score": 4}'))


@dataclass(frozen=True)
class Case:
    name: str
    options: dict[str, JsonValue]
    target: JsonValue
    right: str | None = None
    """An answer that is right, where that is not the target itself."""
    text: str = "some text"

    def grader(self) -> Grader:
        if self.name == "code" and usable_sandbox().sandbox is None:
            pytest.skip(f"no code is run: {usable_sandbox().words}")
        if self.name == "sql":
            pytest.importorskip("duckdb", reason="no query is run without the extra `sql`")
        return make_grader(
            GraderSpec(self.name, self.options), make_task(labels=LABELS), Path(), pleased_assessor
        )

    @property
    def item(self) -> Item:
        return make_item(text=self.text, target=self.target)

    @property
    def gold(self) -> str:
        if self.right is not None:
            return self.right
        return self.target if isinstance(self.target, str) else json.dumps(self.target)


CASES = (
    Case("bleu", {}, "The cat sat on the mat."),
    Case(
        "bleu", {"tokenizer": "char", "case": "ignore"}, ["猫坐在垫子上。", "一只猫坐着。"], "猫坐在垫子上。"
    ),
    Case("choice", {}, "B", text="Which?\nA) Rome\nB) Paris"),
    Case("choice", {"letters": "abcd"}, ["d"], "The answer is (D)."),
    Case("chrf", {}, "The cat sat on the mat."),
    Case("chrf", {"words": 2}, ["a cat", "the cat"], "the cat"),
    Case("code", {}, ["assert True"]),
    Case("code", {"score": "share"}, ["assert True"]),
    Case("contains", {}, "some text"),
    Case("contains", {"all": True, "case_sensitive": True}, "some text"),
    Case("exact", {}, "Some text."),
    Case("exact", {"normalize": "none"}, "Some text."),
    Case("fuzzy", {}, "Some text."),
    Case("fuzzy", {"threshold": 0.9, "order": "ignore"}, ["Jane Doe", "J. Doe"], "Doe Jane"),
    Case("json_fields", {}, {"a": "x", "b": [1, {"c": None}]}),
    Case("json_fields", {"score": "all", "normalize": "none"}, [{"a": 1}, {"a": 2}]),
    Case(
        "json_fields",
        {"parse": "repaired", "fields": {"a": "date", "b": "price"}},
        {"a": "1 May 2024", "b": "$3"},
    ),
    Case("judge", {"rubric": "It is true."}, "some text"),
    Case("json_schema", {"schema": {"type": "object", "required": ["a"]}}, {"a": 1}),
    Case(
        "json_schema",
        {"schema": {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": "^(a+)+$"}}},
        "any",
        '["a", "aa"]',
    ),
    Case("label", {}, "beta"),
    Case("label", {"find": True}, "alpha"),
    Case("labels", {}, ["beta", "alpha"], "alpha, beta"),
    Case("labels", {"score": "all"}, [], "none"),
    Case("language", {"language": "de"}, "any", "Das ist ein schöner Tag, und wir gehen heute spazieren."),
    Case("language", {}, ["en", "fr"], "It is a lovely day, and we are going for a walk."),
    Case("length", {"max_words": 3}, "Some text."),
    Case("length", {"min_sentences": 1, "max_characters": 50}, {"a": 1}, "Some text."),
    Case("math", {}, "1/2"),
    Case("numeric", {}, "-1,234.50"),
    Case("numeric", {"take": "only", "rel_tolerance": 0.1}, "1/3"),
    Case("numeric", {"units": {"m": 1, "km": 1000}}, "3 km"),
    Case("reformat", {"format": "csv"}, "a,b\n1,2\n"),
    Case("reformat", {"format": "html"}, "<p>a <b>b</b></p>"),
    Case("reformat", {"format": "json", "score": "partial"}, {"a": [1, "2", None]}),
    Case("reformat", {"format": "markdown"}, "# a\n\n- b\n"),
    Case("reformat", {"format": "yaml"}, "a: [1, no]\n"),
    Case("refusal", {}, "refuse", "I'm sorry, but I can't help with that."),
    Case("refusal", {}, "no", "Sure, here it is."),
    Case("regex", {}, "abc"),
    Case("regex", {"pattern": r"^(.*?)\.?$"}, "a word"),
    Case("rouge", {}, "The cat sat on the mat."),
    Case("rouge", {"variant": 2, "score": "recall"}, ["A cat sat.", "x"], "a cat sat"),
    Case("rouge", {"variant": "Lsum", "stem": True}, "A cat sat.\nDogs ran.", "a cat sat\ndog ran"),
    Case("similarity", {}, "The cat sat on the mat."),
    Case("similarity", {"threshold": 0.5}, ["The cats sat.", "dogs"], "The cat sat."),
    Case("template", {}, "Dear {{name}}, bye.", "Dear Ann, bye.", text="name: Ann\nage: 7"),
    Case("template", {"score": "whole"}, ["Blue Spice is a pub."], text="name[Blue Spice], type[pub]"),
    Case("token_f1", {}, ["The Louvre", "Musée du Louvre"], "the Louvre"),
    Case("token_f1", {"normalize": "multilingual"}, "東京"),
    Case("sql", {}, "SELECT 1"),
    Case("sql", {"order": "kept"}, "SELECT * FROM range(3)"),
)
NAMES = [f"{case.name}-{number}" for number, case in enumerate(CASES)]


def test_every_built_in_grader_has_a_case() -> None:
    # `pairwise` judges two answers, and has tests of the same promises of its own.
    assert {case.name for case in CASES} == set(BUILT_IN["graders"]) - {PAIRWISE}


def needed(name: str) -> dict[str, JsonValue]:
    """The fewest options that a grader can be made with."""
    options: dict[str, dict[str, JsonValue]] = {
        "judge": {"rubric": "It is true."},
        "length": {"max_words": 9},
        "pairwise": {"rubric": "It is true."},
        "json_schema": {"schema": {}},
    }
    return options.get(name, {})


@pytest.mark.parametrize("hostile", HOSTILE_ANSWERS.values(), ids=HOSTILE_ANSWERS)
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_no_answer_makes_a_grader_raise_or_hang(case: Case, hostile: str) -> None:
    grader, item = case.grader(), case.item
    started_s = time.process_time()

    score = score_of(grader.grade(hostile, item))

    assert time.process_time() - started_s < LONGEST_S
    assert list(score_faults(score)) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_right_answer_scores_one(case: Case) -> None:
    score = score_of(case.grader().grade(case.gold, case.item))

    assert (score.value, score.is_valid) == (1.0, True)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_good_target_is_no_problem(case: Case) -> None:
    assert case.grader().check([case.item]) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_item_without_a_target_is_neither_a_problem_nor_right(case: Case) -> None:
    grader, item = case.grader(), make_item(target=None)

    assert grader.check([item]) == []
    assert not needs_target(grader) or score_of(grader.grade(case.gold, item)).value == 0.0


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_grader_made_twice_has_one_signature_that_begins_with_its_name(case: Case) -> None:
    first, second = case.grader().signature, case.grader().signature

    assert first == second
    assert first.startswith((f"{case.name}@1", f"{case.name}@2"))


@pytest.mark.parametrize("name", BUILT_IN["graders"])
def test_an_unknown_option_is_refused(name: str) -> None:
    spec = GraderSpec(name, {**needed(name), "accept_trunkated": True})

    with pytest.raises(InputError, match="accept_trunkated") as caught:
        make_any_grader(spec, make_task(labels=LABELS), Path(), pleased_assessor)

    assert "did you mean 'accept_truncated'?" in caught.value.problem
    assert caught.value.fix == "write `accept_truncated: true`."


@pytest.mark.parametrize(("options", "accepts"), [({}, False), ({"accept_truncated": True}, True)])
@pytest.mark.parametrize("name", BUILT_IN["graders"])
def test_a_truncated_answer_is_judged_only_when_asked(
    name: str, options: dict[str, JsonValue], *, accepts: bool
) -> None:
    spec = GraderSpec(name, {**needed(name), **options})
    grader = make_any_grader(spec, make_task(labels=LABELS), Path(), pleased_assessor)

    assert grader.accepts_truncated is accepts
    assert ("accept_truncated=true" in grader.signature) is accepts
