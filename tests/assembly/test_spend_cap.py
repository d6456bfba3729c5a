from __future__ import annotations

import pytest

from evalbench.assembly.spend_cap import check_cap
from evalbench.core.plan import Plan, TierPlan
from evalbench.errors import InputError


def plan(
    worst_usd: float | None, call_usd: float | None = 0.01, calls: int = 5, gap: str | None = None
) -> Plan:
    tier = TierPlan("demo", "large", calls, 0, 0, worst_usd=worst_usd, smallest_call_usd=call_usd, gap=gap)
    return Plan((tier,))


def test_a_cap_below_the_worst_case_is_accepted_since_the_run_stops_in_time() -> None:
    check_cap(plan(5.0), 0.5)


def test_a_cap_cannot_hold_where_a_price_is_unknown() -> None:
    with pytest.raises(
        InputError, match="'large' costs at most, so a spend cap cannot hold: it has no price"
    ) as caught:
        check_cap(plan(None, None, gap="price"), 0.5)

    assert "`price:`" in caught.value.fix


def test_a_cap_cannot_hold_where_an_answer_has_no_end() -> None:
    with pytest.raises(InputError, match=r"'large' costs at most, .* its answers have no limit") as caught:
        check_cap(plan(None, None, gap="output limit"), 0.5)

    assert "params: {max_tokens: 512}" in caught.value.fix


def test_a_cap_that_leaves_a_tier_without_any_answer_is_refused() -> None:
    with pytest.raises(InputError, match=r"one call of tier 'large' can cost up to \$0.64"):
        check_cap(plan(5.0, 0.64), 0.5)


def test_a_tier_that_is_asked_nothing_needs_no_bound() -> None:
    check_cap(plan(None, None, calls=0), 0.5)


def test_a_call_that_is_paid_by_time_gets_cheaper_by_a_shorter_deadline() -> None:
    with pytest.raises(InputError) as caught:
        check_cap(plan(5.0, 0.64), 0.5)

    assert "`timeout_s:`" in caught.value.fix
