from __future__ import annotations

import pytest

from evalbench.graders.markdown_text import markdown_events


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("# Title", "Title\n====="),
        ("- a\n- b", "* a\n* b"),
        ("- a\n- b", "- a\n\n- b"),
        ("*a* __b__", "_a_ **b**"),
        ("1. a\n2. b", "1. a\n1. b"),
        ("one\ntwo", "one two"),
        ("---", "***"),
        ("```py\nx\n```", "~~~py\nx\n~~~"),
        ("|a|b|\n|-|-|\n|1|2|", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    ],
)
def test_spellings_of_one_text_are_equal(left: str, right: str) -> None:
    assert markdown_events(left) == markdown_events(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("# Title", "## Title"),
        ("- a", "1. a"),
        ("1. a\n2. b", "2. a\n3. b"),
        ("![*a*](b)", "![c](b)"),
        ("*a*", "**a**"),
        ("one\n\ntwo", "one two"),
        ("```py\nx\n```", "```js\nx\n```"),
        ("[a](b)", "[a](c)"),
        ("- a\n  - b", "- a\n- b"),
    ],
)
def test_texts_that_say_something_else_differ(left: str, right: str) -> None:
    assert markdown_events(left) != markdown_events(right)
