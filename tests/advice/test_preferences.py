"""Answers that a judge compared: the decision on their net win rate, the words for it, and position bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evalbench.advice.decide import decide
from evalbench.advice.preferences import position_bias
from evalbench.advice.recommend import find
from evalbench.core.comparison import Verdict
from evalbench.core.completion import Completion, Failure, Status
from evalbench.core.evalset import Criticality, GraderSpec
from evalbench.core.recommendation import Finding, Outcome
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.reports.html import render_html
from evalbench.reports.index import render_index
from evalbench.reports.summary import summary
from evalbench.reports.tables import rows
from evalbench.stats.paired import paired_test
from tests.advice.runs import comparison
from tests.build import make_item, make_pool, make_task
from tests.reports.build_findings import make_run

PREFERRED, TIED, LOST = (1.0, 1.0), (0.5, 0.5), (0.0, 0.0)
FIRST, SECOND, HALF = (1.0, 0.0), (0.0, 1.0), (1.0, 0.5)
COSTS_USD = {"small": 0.001, "large": 0.01}
Orders = Sequence[tuple[float, ...]]


def trial(place: int, tier: str, order: tuple[float, ...] | None) -> Trial:
    done = Completion(f"answer of {tier}", cost_usd=COSTS_USD[tier], latency_s=0.1)
    score = None if order is None else Score(sum(order) / 2, "read", "reason", statistics=order)
    return Trial(f"i{place}", tier, completion=done, score=score)


def pair_run(orders: Orders, groups: Sequence[str] | None = None, **changes: Any) -> TaskRun:
    """Small was compared with large, which is in use today: what the judge said in either order, by item."""
    settings = {"grader": GraderSpec("pairwise"), "metric": "net_win_rate", **changes}
    task = make_task("replies", **settings)
    items = tuple(
        make_item(f"i{place}", f"text {place}", None, groups[place] if groups else None)
        for place in range(len(orders))
    )
    trials = [trial(place, "small", order) for place, order in enumerate(orders)]
    trials += [trial(place, "large", None) for place in range(len(orders))]
    return TaskRun(task, make_pool(("small", "large")), items, tuple(trials), "pairwise@1+m", "replies@0")


def found_of(orders: Orders, **changes: Any) -> Finding:
    return find(pair_run(orders, **changes))


MIXED = [PREFERRED] * 93 + [TIED] * 120 + [FIRST] * 20 + [HALF] * 20 + [LOST] * 47


def test_the_decision_is_the_paired_test_on_preferences_with_the_margin_on_the_net_scale() -> None:
    differences = np.array([sum(order) - 1 for order in MIXED])

    against = comparison(found_of(MIXED, max_drop=0.05), "small")

    expected = paired_test(differences, 0.05, 0.05)
    assert against.difference == pytest.approx(differences.mean()) == pytest.approx(56 / 300)
    assert (against.low, against.high) == pytest.approx((expected.low, expected.high))
    assert against.p_value == pytest.approx(expected.p_value)
    assert (against.wins, against.losses, against.items) == (103, 47, 300)


def test_whole_preferences_need_no_dispersion_and_ties_stay_in() -> None:
    orders = [PREFERRED] * 6 + [TIED] * 285 + [SECOND] * 3 + [LOST] * 6

    decision = decide(
        [[[sum(order) / 2] for order in orders], [[0.5]] * len(orders)], [1, 2], metric="net_win_rate"
    )

    expected = paired_test(np.array([sum(order) - 1 for order in orders]), 0.05, 0.05)
    assert (expected.phi, expected.items) == (1.0, 300)
    assert decision.candidates[0].p_quality == pytest.approx(expected.p_value)


def test_a_net_win_rate_has_no_floor() -> None:
    with pytest.raises(ValueError, match="a floor needs scores of a tier alone"):
        decide([[[1.0]], [[0.5]]], [1, 2], metric="net_win_rate", floor=0.5)


def test_the_verdict_is_at_most_likely_and_is_said_as_a_preference() -> None:
    found = found_of(MIXED).recommendation

    assert (found.outcome, found.tier) == (Outcome.PROVISIONAL, "small")
    assert found.evidence[0].startswith(
        "preferred on 34.3 % of 300 items, tied on 50 %, lost on 15.7 %: net +18.7 points against "
        "models:large; no worse"
    )
    assert found.evidence[1] == (
        "swapping the two answers changed the judge's verdict on 13.3 % of 300 pairs (9.9 % to 17.6 %)"
    )
    assert "it is preferred on 34.3 %" in found.sentence
    assert "right on" not in found.sentence
    assert found.caveats[0].startswith("uncalibrated")


def test_a_critical_task_changes_nothing_on_a_preference() -> None:
    found = found_of([TIED] * 400, criticality=Criticality.CRITICAL, allow_downgrade=True).recommendation

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, "large")


def test_a_tier_that_is_shown_worse_is_said_to_be_behind() -> None:
    finding = found_of([LOST] * 200 + [TIED] * 100)

    assert comparison(finding, "small").verdict is Verdict.NOT_GOOD_ENOUGH
    assert any(
        "lost on 66.7 %: net -66.7 points against models:large; at least" in line and "points behind" in line
        for line in finding.recommendation.evidence
    )


def test_the_current_tier_has_no_score_anywhere() -> None:
    finding = found_of(MIXED)
    run = make_run(finding)

    task = summary(run, [finding])["tasks"][0]
    table = [row["score"] for row in rows(run) if row["tier"] == "large"]
    page = render_html(run, [finding], None)

    assert [tier["score"] and tier["score"]["value"] for tier in task["tiers"]] == [
        pytest.approx((1 + 56 / 300) / 2),
        None,
    ]
    assert {tier["standing"] for tier in task["tiers"]} == {None}
    assert set(table) == {None}
    assert "yardstick" in page
    assert "so it has no score and no mark" in page
    assert "order changed 13.3 % of verdicts (9.9 % to 17.6 %)" in page
    assert "Preferences.</strong>" in page


def test_the_shares_and_the_bias_are_in_the_summary() -> None:
    finding = found_of(MIXED)

    told = summary(make_run(finding), [finding])["tasks"][0]["comparisons"][0]["preferences"]

    assert told["won_share"] - told["lost_share"] == pytest.approx(56 / 300)
    assert told["won_share"] + told["tied_share"] + told["lost_share"] == pytest.approx(1)
    assert told["win_rate"] == pytest.approx((1 + 56 / 300) / 2)
    assert told["flip_rate"]["value"] == pytest.approx(40 / 300)
    assert told["flip_rate"]["method"] == "wilson"
    assert told["first_position_preference"] == pytest.approx((20 + 10) / 300)
    assert told["first_position_p_value"] == pytest.approx(2 * 0.5**40)


def test_a_judge_that_always_prefers_the_first_says_nothing_and_is_named() -> None:
    finding = found_of([FIRST] * 100)

    bias = comparison(finding, "small").position
    assert bias is not None
    assert (bias.flips.value, bias.lean) == (1.0, 1.0)
    assert comparison(finding, "small").difference == 0
    assert comparison(finding, "small").verdict is Verdict.UNKNOWN
    assert comparison(finding, "small").reasons == ("judge_unsteady",)
    assert (finding.recommendation.outcome, finding.recommendation.tier) == (Outcome.INCONCLUSIVE, "large")
    assert "not shown steadier than a coin" in finding.recommendation.headline
    assert finding.recommendation.need_items is None
    assert "yardstick" in render_index([summary(make_run(finding), [finding])])
    caveats = " ".join(finding.recommendation.caveats)
    assert "on 100 % of the pairs of small the judge's verdict changed with the order" in caveats
    assert "the judge leans to the answer it is shown first (net 100 %" in caveats


@pytest.mark.parametrize(
    ("contradictions", "outcome"), [(14, Outcome.PROVISIONAL), (16, Outcome.INCONCLUSIVE)]
)
def test_a_judge_no_better_than_a_coin_is_borne_on_no_more_pairs_than_may_be_lost(
    contradictions: int, outcome: Outcome
) -> None:
    run = pair_run([FIRST] * contradictions + [TIED] * (300 - contradictions))
    same = Score(0.5, "a tie", "both answers are the same")
    settled = [
        replace(each, score=same) if each.score and each.score.statistics == TIED else each
        for each in run.trials
    ]

    assert find(replace(run, trials=tuple(settled))).recommendation.outcome is outcome


def test_a_judge_that_contradicts_itself_both_ways_leans_to_no_place() -> None:
    caveats = " ".join(found_of([FIRST, SECOND] * 50).recommendation.caveats)

    assert "changed with the order" in caveats
    assert "leans to" not in caveats


def test_a_steady_judge_is_not_warned_of() -> None:
    caveats = found_of([PREFERRED] * 50 + [LOST] * 40 + [FIRST] * 5 + [SECOND] * 5).recommendation.caveats

    assert not [line for line in caveats if "judge's verdict" in line or "leans" in line]


def test_items_of_a_group_are_one_witness_of_a_lean() -> None:
    run = pair_run([FIRST] * 12 + [TIED] * 12, groups=["a"] * 12 + ["b"] * 12)

    bias = position_bias(run, "small")

    assert bias is not None
    assert bias.p_value == 1.0
    assert bias.flips.method.endswith("clustered")


def test_pairs_that_were_settled_without_a_question_tell_nothing_of_the_judge() -> None:
    settled = Score(0.5, "a tie", "both answers are the same")
    run = pair_run([TIED] * 30)
    trials = [replace(each, score=each.score and settled) for each in run.trials]

    finding = find(replace(run, trials=tuple(trials)))

    assert position_bias(finding.run, "small") is None
    assert comparison(finding, "small").items == 30
    told = summary(make_run(finding), [finding])["tasks"][0]["comparisons"][0]["preferences"]
    assert (told["tied_share"], told["pairs_asked"], told["flip_rate"]) == (1.0, 0, None)


def test_an_item_without_either_answer_is_missing_and_never_lost() -> None:
    run = pair_run([PREFERRED] * 30)
    trials = list(run.trials)
    failure = Failure("not_compared", "no answer to compare it with", retryable=True)
    cut = Completion("half an ans", Status.TRUNCATED, cost_usd=0.001, latency_s=0.1)
    trials[0] = Trial("i0", "small", completion=cut, failure=failure)
    trials[30] = Trial("i0", "large", failure=Failure("error", "no"))

    against = comparison(find(replace(run, trials=tuple(trials))), "small")

    assert (against.items, against.missing, against.losses) == (29, 1, 0)
    assert against.difference == 1.0


def test_how_many_missing_comparisons_would_have_to_be_lost_is_counted_on_whole_losses() -> None:
    run = pair_run([TIED] * 150)
    failure = Failure("judge_unreadable", "what it said is no JSON")
    lacking = [
        replace(each, score=None, failure=failure) if place < 6 else each
        for place, each in enumerate(run.trials)
    ]

    against = comparison(find(replace(run, trials=tuple(lacking))), "small")

    assert "missing_sensitive" in against.reasons
    lost = against.losses_to_fail
    assert lost is not None
    p_values = [
        paired_test(np.array([0.0] * (150 - count) + [-1.0] * count), 0.05, 0.05).p_value
        for count in (lost - 1, lost)
    ]
    assert p_values[0] <= 0.05 < p_values[1]
