from __future__ import annotations

import math
import random

import numpy as np
import pytest

from evalbench.assembly.early_stop import refuse_unsuited
from evalbench.core.comparison import Verdict
from evalbench.core.evalset import Limits
from evalbench.core.looks import LookPlan
from evalbench.errors import InputError
from evalbench.stats.eprocess import capital, crossing, early_stop
from tests.assembly.watched import Watched, pairs, watched
from tests.build import make_item, make_task

EQUAL, WRONG = [1.0] * 400, [0.0] * 400


def test_a_hopeless_tier_is_settled_at_the_twentieth_item_and_not_before() -> None:
    found = watched()

    items = found.tell_all({"small": WRONG, "large": EQUAL})

    assert items == 20
    assert found.settled_tiers == {"small", "large"}
    assert found.decide().candidates[0].verdict is Verdict.NOT_GOOD_ENOUGH


def test_nineteen_items_give_no_verdict() -> None:
    found = watched(19)

    items = found.tell_all({"small": WRONG, "large": EQUAL})

    assert (items, found.settled) == (19, frozenset())
    assert found.decide().candidates[0].verdict is Verdict.UNKNOWN


def test_a_good_tier_is_settled_where_the_bet_says_so() -> None:
    small, large = pairs(np.random.default_rng(5), 1000, 0.03, 0.02)
    found = watched(1000)

    items = found.tell_all({"small": small, "large": large})

    stop = early_stop((small - large)[found.order], 0.05, 0.05)
    assert stop is not None
    assert stop.is_good_enough
    assert items == stop.items < 500
    assert found.decide().candidates[0].verdict is Verdict.GOOD_ENOUGH


def test_an_answer_that_comes_sooner_waits_for_its_place() -> None:
    small, large = pairs(np.random.default_rng(6), 300, 0.05, 0.05)
    in_order, shuffled = watched(300), watched(300)
    answers = [(tier, place) for place in in_order.order[:200] for tier in (0, 1)]
    scores = (small, large)

    for tier, place in answers:
        in_order.tell(tier, place, scores[tier][place])
    random.Random(1).shuffle(answers)
    for tier, place in answers:
        shuffled.tell(tier, place, scores[tier][place])

    assert shuffled.settled == in_order.settled
    assert shuffled.decide() == in_order.decide()


def test_answers_behind_a_gap_count_for_nothing() -> None:
    found = watched(400)
    for place in [place for place in found.order if place != found.order[10]]:
        for tier in (0, 1):
            found.tell(tier, place, 1.0)

    assert found.settled == frozenset()
    assert found.decide().candidates[0].items == 10
    assert found.decide().candidates[0].verdict is Verdict.UNKNOWN


def test_several_candidates_share_alpha_as_a_decision_has_it() -> None:
    found = watched(400, ("small", "medium", "large"))

    items = found.tell_all({"small": EQUAL, "medium": EQUAL, "large": EQUAL})

    assert items == crossing(capital(np.zeros(400), 0.05), 0.025)
    decision = found.decide()
    assert [decision.candidates[tier].verdict for tier in (0, 1)] == [Verdict.GOOD_ENOUGH] * 2


def test_the_current_tier_goes_on_while_another_one_needs_it() -> None:
    small, large = pairs(np.random.default_rng(7), 400, 0.05, 0.08)
    found = watched(400, ("small", "medium", "large"))

    found.tell_all({"small": WRONG, "medium": small, "large": large})

    assert found.settled_tiers == {"small"}
    assert "small: settled after 20 of 400 items" in found.said[0]


def test_a_tier_that_costs_no_less_is_never_left_nor_the_current_one_that_it_needs() -> None:
    found = watched(200, ("small", "medium", "large"), current="medium")

    found.tell_all({"small": WRONG, "medium": EQUAL, "large": EQUAL})

    assert found.settled_tiers == {"small"}


def test_a_tier_of_unknown_cost_is_never_left() -> None:
    found = watched(200)

    found.tell_all({"small": WRONG, "large": EQUAL}, cost_usd=None)

    assert found.settled == frozenset()


