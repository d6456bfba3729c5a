from __future__ import annotations

import pytest

from evalbench.graders.number_words import number_in_words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("zero", 0),
        ("Twenty-one.", 21),
        ("**three hundred and five** dollars", 305),
        ("one hundred", 100),
        ("two thousand and five square metres", 2005),
        ("Two million three hundred thousand and four", 2_300_004),
        ("minus forty two", -42),
    ],
)
def test_a_number_in_words_is_read(text: str, value: int) -> None:
    assert number_in_words(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "no one",
        "one of us knows it",
        "five six",
        "twenty thirty",
        "twenty eleven",
        "hundred",
        "ten hundred",
        "one hundred hundred",
        "two thousand three million",
        "hundred and",
        "zwölf",
        "one " * 100_000,
    ],
)
def test_what_is_no_number_or_more_than_one_is_not_guessed(text: str) -> None:
    assert number_in_words(text) is None
