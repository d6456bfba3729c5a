from __future__ import annotations

from dataclasses import replace

from evalbench.cli.screen.live import plan_lines, tier_line
from evalbench.core.plan import Plan, TierPlan

SMALL = TierPlan(
    "demo",
    "small",
    500,
    20,
    3,
    input_tokens=118_000,
    output_tokens=5_000,
    low_usd=0.012,
    expected_usd=0.02,
    worst_usd=1.9,
    basis="assumed: 10 output tokens an answer",
)


def test_a_tier_is_planned_in_calls_tokens_and_money() -> None:
    assert tier_line(SMALL) == (
        "demo small: 500 calls, 20 stored answers used again, 3 share the answer of an equal prompt, "
        "about 120,000 tokens in and 5,000 out, $0.012 to $0.02 expected, $1.90 at most "
        "(assumed: 10 output tokens an answer)"
    )


def test_a_tier_paid_by_the_hour_is_bounded_by_its_deadlines() -> None:
    tier = TierPlan("demo", "small", 500, 0, 0, worst_usd=0.83)

    assert tier_line(tier) == (
        "demo small: 500 calls, $0.83 at most, were each call to take its whole deadline"
    )


def test_what_is_missing_for_a_bound_is_said() -> None:
    unpriced = TierPlan("demo", "small", 5, 0, 0, gap="price")
    unlimited = TierPlan("demo", "small", 5, 0, 0, gap="output limit")

    assert tier_line(unpriced) == "demo small: 5 calls, cost unknown beforehand: no `price:`"
    assert tier_line(unlimited) == "demo small: 5 calls, no upper bound: no `max_tokens`"


def test_several_tiers_are_summed_up() -> None:
    large = TierPlan("demo", "large", 500, 0, 0, low_usd=0.1, expected_usd=0.4, worst_usd=9.1)

    assert plan_lines(Plan((SMALL, large)))[-1] == "in all: $0.11 to $0.42 expected, $11.00 at most"


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    large = TierPlan("demo", "large", 500, 0, 0, gap="price")

    assert plan_lines(Plan((SMALL, large)))[-1] == "in all: cost unknown beforehand: no `price:`"


def test_two_equal_figures_are_said_once() -> None:
    tier = replace(SMALL, low_usd=0.0201)

    assert "$0.02 expected" in tier_line(tier)
    assert "to $0.02" not in tier_line(tier)
