from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.advice.breakeven import break_even, capacity
from evalbench.advice.recommend import find
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.run import TaskRun
from tests.advice.runs import make_run

MACHINE = Price(per_month=1800.0, max_rps=12.0)


def with_machine(price: Price = MACHINE, traffic: Traffic | None = None) -> TaskRun:
    """`small` runs on a machine paid by the month; `large` costs $0.002 an answer."""
    run = make_run(90, 100, {"small": (1, 1)}, {"small": None, "large": 0.002})
    models = {"small": Model("hosted/own", price=price), "large": Model("openai/gpt-5")}
    task = run.task if traffic is None else replace(run.task, traffic=traffic)
    return replace(run, task=task, models=ModelPool(models, "large"))


def caveats(run: TaskRun) -> tuple[str, ...]:
    return find(run).recommendation.caveats


def test_a_machine_pays_from_where_its_month_costs_what_the_answers_would() -> None:
    assert break_even(MACHINE, 1800.0, "large", 0.002).requests == 900_000


def test_a_machine_that_cannot_take_so_many_requests_never_pays() -> None:
    assert break_even(MACHINE, 1800.0, "nano", 0.00001).requests is None
    assert break_even(Price(per_month=1800.0), 1800.0, "nano", 0.00001).requests == 180_000_000


def test_a_machine_takes_its_requests_a_second_all_month() -> None:
    assert capacity(MACHINE) == pytest.approx(12 * 2_629_800)
    assert capacity(Price(per_month=1.0)) is None


def test_the_break_even_is_told_though_the_traffic_is_not() -> None:
    assert (
        "small (own) at $1,800.00 a month is cheaper than gpt-5 from about 900,000 requests a month on "
        "(one machine takes at most 32,000,000)"
    ) in caveats(with_machine())


def test_a_machine_that_never_pays_is_said_to() -> None:
    slow = Price(per_month=1800.0, max_rps=0.1)

    assert any(
        "is never cheaper than gpt-5, even when always busy" in line for line in caveats(with_machine(slow))
    )


def test_traffic_beyond_one_machine_is_counted_in_machines() -> None:
    run = with_machine(traffic=Traffic(requests=40_000_000))

    assert any("40,000,000 requests a month need 2 machines" in line for line in caveats(run))


def test_a_monthly_price_asks_for_the_traffic_that_shares_it() -> None:
    found = find(with_machine()).recommendation

    assert "what own costs is unknown: state `monthly:`" in found.headline
    assert "cost unknown for small: state `monthly: {requests: …}` in the eval set" in found.caveats
