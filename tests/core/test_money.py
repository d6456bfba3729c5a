from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.core.money import (
    MILLION,
    THOUSAND,
    amount,
    batch_of,
    price,
    rounded_up,
    saved_amount,
    saved_share,
    stated,
)


@pytest.mark.parametrize(
    ("value_usd", "text"),
    [
        (0.0, "$0"),
        (0.000018, "less than $0.01"),
        (0.0276, "$0.03"),
        (0.6, "$0.60"),
        (1.9, "$1.90"),
        (99.996, "$100"),
        (8140.4, "$8,140"),
        (-3.2, "\u2212$3.20"),
    ],
)
def test_what_is_paid_is_said_to_the_cent(value_usd: float, text: str) -> None:
    assert amount(value_usd) == text


@pytest.mark.parametrize(
    ("value_usd", "text"),
    [
        (0.0, "$0"),
        (0.0000012, "$0.0000012"),
        (0.00017555, "$0.00018"),
        (0.034, "$0.034"),
        (0.30108, "$0.30"),
        (0.996, "$1.00"),
        (12.345, "$12.35"),
        (99.996, "$100"),
        (1_234_567, "$1,234,567"),
        (-1.2, "\u2212$1.20"),
    ],
)
def test_a_unit_price_keeps_the_digits_that_matter(value_usd: float, text: str) -> None:
    assert price(value_usd) == text


@pytest.mark.parametrize(
    ("value_usd", "text"), [(0.125, "$0.125"), (2.5, "$2.50"), (15, "$15.00"), (0.0375, "$0.0375")]
)
def test_a_price_that_was_written_down_keeps_every_digit(value_usd: float, text: str) -> None:
    assert stated(value_usd) == text


def test_costs_too_small_for_a_thousand_items_are_stated_for_a_million() -> None:
    assert batch_of([5.6e-9, 3.7e-8]) == MILLION
    assert MILLION.cost_usd(5.6e-9) == pytest.approx(0.0056)


@pytest.mark.parametrize("costs_usd", [[1e-8, 0.005], [0.0, 0.005], [None, 0.005], [None], []])
def test_costs_are_stated_for_a_thousand_items_where_that_can_be_read(costs_usd: list[float | None]) -> None:
    assert batch_of(costs_usd) == THOUSAND


def test_an_unknown_cost_of_an_item_is_an_unknown_cost_of_a_batch() -> None:
    assert THOUSAND.cost_usd(None) is None
    assert THOUSAND.cost_usd(float("nan")) is None


@pytest.mark.parametrize(
    ("share", "text"), [(0.8814, "88 %"), (0.998, "more than 99 %"), (1.0, "100 %"), (0.002, "less than 1 %")]
)
def test_a_saving_reads_as_all_only_when_it_is(share: float, text: str) -> None:
    assert saved_share(share) == text


@pytest.mark.parametrize(
    ("value_usd", "text"),
    [
        (0.0, "0"),
        (0.00123, "0.0013"),
        (0.42, "0.42"),
        (0.99, "0.99"),
        (0.995, "1"),
        (2.0, "2"),
        (7.01, "7.1"),
        (8140.0, "8200"),
        (1.5e-7, "0.00000015"),
    ],
)
def test_an_amount_that_is_enough_is_rounded_up_and_can_be_pasted(value_usd: float, text: str) -> None:
    assert rounded_up(value_usd) == text


@given(st.floats(1e-9, 1e9))
def test_an_amount_that_is_rounded_up_is_enough_and_little_more(value_usd: float) -> None:
    assert value_usd <= float(rounded_up(value_usd)) <= value_usd * 1.1 + 1e-15


@pytest.mark.parametrize(
    ("saved_usd", "of_usd", "text"),
    [
        (14_999.97, 15_000.0, "$14,999"),
        (15_000.2, 15_000.4, "$14,999"),
        (14_990.0, 15_000.0, "$14,990"),
        (15_000.0, 15_000.0, "$15,000"),
        (14_998.6, 15_000.0, "$14,999"),
        (9.999, 10.0, "$9.99"),
        (99.996, 99.999, "$99.00"),
        (0.001, 0.002, "less than $0.01"),
        (-5.0, 10.0, "\u2212$5.00"),
    ],
)
def test_a_saving_of_nearly_all_does_not_read_as_all_of_a_bill(
    saved_usd: float, of_usd: float, text: str
) -> None:
    assert saved_amount(saved_usd, of_usd) == text
