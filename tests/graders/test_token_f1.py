from __future__ import annotations

import pytest

from evalbench.graders.token_f1 import TokenF1
from tests.build import make_item, make_task


@pytest.mark.parametrize(
    ("answer", "target", "value"),
    [
        ("The Louvre!", "louvre", 1.0),
        ("the Louvre in Paris", "Louvre", 0.5),
        ("red red blue", "red red", 0.8),
        ("red", "red red", 2 / 3),
        ("blue", "red", 0.0),
        ("", "", 1.0),
        ("the", "", 1.0),
        ("something", "", 0.0),
        ("", "something", 0.0),
        ("Musée", "musee", 0.0),
    ],
)
def test_words_in_common_count(answer: str, target: str, value: float) -> None:
    score = TokenF1({}, make_task()).grade(answer, make_item(target=target))

    assert score.value == pytest.approx(value)


def test_the_accepted_answer_that_fits_best_counts() -> None:
    score = TokenF1({}, make_task()).grade("the United States", make_item(target=["USA", "United States"]))

    assert (score.value, score.explanation) == (1.0, "")


def test_several_languages_need_no_spaces_and_lose_no_articles() -> None:
    item = make_item(target="東京都")
    grader = TokenF1({"normalize": "multilingual"}, make_task())

    assert grader.grade("東京", item).value == pytest.approx(0.8)
    assert TokenF1({}, make_task()).grade("東京", item).value == 0.0
    assert grader.grade("le a", make_item(target="a")).value == pytest.approx(2 / 3)


def test_a_wrong_answer_is_told_what_was_expected() -> None:
    score = TokenF1({}, make_task()).grade("Lyon", make_item(target="Paris"))

    assert (score.reading, score.explanation) == ("lyon", 'expected "Paris"')


def test_targets_that_are_no_text_are_problems() -> None:
    assert len(TokenF1({}, make_task()).check([make_item(target={"a": 1})])) == 1
