from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace

import pytest

from evalbench.advice.recommend import find
from evalbench.core.completion import Completion
from evalbench.core.evalset import Limits, TaskKind, Traffic
from evalbench.core.models import Model, ModelPool
from evalbench.core.recommendation import Outcome
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.advice.runs import make_run
from tests.build import make_task, make_task_run


def test_a_tier_that_is_shown_good_enough_is_recommended_with_its_saving() -> None:
    run = make_run(387, 420, {"small": (11, 15)})

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier, verdict.model) == (
        Outcome.RECOMMENDED,
        "small",
        "openai/gpt-5-nano",
    )
    assert verdict.headline == "USE small (gpt-5-nano)   saves 95 % ($1.90 per 1,000 items)"
    assert verdict.evidence == (
        "right on 91.2 % of 420 items, gpt-5 on 92.1 %; at worst 3.1 points less (95 % sure, 5 allowed)",
    )
    assert verdict.saving_share == pytest.approx(0.95)
    assert verdict.saving_usd_per_1k == pytest.approx(1.9)
    assert verdict.saving_usd_per_month is None
    assert verdict.caveats == ()


def test_stated_traffic_turns_the_saving_into_money_a_month() -> None:
    run = make_run(387, 420, {"small": (11, 15)}, traffic=Traffic(usd=9000))

    verdict = find(run).recommendation

    assert verdict.headline == "USE small (gpt-5-nano)   saves $8,550 of $9,000 a month"
    assert verdict.monthly is not None
    assert verdict.monthly.recommended_usd == pytest.approx(450)
    assert verdict.saving_usd_per_month == pytest.approx(8550)


@pytest.mark.parametrize(
    ("requests", "saving"),
    [
        (100, "saves 40 % of less than $0.01 a month"),
        (1e9, "saves $8.00 of $20.00 a month"),
        (None, "saves 40 % ($0.008 per million items)"),
    ],
)
def test_savings_of_almost_nothing_can_still_be_read(requests: float | None, saving: str) -> None:
    costs_usd = {"small": 1.2e-8, "large": 2e-8}
    run = make_run(387, 420, {"small": (11, 15)}, costs_usd, traffic=Traffic(requests=requests))

    verdict = find(run).recommendation

    assert verdict.headline == f"USE small (gpt-5-nano)   {saving}"


def test_a_dearer_good_tier_is_used_while_the_cheapest_is_open() -> None:
    run = make_run(360, 400, {"small": (10, 40), "medium": (15, 14)})

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier) == (Outcome.RECOMMENDED, "medium")
    assert (verdict.need_items, verdict.need_items_if_equal) == (1671, 434)
    assert verdict.need_usd == pytest.approx((1671 - 400) * 0.0027)
    assert verdict.evidence[1] == (
        "small (gpt-5-nano) is cheaper still, but not yet shown good enough: "
        "about 1,300 more items ($3.43) would settle it"
    )
    assert verdict.evidence[2] == (
        "that number is for gpt-5-nano being in truth 2.5 points worse, and so far it is 7.5 worse; "
        "if it is in truth as good, about 40 more are enough; "
        "if it stays so, more items will show that it is not good enough"
    )


def test_what_cannot_be_told_yet_says_what_would_settle_it() -> None:
    run = make_run(90, 100, {"small": (6, 9), "medium": (6, 7)}, name="invoice-fields")

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier) == (Outcome.INCONCLUSIVE, "large")
    assert verdict.headline == "CANNOT TELL YET, keep gpt-5   about 2,100 more items ($5.46) would settle it"
    assert verdict.sentence == (
        "For invoice-fields keep gpt-5 for now: whether small (gpt-5-nano) and medium (claude-haiku-4-5) can "
        "replace it cannot be told yet; about 2,100 more items ($5.46) would settle it."
    )
    assert verdict.next_commands[0] == "evalbench report latest --open"


def test_the_tier_that_the_verdict_waits_for_is_measured_before_those_that_are_settled() -> None:
    run = make_run(90, 100, {"small": (0, 60), "medium": (6, 7)})

    verdict = find(run).recommendation

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [line.split(":")[0] for line in verdict.evidence[:2]] == [
        "medium (claude-haiku-4-5)",
        "small (gpt-5-nano)",
    ]


def test_a_likely_tier_comes_with_what_to_do_meanwhile() -> None:
    run = make_run(55, 60, {"small": (0, 0), "medium": (0, 0)}, traffic=Traffic(requests=1_200_000))

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier) == (Outcome.PROVISIONAL, "small")
    assert verdict.headline.startswith(
        "LIKELY small (gpt-5-nano)   would save $2,280 of $2,400 a month; about 120 "
    )
    assert any(line.startswith("meanwhile: use gpt-5-nano where") for line in verdict.evidence)


def test_the_current_tier_is_kept_when_the_cheaper_ones_are_shown_worse() -> None:
    run = make_run(280, 300, {"small": (5, 60), "medium": (6, 55)})

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier) == (Outcome.RECOMMENDED, "large")
    assert verdict.headline == "USE large (gpt-5), keep it: no cheaper tier is good enough"
    assert verdict.evidence[0] == (
        "small (gpt-5-nano): right on 75 % of 300 items, gpt-5 on 93.3 %; at least 14.4 points less "
        "(95 % sure, 5 allowed)"
    )
    assert verdict.saving_share == 0.0


