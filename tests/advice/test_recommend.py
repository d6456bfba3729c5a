from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.advice.recommend import find
from evalbench.core.comparison import Verdict
from evalbench.core.completion import Failure
from evalbench.core.evalset import Criticality
from evalbench.core.recommendation import Outcome
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.advice.runs import COSTS_USD, comparison, make_run, recorded_run
from tests.build import make_task_run


def test_the_comparison_carries_what_was_counted() -> None:
    found = comparison(find(make_run(387, 420, {"small": (11, 15)})), "small")

    assert (found.wins, found.losses, found.items, found.missing) == (11, 15, 420, 0)
    assert (found.reference, found.level, found.verdict) == ("large", 0.9, Verdict.GOOD_ENOUGH)
    assert found.difference == pytest.approx(-4 / 420)
    assert found.p_adjusted == found.p_value
    assert found.cost_ratio is not None
    assert found.cost_ratio.value == pytest.approx(0.05)


def test_the_costs_of_items_of_a_group_are_one_piece_of_evidence() -> None:
    run = make_run(280, 300, {"small": (3, 3)})
    by_group = {item.id: float(number // 30) for number, item in enumerate(run.items)}
    trials = tuple(_at_cost(trial, 1 + by_group[trial.item_id]) for trial in run.trials)
    alone = replace(run, trials=trials)
    grouped = replace(alone, items=[replace(item, group=str(by_group[item.id])) for item in run.items])

    narrow, wide = (find(each) for each in (alone, grouped))

    ratios = [comparison(found, "small").cost_ratio for found in (narrow, wide)]
    assert [ratio and ratio.count for ratio in ratios] == [300, 10]
    costs = [found.estimates[0].cost for found in (narrow, wide)]
    low, high = ([cost.low_per_item_usd, cost.high_per_item_usd] for cost in costs)
    assert high[1] - high[0] > 3 * (low[1] - low[0])  # type: ignore[operator]  # both have bounds


def _at_cost(trial: Trial, times: float) -> Trial:
    done = trial.completion
    assert done is not None
    assert done.cost_usd is not None
    # Only the small tier's costs go by group.
    return (
        trial
        if trial.tier == "large"
        else replace(trial, completion=replace(done, cost_usd=done.cost_usd * times))
    )


def test_a_dearer_tier_that_is_better_is_named_with_its_price_per_right_answer() -> None:
    run = make_run(270, 300, {"xl": (20, 1)})

    finding = find(run)

    better = comparison(finding, "xl")
    assert better.verdict is Verdict.BETTER
    assert better.usd_per_extra_correct == pytest.approx(0.018 / (19 / 300))
    assert finding.recommendation.headline == "USE large (gpt-5), keep it: no other tier is cheaper"
    assert finding.recommendation.evidence[-1] == (
        "xl (gpt-5-pro) is dearer and better, by about 6.3 points: "
        "$0.28 per extra right answer ($0.19 to $0.53)"
    )


@pytest.mark.parametrize("tier", ["small", "large"])
def test_an_unknown_cost_saves_nothing_and_names_the_price_to_give(tier: str) -> None:
    run = make_run(280, 300, {"small": (3, 3)}, {**COSTS_USD, tier: None})

    finding = find(run)

    verdict = finding.recommendation
    assert (verdict.outcome, verdict.tier) == (Outcome.INCONCLUSIVE, "large")
    assert verdict.headline.endswith(f"costs is unknown: give `price:` for tier {tier}")
    assert "cost_unknown" in comparison(finding, "small").reasons
    assert comparison(finding, "small").cost_ratio is None
    assert any(line.startswith(f"cost unknown for {tier}") for line in verdict.caveats)
    assert not any("$0 " in line for line in (verdict.headline, *verdict.evidence, *verdict.caveats))


@pytest.mark.parametrize("tier", ["small", "large"])
def test_a_tier_without_any_answer_is_asked_again_instead_of_priced(tier: str) -> None:
    run = make_run(280, 300, {"small": (3, 3)})
    lost = Failure("connection", "no connection")
    trials = [
        Trial(trial.item_id, tier, failure=lost) if trial.tier == tier else trial for trial in run.trials
    ]

    verdict = find(replace(run, trials=tuple(trials))).recommendation

    label = "gpt-5-nano" if tier == "small" else "gpt-5"
    assert verdict.headline.endswith(
        f"no answer of {label} is there: `evalbench run --resume latest` asks again"
    )
    assert not any("price:" in line for line in (verdict.headline, *verdict.evidence, *verdict.caveats))


def test_a_critical_task_stays_where_it_is() -> None:
    run = make_run(
        290, 300, {"small": (0, 0)}, criticality=Criticality.CRITICAL, max_drop=0.05, confidence=0.99
    )

    verdict = find(run).recommendation

    assert verdict.tier == "large"
    assert "allow_downgrade: true" in f"{verdict.headline} {verdict.evidence}"


def test_items_without_a_target_are_counted_and_left_out() -> None:
    run = make_run(280, 300, {"small": (0, 0)})
    items = (replace(run.items[0], target=None), *run.items[1:])
    trials = tuple(
        replace(trial, score=None) if trial.item_id == items[0].id else trial for trial in run.trials
    )

    finding = find(replace(run, items=items, trials=trials))

    assert finding.unlabelled == 1
    assert comparison(finding, "small").items == 299
    assert any(line.startswith("1 item without a target") for line in finding.recommendation.caveats)


def test_repeats_are_averaged_and_said() -> None:
    run = make_run(280, 300, {"small": (3, 3)})
    again = tuple(replace(trial, repeat=1) for trial in run.trials)

    finding = find(replace(run, trials=(*run.trials, *again)))

    assert comparison(finding, "small").items == 300
    assert "of 300 items (2 answers each)" in finding.recommendation.evidence[0]


def test_macro_f1_is_decided_from_counts() -> None:
    def counted(trial: Trial, target: str) -> Trial:
        right = trial.score is not None and trial.score.value == 1.0
        yes, no = ((1, 0, 0), (0, 0, 0)) if right else ((0, 0, 1), (0, 1, 0))
        return replace(
            trial, score=Score(float(right), statistics=(*yes, *no) if target == "yes" else (*no, *yes))
        )

    run = make_run(280, 300, {"small": (3, 3)}, metric="macro_f1", labels=("yes", "no"))
    targets = {item.id: item.target for item in run.items}
    run = replace(run, trials=tuple(counted(trial, targets[trial.item_id]) for trial in run.trials))

    finding = find(run)

    assert finding.recommendation.tier == "small"
    assert finding.recommendation.evidence[0].startswith("macro F1 93.3 of 100 over 300 items, gpt-5 93.3")


def test_groups_are_the_units_of_the_verdict() -> None:
    scores = {"small": [1.0] * 500, "large": [1.0] * 500}
    run = make_task_run(
        scores, {"small": 0.0001, "large": 0.002}, groups=[f"g{n // 10}" for n in range(500)], current="large"
    )

    finding = find(run)

    assert comparison(finding, "small").groups == 50
    assert finding.recommendation.outcome is Outcome.PROVISIONAL


def test_a_single_tier_is_kept() -> None:
    verdict = find(make_task_run({"only": [1.0] * 30}, {"only": 0.01})).recommendation

    assert (verdict.outcome, verdict.tier) == (Outcome.RECOMMENDED, "only")


def test_a_task_without_a_single_target_cannot_be_told() -> None:
    run = make_run(30, 30, {"small": (0, 0)})
    items = tuple(replace(item, target=None) for item in run.items)
    trials = tuple(replace(trial, score=None) for trial in run.trials)

    finding = find(replace(run, items=items, trials=trials))

    assert finding.unlabelled == 30
    assert finding.recommendation.outcome is Outcome.INCONCLUSIVE
    assert finding.estimate("small").score is None


def test_a_label_task_brings_its_confusions() -> None:
    finding = find(make_run(280, 300, {"small": (0, 0)}, labels=("yes", "no")))

    assert [confusion.tier for confusion in finding.confusions] == ["small", "large"]


def test_real_recordings_of_function_calls_show_a_small_model_to_be_good_enough() -> None:
    run = recorded_run(
        "function-calls",
        {
            "haiku": "claude-3-haiku-20240307",
            "mini": "gpt-4o-mini-2024-07-18-FC",
            "opus": "claude-3-opus-20240229",
        },
    )

    finding = find(run)

    assert finding.estimate("haiku").score is not None
    assert comparison(finding, "haiku").verdict is Verdict.NOT_GOOD_ENOUGH
    assert finding.recommendation.tier == "mini"
    assert finding.recommendation.headline.endswith("saves 99 % ($10.41 per 1,000 items)")


def test_real_recordings_without_a_cost_cannot_be_told() -> None:
    run = recorded_run(
        "gsm8k", {"small": "mistralai/Mixtral-8x7B-Instruct-v0.1", "large": "gpt-4-1106-preview"}
    )

    finding = find(run)

    small = finding.estimate("small")
    assert small.score is not None
    assert small.score.value == pytest.approx(0.6384, abs=5e-5)
    assert small.cost.total_usd is None
    assert finding.recommendation.tier == "large"
    assert finding.recommendation.headline.endswith("add `cost_usd` to the lines of its recording")
