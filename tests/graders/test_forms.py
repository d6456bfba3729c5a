from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import requires

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.graders.forms import PACKAGES, Price, Reading, agree


@pytest.mark.parametrize(
    "text",
    [
        "2025-08-30",
        "2025-08-30T10:00:00Z",
        "30 August 2025",
        "August 30th, 2025",
        "Sat, 30 Aug 2025",
        "30.8.2025",
        "08/30/2025",
        "30. August 2025",
        "le 30 août 2025",
        "2025年8月30日",
    ],
)
def test_a_date_is_one_day_however_it_is_written(text: str) -> None:
    assert Reading().reader("date").read(text) == date(2025, 8, 30)


@pytest.mark.parametrize(("order", "day"), [("DMY", date(2024, 2, 1)), ("MDY", date(2024, 1, 2))])
def test_a_date_in_digits_is_read_in_the_order_that_is_said(order: str, day: date) -> None:
    assert Reading(order).reader("date").read("01/02/2024") == day
    assert Reading().reader("date").read("01/02/2024") is None


@pytest.mark.parametrize(
    "value", ["tomorrow", "May 2024", "3 May", "2025-02-30", "soon", "", "12", None, True, Decimal(20250830)]
)
def test_what_names_no_day_is_no_date(value: JsonValue) -> None:
    assert Reading().reader("date").read(value) is None


@pytest.mark.parametrize(
    ("value", "amount", "currency"),
    [
        ("224.88 EUR", "224.88", "EUR"),
        ("1.204,50 €", "1204.50", "EUR"),
        ("EUR 1 204,50", "1204.50", "EUR"),
        ("$20", "20", "USD"),
        ("20 dollars", "20", "USD"),
        ("-5 USD", "-5", "USD"),
        ("(5.00)", "-5", None),
        ("CHF 1'200.50", "1200.50", "CHF"),
        (Decimal("19.9"), "19.9", None),
    ],
)
def test_a_price_is_an_amount_and_a_currency(value: JsonValue, amount: str, currency: str | None) -> None:
    assert Reading().reader("price").read(value) == Price(Fraction(amount), currency)


@pytest.mark.parametrize("value", ["1 million", "2 for 5 EUR", "5 %", "free of charge", "", None, "x" * 100])
def test_what_is_more_or_less_than_an_amount_is_no_price(value: JsonValue) -> None:
    assert Reading().reader("price").read(value) is None


def test_a_currency_counts_only_where_the_target_names_one() -> None:
    euros, plain = Price(Fraction(3), "EUR"), Price(Fraction(3), None)

    assert agree(euros, plain)
    assert not agree(plain, euros)
    assert not agree(Price(Fraction(3), "USD"), euros)


@pytest.mark.parametrize(
    "value", ["+49 30 123456", "0049 (0)30 12 34 56", "+49(0)30-123456", "030/123456", "(030) 12 34 56"]
)
def test_a_phone_number_is_the_same_from_abroad_and_at_home(value: str) -> None:
    assert Reading(country_code=49).reader("phone").read(value) == "+4930123456"


def test_without_a_country_only_the_spelling_of_a_phone_number_does_not_matter() -> None:
    read = Reading().reader("phone").read

    assert read("030 / 12-34-56") == read("(030) 123456") == "030123456"
    assert read("call me") is None


@pytest.mark.parametrize("value", ["Dr. Anna Müller", "Müller, Anna", "ANNA MULLER", "Frau Anna  Müller"])
def test_a_name_is_its_words_without_title_accents_and_order_of_the_register(value: str) -> None:
    assert Reading().reader("name").read(value) == ("anna", "muller")


def test_a_suffix_of_a_name_is_no_first_name() -> None:
    read = Reading().reader("name").read

    assert read("Martin King, Jr.") == ("martin", "king", "jr")
    assert read("Sir") == ("sir",)


@pytest.mark.parametrize(
    ("value", "number"), [("1,204.5", 1204.5), (Decimal(2), 2), ("$3", 3), ("1 or 2", None)]
)
def test_a_number_counts_by_value(value: JsonValue, number: float | None) -> None:
    assert Reading().reader("number").read(value) == number


def test_what_dates_and_prices_need_is_in_the_extra_that_is_named() -> None:
    wanted = [
        line for line in requires("evalbench-cli") or () if "extra == 'extract'" in line.replace('"', "'")
    ]

    for package in PACKAGES.values():
        assert any(line.startswith(package.replace("_", "-")) for line in wanted)