def test_a_floor_that_even_the_current_tier_misses_leaves_no_tier() -> None:
    run = make_run(210, 300, {"small": (5, 60)}, limits=Limits(min_score=0.95))

    verdict = find(run).recommendation

    assert (verdict.outcome, verdict.tier, verdict.model) == (Outcome.NO_TIER_QUALIFIES, None, None)
    assert verdict.headline == "NONE QUALIFIES   even gpt-5 is below the floor of 95 % (min_score)"
    assert verdict.saving_share is None


def test_graded_answers_are_spoken_of_as_points_of_a_hundred() -> None:
    current = [0.8 + 0.01 * (number % 7) for number in range(200)]
    run = make_task_run(
        {"small": [value - 0.005 for value in current], "large": current},
        {"small": 0.0001, "large": 0.002},
        make_task(metric="mean", kind=TaskKind.SUMMARIZATION),
        current="large",
    )

    verdict = find(run).recommendation

    assert verdict.outcome is Outcome.RECOMMENDED
    assert verdict.evidence[0].startswith(
        "scores 82.5 of 100 on average over 200 items, models:large 83; at worst "
    )


def test_failed_answers_of_the_recommended_tier_are_named() -> None:
    run = make_run(280, 300, {"small": (0, 0)})
    unreadable = Trial(
        run.items[-1].id,
        "small",
        completion=Completion("?", cost_usd=0.0001),
        score=Score(0.0, is_valid=False),
    )
    trials = (*(t for t in run.trials if (t.item_id, t.tier) != (run.items[-1].id, "small")), unreadable)

    verdict = find(replace(run, trials=trials)).recommendation

    assert "1 of its 300 answers failed, which the score includes: 1 unreadable" in verdict.evidence


def timed(run: TaskRun, tier: str, seconds: Sequence[float]) -> TaskRun:
    """The run with other latencies for one tier."""
    left = iter(seconds)
    trials = [
        replace(trial, completion=replace(trial.completion, latency_s=next(left)))
        if trial.tier == tier and trial.completion
        else trial
        for trial in run.trials
    ]
    return replace(run, trials=tuple(trials))


def test_a_latency_limit_is_spoken_with_what_was_measured() -> None:
    run = make_run(280, 300, {"small": (0, 0)}, limits=Limits(max_p95_s=2.0))

    verdict = find(timed(run, "small", [1.8] * 300)).recommendation

    assert "95 % of its answers within 1.8 s (2 s allowed)" in verdict.evidence


def test_a_tier_that_is_too_slow_is_not_called_less_right() -> None:
    run = make_run(280, 300, {"small": (0, 0)}, limits=Limits(max_p95_s=2.0))

    verdict = find(timed(run, "small", [3.0] * 300)).recommendation

    assert verdict.headline == "USE large (gpt-5), keep it: no cheaper tier is good enough"
    assert verdict.evidence[0].endswith("at worst 0.9 points less (95 % sure, 5 allowed)")
    assert verdict.evidence[1].startswith(
        "small: too slow: more than 5 % of its answers take longer than the 2 s"
    )


def test_too_few_items_to_prove_a_latency_limit_say_so() -> None:
    run = make_run(50, 55, {"small": (2, 0)}, limits=Limits(max_p95_s=2.0), max_drop=0.1)

    verdict = find(run).recommendation

    assert verdict.outcome is not Outcome.RECOMMENDED
    assert any("59 answers without a late one are the least" in line for line in verdict.evidence)


def test_a_better_cheaper_tier_is_not_called_worse() -> None:
    verdict = find(make_run(300, 420, {"small": (60, 1)})).recommendation

    assert verdict.evidence[0].endswith("gpt-5 on 71.4 %; no worse (95 % sure, 5 points less allowed)")


def test_a_tier_named_like_its_model_is_named_once() -> None:
    run = make_run(280, 300, {"small": (0, 0)})
    pool = ModelPool({"small": Model("local/small"), "large": Model("local/large")}, "large")

    verdict = find(replace(run, models=pool)).recommendation

    assert verdict.headline.startswith("USE small (classical)   saves")


@pytest.mark.parametrize(
    ("right", "headline"),
    [
        ((120, 4, 9), "CANNOT TELL YET, keep large (classical)   "),
        ((280, 5, 90), "USE large (classical), keep it: "),
        ((280, 0, 0), "USE classical (linear)   "),
    ],
)
def test_a_classical_model_is_called_one_in_every_verdict(right: tuple[int, int, int], headline: str) -> None:
    run = make_run(right[0], right[0] + 10, {"classical": right[1:]}, {"classical": 1e-4, "large": 2e-3})
    pool = ModelPool({"classical": Model("local/linear"), "large": Model("local/large")}, "large")

    verdict = find(replace(run, models=pool)).recommendation

    assert verdict.headline.startswith(headline)


def test_too_few_groups_ask_for_other_groups_and_not_for_more_of_the_same() -> None:
    scores = {"small": [1.0] * 500, "large": [1.0] * 500}
    groups = [f"g{number // 100}" for number in range(500)]
    run = make_task_run(scores, {"small": 0.0001, "large": 0.002}, groups=groups, current="large")

    verdict = find(run).recommendation

    assert verdict.headline.endswith("items from other groups would settle it, at least 10 groups in all")


def test_an_eval_set_that_is_there_can_be_run_again_with_more_items() -> None:
    run = make_run(90, 100, {"small": (6, 9), "medium": (6, 7)})
    run = dataclasses.replace(run, task=dataclasses.replace(run.task, source="evalsets/my invoices"))

    verdict = find(run).recommendation

    assert verdict.next_commands[0] == "evalbench run 'evalsets/my invoices'"
