from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evalbench.advice.looks import TOO_EARLY, USED_UP, about_looks, allowance, before_look
from evalbench.advice.recommend import find
from evalbench.core.comparison import Verdict
from evalbench.core.looks import Allowance, Look, LookPlan, Looks, LookTaken, Spending, ordinal
from evalbench.core.recommendation import Finding, Outcome
from tests.advice.runs import comparison, make_run
from tests.build import make_task

THREE = LookPlan(planned=3)
THOUSAND = LookPlan(items=1000)


def look(number: int, items: int = 100, **changes: Any) -> Look:
    plain = Look(
        f"r{number}", f"2026-11-0{number}T10:00:00Z", number, items, "digest", "label@1", 1, 0.05, 0.95
    )
    return replace(plain, **changes)


def after(*items: int, plan: LookPlan | None = None) -> Looks:
    """The look that follows others at so many items."""
    before = tuple(look(number, count, plan=plan) for number, count in enumerate(items, start=1))
    return Looks(len(items) + 1, before)


def allowed(plan: LookPlan | None, looks: Looks, items: int = 300, candidates: int = 1) -> Allowance:
    return allowance(make_task(looks=plan), looks, items, candidates)


def found(looks: Looks, plan: LookPlan | None = None, losses: int = 5) -> Finding:
    run = make_run(280, 300, {"small": (5, losses)}, looks=plan)
    return find(replace(run, looks=looks))


def test_without_a_plan_every_look_takes_all_of_the_risk() -> None:
    assert allowed(None, after(100, 200)) == Allowance(0.05, 0.05, 0.05)


def test_three_looks_planned_are_tested_at_their_shares_and_a_fourth_at_none() -> None:
    found = [allowed(THREE, after(*range(20, 20 * number, 20))) for number in (1, 2, 3, 4)]

    assert [each.used for each in found] == pytest.approx([0.03, 0.015, 0.005, 0.0])
    assert [each.left for each in found] == pytest.approx([0.015, 0.005, 0.0, 0.0])
    assert [each.bar for each in found] == [None, None, None, USED_UP]


def test_looks_at_growing_items_are_tested_beyond_the_group_sequential_bounds() -> None:
    # The row T9 of five equal looks: the last bound is 1.7397.
    last = allowed(THOUSAND, after(200, 400, 600, 800), 1000)

    assert last.used == pytest.approx(0.04096, rel=1e-3)
    assert last.left == 0.0


def test_an_early_look_at_few_of_the_items_planned_can_prove_nothing_and_uses_nothing() -> None:
    early = allowed(THOUSAND, after(), 50)

    assert (early.used, early.bar) == (0.0, TOO_EARLY)
    assert early.left == pytest.approx(0.05)


def test_a_look_without_new_items_may_use_nothing_of_what_growing_items_bring() -> None:
    assert allowed(THOUSAND, after(400), 400).bar == TOO_EARLY


def test_after_all_items_planned_nothing_is_left() -> None:
    assert allowed(THOUSAND, after(500, 1000), 1200).bar == USED_UP


def test_even_spending_gives_an_early_look_more() -> None:
    even = allowed(LookPlan(items=1000, spending=Spending.POCOCK), after(), 500)

    assert even.used > 3 * allowed(THOUSAND, after(), 500).used


def test_a_tier_that_passes_at_all_of_the_risk_may_fail_at_a_share_of_it() -> None:
    alone, shared = (found(Looks(), losses=11), found(after(100, 200, plan=THREE), THREE, losses=11))

    assert alone.recommendation.outcome is Outcome.RECOMMENDED
    assert comparison(alone, "small").level == pytest.approx(0.90)
    assert comparison(shared, "small").level == pytest.approx(0.99)
    assert shared.recommendation.outcome is not Outcome.RECOMMENDED
    assert "99.5 % sure" in shared.recommendation.evidence[0]


def test_items_wanted_are_counted_at_the_share_of_the_next_look() -> None:
    at_first = found(Looks(), THREE, losses=14).recommendation
    whole = found(Looks(), None, losses=14).recommendation

    assert at_first.need_items is not None
    assert whole.need_items is not None
    assert at_first.need_items > 1.2 * whole.need_items


