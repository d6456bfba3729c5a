from __future__ import annotations

import pytest

from evalbench.graders.program import Statement, code_of, statements_of

CHECK = "def check(candidate):\n    assert candidate(1) == 2"


def test_each_assert_at_the_margin_is_a_test_and_the_rest_prepares_them() -> None:
    found = statements_of("import math\nassert f(1) == 2\nx = 3\nassert f(x) == math.floor(4.5)", None)

    assert [statement.is_test for statement in found] == [False, True, False, True]


def test_an_assert_over_several_lines_is_one_test() -> None:
    assert len(statements_of("assert f(\n    1,\n) == 2", None)) == 1


def test_a_check_function_is_called_with_the_entry_point() -> None:
    assert statements_of(CHECK, "add")[-1] == Statement("check(add)", is_test=True)


def test_a_check_that_the_target_calls_itself_needs_no_entry_point() -> None:
    found = statements_of(f"{CHECK}\n\ncheck(add)", None)

    assert found[-1] == Statement("check(add)", is_test=True)
    assert sum(statement.is_test for statement in found) == 1


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("assert (", "no Python"),
        ("x = 1", "neither"),
        ("", "neither"),
        (CHECK, "entry_point"),
    ],
)
def test_a_target_without_tests_is_refused_in_words(tests: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        statements_of(tests, None)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("def f(): pass", "def f(): pass"),
        ("Here:\n```python\ndef f(): pass\n```\nDone.", "def f(): pass"),
        ("```\nx = 1\n```\n~~~py\ndef f(): pass\n~~~", "def f(): pass"),
        ("```python\nlonger = 'than the other block'\n```\n```python\ndef f(): pass\n```", "def f(): pass"),
        ("```python\ndef f(): pass", "def f(): pass"),
    ],
)
def test_the_code_is_the_block_that_defines_the_function_else_the_whole_answer(
    answer: str, code: str
) -> None:
    assert code_of(answer, "f") == code


def test_without_an_entry_point_the_longest_block_is_the_code() -> None:
    assert code_of("```\nshort\n```\n```\nthe longer one\n```", None) == "the longer one"
