from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalbench.advice.decide import decide
from evalbench.advice.recommend import find
from evalbench.core.comparison import Verdict
from evalbench.core.completion import Failure
from evalbench.core.estimate import Standing
from evalbench.core.recommendation import Finding, Outcome
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.stats.frontier import standings
from tests.advice.runs import against, comparison, make_run


def lacking(run: TaskRun, tier: str, first: int, count: int) -> TaskRun:
    """The run without some of a tier's answers."""
    gone = {item.id for item in run.items[first : first + count]}
    trials = tuple(
        Trial(trial.item_id, tier, failure=Failure("error", "no answer"))
        if trial.tier == tier and trial.item_id in gone
        else trial
        for trial in run.trials
    )
    return replace(run, trials=trials)


def test_the_current_tier_is_priced_against_a_cheaper_one_that_is_shown_worse() -> None:
    finding = find(make_run(270, 300, {"small": (0, 60)}))

    found = comparison(finding, "small").extra_correct_usd
    assert found is not None
    assert found.value == pytest.approx((0.002 - 0.0001) / 0.2)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert finding.recommendation.evidence[1] == (
        "gpt-5 instead of gpt-5-nano costs $9.50 per 1,000 extra right answers ($7.74 to $12.30)"
    )


def test_the_price_of_one_more_right_answer_is_less_sure_where_items_come_in_groups() -> None:
    run = make_run(270, 300, {"small": (0, 60)})
    items = tuple(replace(item, group=f"g{number // 10}") for number, item in enumerate(run.items))

    alone = comparison(find(run), "small").extra_correct_usd
    grouped = comparison(find(replace(run, items=items)), "small").extra_correct_usd

    assert alone is not None
    assert grouped is not None
    assert grouped.value == pytest.approx(alone.value)
    assert (grouped.high or 0) - (grouped.low or 0) > 1.5 * ((alone.high or 0) - (alone.low or 0))


def test_a_cheaper_tier_that_is_better_has_no_price_of_one_more_right_answer() -> None:
    assert comparison(find(make_run(270, 300, {"small": (20, 2)})), "small").extra_correct_usd is None


def test_a_tier_that_another_beats_in_score_and_cost_is_named_as_outdone() -> None:
    finding = find(make_run(270, 300, {"small": (0, 2), "medium": (0, 9)}))

    assert [estimate.standing for estimate in finding.estimates] == [
        Standing.EFFICIENT,
        Standing.DOMINATED,
        Standing.EFFICIENT,
    ]
    assert finding.recommendation.tier == "small"
    assert (
        "medium (claude-haiku-4-5) is outdone: small (gpt-5-nano) scored no less and cost no more"
        in finding.recommendation.evidence
    )


def test_how_often_a_tier_is_on_the_frontier_is_a_share_of_redrawn_samples() -> None:
    small, medium, large = find(make_run(270, 300, {"small": (0, 2), "medium": (0, 9)})).estimates

    assert small.frontier_share == 1.0
    assert medium.frontier_share is not None
    assert medium.frontier_share < 0.1
    assert large.frontier_share is not None
    assert 0.5 < large.frontier_share < 1.0


def test_tiers_of_unknown_cost_have_no_standing() -> None:
    costs_usd = {"small": None, "large": 0.002}

    finding = find(make_run(270, 300, {"small": (0, 2)}, costs_usd))

    assert [estimate.standing for estimate in finding.estimates] == [None, None]
    assert comparison(finding, "small").acceptability == ()


def test_a_cheaper_and_worse_tier_pays_off_while_a_right_answer_is_worth_little() -> None:
    curve = comparison(find(make_run(270, 300, {"small": (0, 60)})), "small").acceptability

    shares = [share for _, share in curve]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99
    assert shares[-1] < 0.01


def fewest_that_fail(losses: int, missing: int) -> int:
    """How many more losses fail the tier, found by deciding again with each number of them."""
    verdicts = (
        comparison(find(make_run(300, 300, {"small": (0, losses + more)})), "small").verdict
        for more in range(missing + 1)
    )
    return next(more for more, verdict in enumerate(verdicts) if verdict is not Verdict.GOOD_ENOUGH)


def held_back(finding: Finding) -> tuple[str, ...]:
    return tuple(line for line in finding.recommendation.evidence if "without an answer" in line)


def test_a_verdict_that_no_missing_answer_can_change_says_so() -> None:
    finding = find(lacking(make_run(400, 400, {"small": (0, 2)}), "small", 100, 3))

    assert comparison(finding, "small").verdict is Verdict.GOOD_ENOUGH
    assert held_back(finding) == ("this holds even if all 3 items without an answer went against gpt-5-nano",)


def test_the_tipping_point_of_missing_answers_is_told_where_they_hold_a_tier_back() -> None:
    finding = find(lacking(make_run(300, 300, {"small": (0, 5)}), "small", 100, 12))

    found = comparison(finding, "small")
    assert found.reasons == ("missing_sensitive",)
    assert found.losses_to_fail == fewest_that_fail(5, 12)
    (line,) = held_back(finding)
    assert line.startswith(f"gpt-5-nano would pass unless {found.losses_to_fail} of the 12 items without")


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from([0.1, 0.2])), min_size=2, max_size=3
    )
)
def test_a_recommended_tier_is_never_dominated_by_another_that_is_good_enough(
    tiers: list[tuple[int, int, float]],
) -> None:
    current = [1.0] * 240 + [0.0] * 60
    scores = np.array([*(against(current, wins, losses) for wins, losses, _ in tiers), current])
    costs_usd = [*(cost for *_, cost in tiers), 1.0]

    found = decide(scores[:, :, None], costs_usd)

    if found.outcome is Outcome.RECOMMENDED and found.tier is not None and found.tier in found.candidates:
        passing = [tier for tier, each in found.candidates.items() if each.verdict is Verdict.GOOD_ENOUGH]
        places = standings(scores[passing].mean(axis=1).tolist(), [costs_usd[tier] for tier in passing])
        assert places[passing.index(found.tier)] is not Standing.DOMINATED