def test_no_items_are_asked_for_after_the_last_look() -> None:
    last = found(after(100, 200, plan=THREE), THREE, losses=14).recommendation

    assert last.need_items is None
    assert "this was the last look planned; draw new items" in last.headline


def test_once_the_looks_are_used_up_nothing_is_recommended_whatever_the_scores_say() -> None:
    finding = found(after(100, 200, 250, plan=THREE), THREE, losses=0)

    small = comparison(finding, "small")
    assert (small.verdict, small.reasons) == (Verdict.UNKNOWN, (USED_UP,))
    assert finding.recommendation.outcome is Outcome.INCONCLUSIVE
    assert finding.recommendation.headline.endswith("and give the eval set another `name:`")


def test_a_tier_shown_worse_stays_shown_worse_when_the_looks_are_used_up() -> None:
    finding = found(after(100, 200, 250, plan=THREE), THREE, losses=90)

    assert comparison(finding, "small").verdict is Verdict.NOT_GOOD_ENOUGH


def test_a_first_look_without_a_plan_is_not_remarked_on() -> None:
    assert not any("look" in line for line in found(Looks()).recommendation.caveats)


def test_a_third_look_is_said_to_have_used_the_whole_risk_like_those_before() -> None:
    caveats = found(after(50, 200)).recommendation.caveats

    assert caveats[0] == (
        "third look at this question (before: 50 items on 2026-11-01 and 200 items on 2026-11-02); each look "
        "takes the whole 5 % risk of a wrong recommendation, up to 15 % together; "
        "`looks: 3` in evalset.yaml, set before the first, shares 5 % among three"
    )


def test_a_planned_look_is_said_to_have_its_share_and_how_many_are_left() -> None:
    (caveat, *_) = found(after(50, plan=THREE), THREE).recommendation.caveats

    assert caveat == (
        "second look at this question (before: 50 items on 2026-11-01), of 3 planned: it uses 1.5 % of the "
        "5 % risk of a wrong recommendation allowed to all; 1 look left"
    )


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"max_drop": 0.03},
            "the largest drop allowed was changed after results were seen: 3 points in run r1, 5 points now",
        ),
        (
            {"confidence": 0.99},
            "how sure to be was changed after results were seen: 99 % in run r1, 95 % now",
        ),
        ({"plan": THREE}, "`looks` was changed after results were seen, since run r1"),
    ],
)
def test_terms_that_were_changed_after_results_were_seen_are_written_down(
    changed: dict[str, Any], line: str
) -> None:
    looks = Looks(1, (look(1, **changed),))

    assert line in found(looks).recommendation.caveats


def test_terms_that_stayed_are_not_remarked_on() -> None:
    lines = about_looks(LookTaken(after(50), None, allowed(None, after(50))), make_task(), 300)

    assert not any("changed" in line for line in lines)


def test_a_used_up_look_is_told_before_it_is_paid_for() -> None:
    looks = after(50, 100, 200, plan=THREE)

    words = before_look(make_task(looks=THREE), looks, allowed(THREE, looks))

    assert words.startswith("this would be the fourth look at this question (before: 50 items on 2026-11-01,")
    assert "so it can prove nothing: draw new items" in words


def test_a_second_look_is_told_before_it_is_paid_for() -> None:
    words = before_look(make_task(), after(50), allowed(None, after(50)))

    assert words == (
        "this would be the second look at this question (before: 50 items on 2026-11-01), "
        "again at the whole 5 % risk of a wrong recommendation"
    )
    assert before_look(make_task(), Looks(), allowed(None, Looks())) == ""


def test_numbers_beyond_ten_are_counted_on() -> None:
    assert [ordinal(number) for number in (1, 10, 11, 12, 21, 22, 23, 111)] == [
        *("first", "tenth", "11th", "12th", "21st", "22nd", "23rd", "111th"),
    ]


@pytest.mark.parametrize("plan", [None, THREE, THOUSAND])
def test_of_a_run_for_the_gate_nothing_is_said_of_looks(plan: LookPlan | None) -> None:
    looks = replace(after(100, 200, plan=plan), number=2, is_gate=True)
    task = make_task(looks=plan)
    taken = LookTaken(looks, plan, allowance(task, looks, 300, 1))

    assert about_looks(taken, task, 300) == ()
    assert before_look(task, looks, taken.allowance) == ""
