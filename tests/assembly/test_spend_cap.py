from __future__ import annotations

import pytest

from evalbench.assembly.spend_cap import Spent, cap_words, check_cap
from evalbench.core.models import Model, Price
from evalbench.core.plan import Plan, TierPlan
from evalbench.errors import IncompleteRunError, InputError


def plan(
    worst_usd: float | None, call_usd: float | None = 0.01, calls: int = 5, gap: str | None = None
) -> Plan:
    tier = TierPlan("demo", "large", calls, 0, 0, worst_usd=worst_usd, smallest_call_usd=call_usd, gap=gap)
    return Plan((tier,))


def check(
    found: Plan, cap_usd: float, price: Price | None = None, spent: Spent | None = None, **params: int
) -> None:
    check_cap(found, cap_usd, {"large": Model("x/y", params=params, price=price)}, None, spent)


def test_a_cap_below_the_worst_case_is_accepted_since_the_run_stops_in_time() -> None:
    check(plan(5.0), 0.5)


def test_a_cap_cannot_hold_where_a_price_is_unknown() -> None:
    with pytest.raises(
        InputError, match="'large' costs at most, so a spend cap cannot hold: it has no price"
    ) as caught:
        check(plan(None, None, gap="price"), 0.5)

    assert "`price:`" in caught.value.fix
    assert "neither --max-spend nor `max_spend_usd:`" in caught.value.fix


def test_a_cap_cannot_hold_where_an_answer_has_no_end() -> None:
    with pytest.raises(InputError, match=r"'large' costs at most, .* its answers have no limit") as caught:
        check(plan(None, None, gap="output limit"), 0.5)

    assert "params: {max_tokens: 512}" in caught.value.fix


def test_a_cap_that_leaves_a_tier_without_any_answer_is_refused() -> None:
    with pytest.raises(InputError, match=r"one call of tier 'large' can cost up to \$0.64"):
        check(plan(5.0, 0.64), 0.5)


def test_a_tier_that_is_asked_nothing_needs_no_bound() -> None:
    check(plan(None, None, calls=0), 0.5)


def test_a_call_that_is_paid_by_time_gets_cheaper_by_a_shorter_deadline() -> None:
    with pytest.raises(InputError) as caught:
        check(plan(5.0, 0.64), 0.5, Price(per_hour=36.0))

    assert "`timeout_s:`" in caught.value.fix


def test_a_limit_is_advised_where_it_makes_a_call_cheaper() -> None:
    with pytest.raises(InputError) as caught:
        check(plan(5.0, 0.64), 0.5, max_tokens=4_000)

    assert "--max-spend 5, or give tier large `params: {max_tokens: 512}`" in caught.value.fix


def test_no_limit_is_advised_that_would_make_a_call_dearer() -> None:
    with pytest.raises(InputError) as caught:
        check(plan(5.0, 0.64), 0.5, max_tokens=16)

    assert caught.value.fix == "raise the cap with --max-spend 5"


def test_a_resumed_run_whose_cap_is_used_up_needs_an_allowance() -> None:
    with pytest.raises(IncompleteRunError, match=r"run r1 has spent \$0.45 of its cap of \$0.5") as caught:
        check(plan(5.0, 0.1), 0.05, spent=Spent("r1", 0.5, 0.45))

    assert "evalbench run --resume r1 --max-spend 5" in caught.value.fix


def test_a_cap_that_the_calls_cannot_reach_needs_no_word() -> None:
    assert cap_words(plan(0.4), 0.5) == ()


def test_a_cap_that_the_calls_may_reach_is_said_to_stop_them() -> None:
    (words,) = cap_words(plan(5.0), 0.5)

    assert words == "a run can cost up to $5.00, but stops before the spend cap of $0.50, and can be resumed"


def test_a_cap_below_what_is_likely_comes_with_two_ways_out() -> None:
    tier = TierPlan("demo", "large", 5, 0, 0, expected_usd=0.75, worst_usd=5.0, smallest_call_usd=0.01)

    (words,) = cap_words(Plan((tier,)), 0.5)

    assert "the spend cap of $0.50 will probably stop this run" in words
    assert "--max-spend ($0.75 is likely), or ask fewer items with --limit" in words
