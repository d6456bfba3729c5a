from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from evalbench.assembly.forecast import forecast, tier_plans
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.plan import TierPlan
from evalbench.runner.plan import TaskWork, plan_task
from evalbench.store.usage import Used
from tests.runner.test_plan import make_job, none_stored

LIMITED = {"max_tokens": 100}


def planned(price: Price | None, *, is_limited: bool = True) -> TaskWork:
    job = make_job(("a", "a", "b"))
    model = Model("scripted/l", params=LIMITED if is_limited else {}, price=price)
    pool = ModelPool({"small": Model("scripted/s"), "large": model}, "large")
    return plan_task(replace(job, pool=pool), none_stored, set())


def large(work: TaskWork, used: Sequence[Used] = ()) -> TierPlan:
    return tier_plans(work, 60.0, lambda *_: used)[1]


def test_calls_are_counted_apart_from_what_is_there_already() -> None:
    found = large(planned(Price(input=1.0, output=10.0)))

    assert (found.calls, found.stored, found.duplicates) == (2, 0, 1)


def test_costs_are_said_as_low_expected_and_worst() -> None:
    found = large(planned(Price(input=1.0, output=10.0)))

    assert found.low_usd is not None
    assert found.expected_usd is not None
    assert found.worst_usd is not None
    assert 0 < found.low_usd < found.expected_usd < found.worst_usd
    assert found.worst_usd > 2 * 100 * 10.0 / 1_000_000


def test_without_stored_answers_the_expectation_is_called_an_assumption() -> None:
    assert large(planned(Price(input=1.0, output=10.0))).basis == "assumed: 10 output tokens an answer"


def test_stored_answers_tell_what_the_next_ones_will_use() -> None:
    used = [Used(200, tokens, 0.5) for tokens in (10, 20, 30, 40)]

    found = large(planned(Price(input=1.0, output=10.0)), used)

    assert (found.input_tokens, found.output_tokens) == (400, 50)
    assert found.expected_usd == pytest.approx(2 * (200 + 250) / 1_000_000)
    assert found.basis == "as in 4 stored answers"


def test_an_hourly_price_is_bounded_by_deadlines_and_expected_by_stored_times() -> None:
    found = large(planned(Price(per_hour=3.6)), [Used(None, None, 0.5)])

    assert found.worst_usd == pytest.approx(0.12)
    assert found.expected_usd == pytest.approx(0.001)


def test_what_nobody_knows_is_named_and_never_zero() -> None:
    unpriced, unlimited = large(planned(None)), large(planned(Price(input=1.0, output=1.0), is_limited=False))

    assert (unpriced.worst_usd, unpriced.expected_usd, unpriced.gap) == (None, None, "price")
    assert (unlimited.worst_usd, unlimited.gap) == (None, "output limit")


def test_a_tier_that_is_asked_nothing_costs_nothing() -> None:
    everything = plan_task(make_job(("a", "b")), set, set())

    assert [(each.calls, each.worst_usd) for each in forecast([everything], 60.0, None)] == [(0, 0.0)] * 2


def test_what_one_more_call_costs_is_known_where_none_is_made() -> None:
    planned_now = planned(Price(input=1.0, output=10.0))
    all_stored = plan_task(planned_now.job, set, set())

    found = large(all_stored, [Used(200, 25, 0.5)])

    assert (found.calls, found.expected_usd) == (0, 0.0)
    assert found.call_usd == pytest.approx((200 + 250) / 1_000_000)
    assert large(all_stored).call_usd is None
