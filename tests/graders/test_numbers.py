from __future__ import annotations

from fractions import Fraction

import pytest

from evalbench.graders.numbers import last_number_in, numbers_in, written


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.50", ["1234.5"]),
        ("$20.00", ["20"]),
        ("12%", ["12"]),
        ("−5", ["-5"]),  # noqa: RUF001 - the minus sign, as meant
        ("-$5 or $-5", ["-5", "-5"]),
        ("10-5", ["10", "5"]),
        ("(-3)", ["-3"]),
        ("1e3 and 1e-3", ["1000", "0.001"]),
        ("3 x 10^5", ["300000"]),
        (r"1.5 \times 10^{-3}", ["0.0015"]),
        ("3/4", ["0.75"]),
        ("2 1/2 cups", ["2.5"]),
        ("2½", ["2.5"]),
        (r"\frac{1}{3}", ["1/3"]),
        ("5kg, 5.", ["5", "5"]),
        ("1 000 000", ["1000000"]),
        ("2,3,5", ["2", "3", "5"]),
        ("12,3456", ["12", "3456"]),
        ("1/2/2024", ["1", "2", "2024"]),
        ("__5__ and **6**", ["5", "6"]),
        ("US$20, Rs.20", ["20", "20"]),
        ("共5個", ["5"]),
        (".5 and ...5", ["0.5", "5"]),
    ],
)
def test_numbers_are_read_by_value(text: str, values: list[str]) -> None:
    assert [written(value) for value in numbers_in(text)] == values


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "-Infinity", "H2O", "v1.2", "x_2", "1/0", "1e999999999", "9" * 5000]
)
def test_what_is_no_number_is_passed_over(text: str) -> None:
    assert list(numbers_in(text)) == []


def test_the_last_number_is_the_last_that_can_be_read() -> None:
    assert last_number_in("7, then 1/0") == 7


def test_a_value_that_has_no_short_decimal_is_written_as_a_fraction() -> None:
    assert written(Fraction(22, 7)) == "22/7"