def test_repeats_of_an_item_make_one_difference() -> None:
    found = watched(200, repeats=2)
    for place in found.order:
        for repeat in range(2):
            if found.settled:
                break
            found.tell(0, place, 1.0, repeat)
            found.tell(1, place, float(repeat == 0), repeat)

    own = [found.decide().candidates[0].difference, found.decide().candidates[0].items]
    assert own == [0.5, 20]


def test_an_item_waits_for_all_its_repeats() -> None:
    found = watched(60, repeats=2)

    for place in found.order:
        found.tell(0, place, 0.0, 0)
        found.tell(1, place, 1.0, 0)

    assert found.settled == frozenset()


def test_graded_scores_settle_by_their_differences() -> None:
    rng = np.random.default_rng(8)
    large = rng.random(400)
    found = watched(400)

    items = found.tell_all({"small": np.clip(large + rng.normal(0, 0.05, 400), 0, 1), "large": large})

    assert 20 <= items < 100
    assert found.decide().candidates[0].verdict is Verdict.GOOD_ENOUGH


def test_a_missing_answer_counts_against_what_is_claimed() -> None:
    whole, gaps = watched(400), watched(400)
    small = [None if number % 40 == 0 else 1.0 for number in range(400)]

    first = whole.tell_all({"small": EQUAL, "large": EQUAL})
    second = gaps.tell_all({"small": small, "large": EQUAL})

    assert first < second
    candidate = gaps.decide().candidates[0]
    assert candidate.difference == 0.0
    assert candidate.missing > 0


def test_a_tier_with_many_answers_missing_is_not_settled_as_good() -> None:
    found = watched(400)
    late = {place for number, place in enumerate(found.order) if number % 10 == 0}
    small = [None if place in late else 1.0 for place in range(400)]

    found.tell_all({"small": small, "large": [1.0 if one is None else 0.7 for one in small]})

    assert found.settled == frozenset()
    assert "too_many_missing" in found.decide().candidates[0].reasons


def test_a_call_that_the_spend_cap_left_out_ends_the_sequence() -> None:
    found = watched(100)
    for number, place in enumerate(found.order):
        for tier in (0, 1):
            found.tell(tier, place, None if number >= 40 else 1.0, kind="over_budget")

    candidate = found.decide().candidates[0]

    assert (candidate.items, candidate.missing) == (40, 0)


def test_an_unreadable_answer_is_wrong_whatever_its_score_says() -> None:
    found = watched(60)
    for place in found.order[:20]:
        found.tell(0, place, 1.0, is_valid=False)
        found.tell(1, place, 1.0)

    assert found.settled_tiers == {"small", "large"}


def test_items_without_a_target_take_no_part() -> None:
    items = [make_item(f"i{number}", target=None if number % 2 else "yes") for number in range(80)]
    found = watched(items)

    found.tell_all({"small": WRONG, "large": EQUAL})

    assert found.decide().candidates[0].items == 20


def test_whole_groups_are_one_bet_and_ten_of_them_the_fewest_for_a_good_tier() -> None:
    items = [make_item(f"i{number}", group=f"g{number // 100}") for number in range(800)]
    found = watched(items)

    found.tell_all({"small": [1.0] * 800, "large": [0.0] * 800})

    candidate = found.decide().candidates[0]
    assert found.settled == frozenset()
    assert candidate.groups == 8
    assert "too_few_clusters" in candidate.reasons


def test_groups_settle_group_by_group() -> None:
    items = [make_item(f"i{number}", group=f"g{number // 5}") for number in range(500)]
    found = watched(items)

    found.tell_all({"small": [0.0] * 500, "large": [1.0] * 500})

    candidate = found.decide().candidates[0]
    assert candidate.verdict is Verdict.NOT_GOOD_ENOUGH
    assert candidate.items % 5 == 0
    assert candidate.items == 5 * (candidate.groups or 0)


