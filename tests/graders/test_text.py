from __future__ import annotations

import pytest

from evalbench.graders.text import (
    accepted_texts,
    normalized,
    shown,
    storable,
    text_problems,
    without_fence,
)
from tests.build import make_item


@pytest.mark.parametrize(
    "spelling",
    [
        "the answer",
        "  The   Answer. ",
        '"The answer"',
        "**the answer**",
        "_The answer!_",
        "`the answer`",
        "“The answer.”",
        "(the answer)",
        "```\nthe answer\n```",
        "ＴＨＥ answer",  # noqa: RUF001 - full width, as meant
        "the\u00a0answer",
    ],
)
def test_spellings_of_one_text_have_one_form(spelling: str) -> None:
    assert normalized(spelling) == "the answer"


@pytest.mark.parametrize("text", ["-5", "c++", "$20", "the", "c#", ".net", "a/b", "1,5", "5%"])
def test_what_carries_meaning_is_kept(text: str) -> None:
    assert normalized(text) == text


@pytest.mark.parametrize("text", ["!", "...", "**", '""', "."])
def test_a_text_of_nothing_but_marks_is_kept(text: str) -> None:
    assert normalized(text) == text


def test_a_german_capital_equals_its_small_spelling() -> None:
    assert normalized("STRASSE") == normalized("straße")


def test_a_curly_apostrophe_equals_a_plain_one() -> None:
    assert normalized("don’t") == "don't"  # noqa: RUF001 - a curly apostrophe, as meant


def test_only_a_fence_around_everything_is_removed() -> None:
    text = "see:\n```\nx\n```"

    assert without_fence(text) == text


def test_a_fence_loses_its_language() -> None:
    assert without_fence('```json\n{"a": 1}\n```\n') == '{"a": 1}'


def test_the_scalars_of_a_list_are_accepted_as_their_json_text() -> None:
    assert accepted_texts(["a", 5, True, 1.5]) == ("a", "5", "true", "1.5")


def test_targets_without_text_are_problems() -> None:
    items = [
        make_item("empty", target=[]),
        make_item("object", target={"a": 1}),
        make_item("nested", target=[["a"]]),
        make_item("fine", target=["a"]),
        make_item("unlabelled", target=None),
        make_item("nothing", target=""),
    ]

    problems = text_problems(items)

    assert [problem.item_id for problem in problems] == ["empty", "object", "nested"]


def test_half_a_surrogate_is_replaced_before_it_reaches_a_file() -> None:
    assert storable("a\ud800").encode() == b"a?"


def test_a_long_value_is_shown_in_short() -> None:
    assert len(shown("x" * 1000)) == 60
