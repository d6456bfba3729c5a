from __future__ import annotations

import pytest

from evalbench.advice.planning import (
    ASSUMED,
    Differing,
    Supply,
    fewest_items,
    items_wanted,
    what_items_prove,
)
from evalbench.core.evalset import Criticality, Limits
from evalbench.stats.power import items_needed
from tests.build import make_task

SEEN = Differing(0.10, "r1")


@pytest.mark.parametrize(
    ("margin", "alpha", "items"),
    [(0.01, 0.10, 164), (0.02, 0.05, 134), (0.05, 0.05, 53), (0.05, 0.025, 74), (0.10, 0.01, 50)],
)
def test_the_fewest_items_agree_with_the_table_of_runs_without_a_difference(
    margin: float, alpha: float, items: int
) -> None:
    fewest = fewest_items(margin, alpha)

    assert fewest == items


def test_the_exact_test_needs_as_many_items_as_its_own_power_law() -> None:
    fewest = fewest_items(0.05, 0.05, is_exact=True)

    assert 0.95**fewest <= 0.05 < 0.95 ** (fewest - 1)


def test_enough_items_are_said_to_be_enough() -> None:
    proof = what_items_prove(make_task(), items=300, groups=None, candidates=1, differing=SEEN)

    assert proof == (
        "demo: 300 items are enough to prove 5 points with 80 % power, about 380 would with 90 % "
        "(as in run r1: tiers differed on 10 % of the items)"
    )


def test_enough_items_for_the_higher_power_are_said_to_be_that() -> None:
    proof = what_items_prove(make_task(), items=400, groups=None, candidates=1, differing=SEEN)

    assert proof == (
        "demo: 400 items are enough to prove 5 points with 90 % power "
        "(as in run r1: tiers differed on 10 % of the items)"
    )


def test_too_few_items_come_with_what_they_do_prove_and_what_would_be_enough() -> None:
    proof = what_items_prove(make_task("support-triage"), 120, None, 2, SEEN)

    assert proof == (
        "support-triage: 120 items can prove at most 10 points worse; 5 points want about 350 "
        "(470 for 90 % power): add items, or set max_drop: 0.10 "
        "(as in run r1: tiers differed on 10 % of the items)"
    )


def test_without_an_earlier_run_it_is_said_what_it_takes_if_tiers_differ_seldom_or_often() -> None:
    proof = what_items_prove(make_task("support-triage"), 90, None, 2)

    assert proof == (
        "support-triage: 90 items can prove at most 11 to 16 points worse; 5 points want about 350 to 800 "
        "(470 to 1,100 for 90 % power): add items, or set max_drop: 0.16 "
        "(assuming that tiers differ on 10 to 25 % of the items)"
    )


def test_items_that_are_enough_only_for_tiers_that_seldom_differ_are_said_to_be_that() -> None:
    proof = what_items_prove(make_task(), items=300, groups=None, candidates=1)

    assert proof == (
        "demo: 300 items are enough to prove 5 points with 80 % power if tiers differ on 10 % of the items; "
        "if on 25 %, 5 points want about 630; a pilot of 50 items (--limit 50) would tell how often they do"
    )


def test_items_that_are_enough_for_tiers_that_often_differ_are_enough() -> None:
    proof = what_items_prove(make_task(), items=900, groups=None, candidates=1, supply=Supply(item_usd=0.01))

    assert proof == (
        "demo: 900 items are enough to prove 5 points with 90 % power "
        "(assuming that tiers differ on 10 to 25 % of the items); "
        "a pilot of 50 items (--limit 50, about $0.50) would tell how often they do"
    )


@pytest.mark.parametrize(
    ("items", "differing", "item_usd"), [(100, ASSUMED, 0.01), (300, SEEN, 0.01), (300, ASSUMED, 0.0)]
)
def test_no_pilot_is_proposed_for_small_or_free_runs_or_where_an_earlier_one_tells(
    items: int, differing: Differing, item_usd: float
) -> None:
    proof = what_items_prove(make_task(), items, None, 1, differing, Supply(item_usd))

    assert "pilot" not in proof


def test_the_run_that_showed_how_often_tiers_differ_is_named_with_its_items_and_day() -> None:
    seen = Differing(0.12, "20261124-1", ("small", "large"), run_items=50, day="2026-11-24")

    proof = what_items_prove(make_task(), 400, None, 1, seen)

    assert proof.endswith(
        "(from your run of 50 items on 2026-11-24, 20261124-1: small and large differed on 12 % of the items)"
    )


def test_the_table_of_items_wanted_is_that_of_the_planner() -> None:
    rows = items_wanted(make_task(), 1, SEEN)

    assert [(row.true_drop, row.power) for row in rows] == [
        (drop, power) for drop in (0.0, 0.0125, 0.025) for power in (0.8, 0.9)
    ]
    assert rows[0].items == 274  # T8
    assert [row.items for row in rows] == sorted(row.items for row in rows)
    assert {row.most_items for row in rows} == {None}


