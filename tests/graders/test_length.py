from __future__ import annotations

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError
from evalbench.graders.length import Length
from tests.build import make_item, make_task


@pytest.mark.parametrize(
    ("options", "answer", "value"),
    [
        ({"max_words": 3}, "one two three", 1.0),
        ({"max_words": 3}, "one two three four", 0.0),
        ({"min_words": "2"}, "one", 0.0),
        ({"max_words": 2}, "don't well-known", 1.0),
        ({"max_words": 3}, "東京大学", 0.0),
        ({"max_characters": 5}, "  12345\n", 1.0),
        ({"max_characters": 4}, "12345", 0.0),
        ({"max_sentences": 2}, "It is 3.5 m long. Is it? Yes!", 0.0),
        ({"max_sentences": 2}, "It is 3.5 m, e.g. long. Is it?", 1.0),
        ({"min_sentences": 3}, "Points:\n- one\n- two", 1.0),
        ({"max_sentences": 1}, "猫です。犬です。", 0.0),
        ({"max_words": 0}, "", 1.0),
        ({"max_words": 0}, "…", 1.0),
    ],
)
def test_bounds_are_kept_or_broken(options: dict[str, JsonValue], answer: str, value: float) -> None:
    assert Length(options, make_task()).grade(answer, make_item()).value == value


def test_every_broken_bound_is_told() -> None:
    score = Length({"max_words": 1, "min_sentences": 2}, make_task()).grade("one two", make_item())

    assert score.reading == "2 words, 1 sentences"
    assert score.explanation == "2 words, at most 1 allowed; 1 sentences, at least 2 wanted"


def test_any_target_will_do() -> None:
    assert Length({"max_words": 1}, make_task()).check([make_item(target={"a": []})]) == []


def test_without_bounds_there_is_nothing_to_judge() -> None:
    with pytest.raises(InputError, match="has no bounds") as caught:
        Length({}, make_task())

    assert "max_words: 50" in caught.value.fix


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_words": 5, "max_words": 4}, "min_words 5 is more than max_words 4"),
        ({"max_words": 2.5}, "must be a whole number"),
        ({"max_words": -1}, "from zero upwards"),
        ({"max_words": "many"}, "must be a number"),
    ],
)
def test_bounds_that_cannot_be_meant_are_refused(options: dict[str, JsonValue], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Length(options, make_task())
