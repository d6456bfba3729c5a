from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.advice.traffic import monthly_bill, totals_monthly
from evalbench.core.estimate import CostEstimate, Estimate
from evalbench.core.evalset import Traffic
from evalbench.core.recommendation import Finding, MonthlyBill, Outcome, Recommendation
from tests.build import make_task_run

CURRENT = CostEstimate(3.0, 0.01, 0.011, 3.0, 0.009, 0.011)
SMALL = CostEstimate(0.3, 0.001, 0.0011, 0.3, 0.0009, 0.0012)
UNKNOWN = CostEstimate(None, None, None, None)


def make_finding(monthly: MonthlyBill | None) -> Finding:
    run = make_task_run({"small": [1.0], "large": [1.0]}, {"small": 0.001, "large": 0.01})
    verdict = Recommendation(
        Outcome.RECOMMENDED, "small", "m", "USE small", (), "Use small.", monthly=monthly
    )
    return Finding(run, 0, (), (), verdict)


def figures(bill: MonthlyBill | None) -> list[float | None]:
    assert bill is not None
    return [bill.current_usd, bill.recommended_usd, bill.low_usd, bill.high_usd]


def test_requests_a_month_are_multiplied_by_the_cost_of_an_item() -> None:
    ratio = Estimate(0.1, 0.09, 0.12, 0.95, "fieller", 300)

    bill = monthly_bill(Traffic(requests=1_000_000), CURRENT, SMALL, ratio)

    assert figures(bill) == pytest.approx([10_000, 1_000, 900, 1_200])


def test_todays_bill_is_scaled_by_the_cost_ratio_with_its_interval() -> None:
    ratio = Estimate(0.1, 0.09, 0.12, 0.95, "fieller", 300)

    bill = monthly_bill(Traffic(usd=9000), CURRENT, SMALL, ratio)

    assert figures(bill) == pytest.approx([9000, 900, 810, 1080])


def test_a_ratio_without_bounds_gives_a_bill_without_bounds() -> None:
    bill = monthly_bill(Traffic(usd=9000), CURRENT, SMALL, Estimate(0.1, None, None, 0.95, "fieller", 1))

    assert figures(bill) == [9000, pytest.approx(900), None, None]


def test_keeping_the_current_tier_keeps_todays_bill() -> None:
    bill = monthly_bill(Traffic(usd=9000), CURRENT, CURRENT, None)

    assert bill == MonthlyBill(9000, 9000, 9000, 9000)


@pytest.mark.parametrize("traffic", [Traffic(), Traffic(requests=1000), Traffic(usd=9000)])
def test_an_unknown_cost_or_traffic_gives_no_bill(traffic: Traffic) -> None:
    bill = monthly_bill(traffic, CURRENT, UNKNOWN, None)

    assert bill is None


def test_the_bills_of_all_tasks_are_added_up() -> None:
    bills = [MonthlyBill(9000, 900, 800, 1000), MonthlyBill(1000, 1000, 950, 1050)]

    total = totals_monthly([make_finding(bill) for bill in bills])

    assert total == MonthlyBill(10_000, 1900, 1750, 2050)


def test_one_task_without_traffic_leaves_no_total() -> None:
    total = totals_monthly([make_finding(MonthlyBill(9000, 900, 800, 1000)), make_finding(None)])

    assert total is None


def test_one_bill_without_bounds_leaves_a_total_without_bounds() -> None:
    bill = MonthlyBill(9000, 900, 800, 1000)

    total = totals_monthly([make_finding(bill), make_finding(replace(bill, low_usd=None, high_usd=None))])

    assert total == MonthlyBill(18_000, 1800, None, None)


def test_no_task_has_no_total() -> None:
    total = totals_monthly([])

    assert total is None