def test_without_an_earlier_run_the_table_has_a_range() -> None:
    rows = items_wanted(make_task(), 1)

    assert rows[0].items == 274
    assert rows[0].most_items == items_needed(0.05, 0.25)


def test_a_drop_beyond_twice_what_tiers_were_seen_to_differ_has_a_table_too() -> None:
    rows = items_wanted(make_task(max_drop=0.3), 1, Differing(0.1, "r1"))

    assert rows[-2].items == items_needed(0.3, 0.15, -0.15)


def test_no_items_are_wanted_where_nothing_can_move() -> None:
    locked = make_task(criticality=Criticality.CRITICAL, max_drop=0.01, confidence=0.99)

    assert items_wanted(make_task(), 0) == ()
    assert items_wanted(locked, 1) == ()


def test_the_planned_number_is_the_one_of_the_published_table() -> None:
    enough = what_items_prove(make_task(), items=274, groups=None, candidates=1, differing=SEEN)
    one_less = what_items_prove(make_task(), items=273, groups=None, candidates=1, differing=SEEN)

    assert "enough" in enough
    assert "want about 280" in one_less


def test_items_that_could_not_prove_it_even_without_a_difference_are_said_to_be_hopeless() -> None:
    proof = what_items_prove(make_task(), items=52, groups=None, candidates=1)

    assert "52 items can never prove 5 points, even if no answer differs" in proof


def test_a_handful_of_items_proves_nothing() -> None:
    proof = what_items_prove(make_task(), items=12, groups=None, candidates=1)

    assert (
        proof == "demo: 12 items can prove nothing; 5 points want about 280 to 630 "
        "(380 to 870 for 90 % power): add items"
    )


def test_more_items_come_with_what_they_would_cost() -> None:
    proof = what_items_prove(make_task(), 120, None, 1, SEEN, Supply(item_usd=0.01))

    assert "add items (about $1.54), or set max_drop" in proof


def test_items_that_a_limit_leaves_out_need_not_be_written() -> None:
    enough = what_items_prove(make_task(), 120, None, 1, SEEN, Supply(item_usd=0.01, left_out=154))
    too_few = what_items_prove(make_task(), 120, None, 1, SEEN, Supply(item_usd=0.01, left_out=153))

    assert "raise --limit (about $1.54)" in enough
    assert "add items (about $1.54)" in too_few


def test_how_often_tiers_differed_before_is_said_with_the_run_that_showed_it() -> None:
    before = Differing(0.07, "20261124-1", ("small", "large"))

    proof = what_items_prove(make_task(), 300, None, 1, before)

    assert proof.endswith("(as in run 20261124-1: small and large differed on 7 % of the items)")


def test_graded_scores_are_not_said_to_have_differed_on_so_many_items() -> None:
    before = Differing(0.07, "20261124-1", ("small", "large"), is_share=False)

    proof = what_items_prove(make_task(), 300, None, 1, before)

    assert "small and large differed as much as if right or wrong on 7 % of the items" in proof


def test_a_handful_of_groups_proves_nothing_however_many_items_they_hold() -> None:
    proof = what_items_prove(make_task(), items=1000, groups=6, candidates=1)

    assert proof.startswith("demo: 6 groups of items can prove nothing")


def test_items_in_groups_are_said_to_count_for_less() -> None:
    proof = what_items_prove(make_task(), items=400, groups=80, candidates=1)

    assert proof.endswith("they come in 80 groups, and count for less if the items of a group are alike")


def test_more_tiers_tested_at_once_want_more_items() -> None:
    one = what_items_prove(make_task(), items=300, groups=None, candidates=1, differing=SEEN)
    three = what_items_prove(make_task(), items=300, groups=None, candidates=3, differing=SEEN)

    assert "are enough" in one
    assert "can prove at most" in three


def test_nothing_is_asked_for_where_no_tier_is_cheaper() -> None:
    proof = what_items_prove(make_task(), items=300, groups=None, candidates=0)

    assert proof == "demo: no tier is cheaper than the current one, so there is nothing to prove"


def test_a_critical_task_is_told_before_spending_that_it_will_not_move() -> None:
    task = make_task(criticality=Criticality.CRITICAL, max_drop=0.01, confidence=0.99)

    proof = what_items_prove(task, items=5000, groups=None, candidates=1)

    assert "allow_downgrade: true" in proof


def test_a_latency_limit_that_the_items_cannot_prove_is_named() -> None:
    task = make_task(max_drop=0.2, limits=Limits(max_p95_s=2.0))

    proof = what_items_prove(task, items=50, groups=None, candidates=1)

    assert proof.endswith("cannot be proven with fewer than 59 items")