@pytest.mark.parametrize("limits", [Limits(min_score=0.5), Limits(max_p95_s=1.0)])
def test_with_a_limit_a_good_tier_is_asked_to_the_end_and_its_limit_tested_there(limits: Limits) -> None:
    found = watched(200, limits=limits)

    found.tell_all({"small": EQUAL, "large": EQUAL})

    assert found.settled == frozenset()
    assert found.decide().candidates[0].verdict is Verdict.GOOD_ENOUGH


def test_with_a_limit_a_bad_tier_is_left_and_the_current_one_is_not() -> None:
    found = watched(200, limits=Limits(min_score=0.5))

    found.tell_all({"small": WRONG, "large": EQUAL})

    assert found.settled_tiers == {"small"}
    candidate = found.decide().candidates[0]
    assert candidate.verdict is Verdict.NOT_GOOD_ENOUGH
    assert "floor" not in candidate.reasons


def test_what_was_left_out_is_not_missing_and_what_failed_is() -> None:
    found = watched(200)
    for number, place in enumerate(found.order):
        if found.settled:
            break
        found.tell(0, place, None if number == 3 else 0.0)
        found.tell(1, place, 1.0)
    asked = number

    answered = {0: asked - 1, 1: asked}

    assert found.stop.lacking(found.job, answered) == 1


def test_of_a_tier_that_is_not_settled_everything_unanswered_is_missing() -> None:
    found = watched(200)
    for place in found.order[:50]:
        for tier in (0, 1):
            found.tell(tier, place, 1.0)

    assert found.stop.lacking(found.job, {0: 50, 1: 50}) == 300


def test_a_resumed_run_is_where_it_was() -> None:
    small, large = pairs(np.random.default_rng(9), 800, 0.04, 0.04)
    scores = {"small": small, "large": large}
    whole, again = watched(800), watched(800)
    items = whole.tell_all(scores)
    stored = list(whole.trials)
    random.Random(2).shuffle(stored)

    for slot in stored[: len(stored) // 2]:
        again.tell(slot.tier, slot.item, (small, large)[slot.tier][slot.item])
    for place in again.order:
        for tier in (0, 1):
            if tier not in again.settled and all(
                (one.tier, one.item) != (tier, place) for one in again.trials
            ):
                again.tell(tier, place, (small, large)[tier][place])

    assert items < 800
    assert again.settled == whole.settled
    assert again.decide().candidates[0].verdict is whole.decide().candidates[0].verdict


def test_scores_that_exist_only_for_all_items_together_are_refused() -> None:
    with pytest.raises(InputError, match="triage cannot be stopped early: metric 'macro_f1'"):
        refuse_unsuited([make_task("fine"), make_task("triage", metric="macro_f1")])


def test_planned_looks_are_refused() -> None:
    with pytest.raises(InputError, match=r"triage has planned looks \(`looks:`\)"):
        refuse_unsuited([make_task("triage", looks=LookPlan(planned=3))])


def _stopped(seed: int, wins: float, losses: float, items: int) -> Watched:
    small, large = pairs(np.random.default_rng([17, seed]), items, wins, losses)
    found = watched(items)
    found.tell_all({"small": small, "large": large})
    return found


def test_a_tier_exactly_at_the_margin_is_seldom_found_good_enough_or_not() -> None:
    runs = 400
    verdicts = [_stopped(seed, 0.025, 0.075, 300).decide().candidates[0].verdict for seed in range(runs)]

    most = runs * 0.05 + 3.1 * math.sqrt(runs * 0.05 * 0.95)
    assert verdicts.count(Verdict.GOOD_ENOUGH) <= most
    assert verdicts.count(Verdict.NOT_GOOD_ENOUGH) <= most


def test_what_is_settled_while_asking_is_what_is_decided_at_the_end() -> None:
    seen = set()
    for seed in range(120):
        found = _stopped(seed, 0.05, (0.05, 0.02, 0.2)[seed % 3], 600)
        verdict = found.decide().candidates[0].verdict
        assert (verdict is not Verdict.UNKNOWN) == (found.settled_tiers == {"small", "large"})
        seen.add(verdict)

    assert seen == {Verdict.GOOD_ENOUGH, Verdict.NOT_GOOD_ENOUGH, Verdict.UNKNOWN}
