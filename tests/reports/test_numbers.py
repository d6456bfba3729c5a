from __future__ import annotations

import math

import pytest

from evalbench.reports import numbers


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_money_that_nobody_knows_is_unknown(value: float | None) -> None:
    assert numbers.amount(value) == numbers.price(value) == "unknown"


def test_a_cost_far_below_its_neighbours_is_only_said_to_be_small() -> None:
    assert [numbers.batch_cost(value) for value in (0.0, 0.000014, 5.03)] == ["$0", "<$0.001", "$5.03"]
    assert numbers.distinct_span(0.000012, 0.000016, numbers.batch_cost) == ""


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100 %"), (0.99996, "99.996 %"), (0.0, "0 %"), (None, "unknown")]
)
def test_only_a_whole_reads_as_a_whole(share: float | None, text: str) -> None:
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0067, "0.0067"), (0.05988, "0.0599"), (0.5, "0.5"), (12.34, "12.3"), (150.0, "150"), (1234.5, "1,234")],
)
def test_a_ratio_keeps_three_digits_and_is_never_a_power_of_ten(value: float, text: str) -> None:
    assert numbers.ratio(value) == text


def test_a_p_value_is_never_rounded_to_zero() -> None:
    assert numbers.probability(0.00001) == "<0.001"


@pytest.mark.parametrize(
    ("difference", "text"), [(0.011, "+1.1"), (-0.031, "\u22123.1"), (-0.0001, "0.0"), (None, "unknown")]
)
def test_a_difference_carries_its_sign(difference: float | None, text: str) -> None:
    assert numbers.points(difference) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0002, "<1 ms"), (0.012, "12 ms"), (0.82, "0.82 s"), (14.12, "14.1 s")]
)
def test_a_time_is_read_in_its_own_unit(value: float, text: str) -> None:
    assert numbers.seconds(value) == text


def test_an_interval_without_an_end_is_not_shown() -> None:
    assert numbers.span(None, 0.9, numbers.score) == ""
