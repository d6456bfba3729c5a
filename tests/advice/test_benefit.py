from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evalbench.advice.recommend import find
from evalbench.core.evalset import Traffic
from evalbench.core.recommendation import Benefit, Finding
from evalbench.stats.worth import value_of_information
from tests.advice.runs import make_run

SAVED_USD = 0.002 - 0.0001
MONTH = Traffic(requests=100_000)


def found(
    losses: int = 6, value_usd: float | None = 0.05, traffic: Traffic = MONTH, **changes: Any
) -> Finding:
    """A small tier that is right on `losses` items fewer of 300, and 0.19 cents cheaper on each."""
    run = make_run(280, 300, {"small": (0, losses)}, value_usd=value_usd, traffic=traffic, **changes)
    return find(run)


def benefit(finding: Finding) -> Benefit:
    assert finding.benefit is not None
    return finding.benefit


def test_a_tier_gains_what_it_saves_less_what_the_answers_it_gets_wrong_are_worth() -> None:
    gain = benefit(found(6)).gains["small"]

    assert gain.value == pytest.approx(100_000 * (SAVED_USD - 0.05 * 6 / 300))
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low < gain.value < gain.high


def test_the_gain_is_said_with_its_terms_and_with_what_knowing_more_is_worth() -> None:
    evidence = found(6).recommendation.evidence

    assert evidence[-2] == (
        "at $0.05 a right answer and 100,000 requests a month, small (gpt-5-nano) gains $90.00 a month over "
        "gpt-5 ($10.33 to $170)"
    )
    assert evidence[-1].startswith("knowing for certain which tier pays most would be worth at most $0.")
    assert evidence[-1].endswith("a month; another 200 items cost $0.42")


def test_a_loss_is_called_one_and_said_to_be_no_matter_of_the_verdict() -> None:
    evidence = found(6, value_usd=0.5).recommendation.evidence

    assert "loses $810 a month against gpt-5 (from a loss of" not in evidence[-3]
    assert "loses $810 a month against gpt-5 ($" in evidence[-3]
    assert evidence[-2] == "the verdict goes by the largest drop allowed, and not by what an answer is worth"


def test_what_may_be_either_is_said_to_be_so() -> None:
    evidence = found(6, value_usd=0.1).recommendation.evidence

    assert any("(from a loss of $1" in line and " to a gain of $1" in line for line in evidence)


def test_perfect_knowledge_of_one_tier_is_worth_what_choosing_by_the_sign_may_lose() -> None:
    shown = benefit(found(6, value_usd=0.1))

    gain = shown.gains["small"]
    half = ((gain.high or 0) - (gain.low or 0)) / 2
    assert shown.perfect_usd == pytest.approx(value_of_information(gain.value, half / 1.968), rel=1e-3)


def test_perfect_knowledge_of_several_tiers_is_worth_no_more_than_is_said() -> None:
    run = make_run(280, 300, {"small": (0, 6), "medium": (0, 3)}, value_usd=0.1, traffic=MONTH)
    lost = np.array([[1.0] * 6 + [0.0] * 294, [1.0] * 3 + [0.0] * 297])
    gains = 100_000 * (np.array([[0.0019], [0.0014]]) - 0.1 * lost)
    means, covariance = gains.mean(axis=1), np.cov(gains) / 300
    truths = np.random.default_rng(5).multivariate_normal(means, covariance, 200_000)

    said = benefit(find(run)).perfect_usd

    worth = truths.max(axis=1).clip(0).mean() - max(0.0, means.max())
    assert said is not None
    assert 0.98 * worth <= said <= 3 * worth


def test_groups_make_a_gain_less_sure() -> None:
    run = make_run(280, 300, {"small": (0, 30)}, value_usd=0.05, traffic=MONTH)
    items = tuple(replace(item, group=f"g{number // 10}") for number, item in enumerate(run.items))

    alone, grouped = (benefit(find(each)).gains["small"] for each in (run, replace(run, items=items)))

    assert grouped.value == pytest.approx(alone.value)
    assert (grouped.high or 0) - (grouped.low or 0) > 1.5 * ((alone.high or 0) - (alone.low or 0))
    assert grouped.count == 30


def test_a_bill_of_today_stands_for_the_requests_it_pays_for() -> None:
    assert benefit(found(traffic=Traffic(usd=200))).requests == pytest.approx(100_000)


def test_the_items_that_would_settle_the_question_are_the_ones_priced() -> None:
    finding = found(10, value_usd=0.05)

    need = finding.recommendation.need_items
    assert need is not None
    assert benefit(finding).more_items == need - 300
    assert benefit(finding).more_usd == pytest.approx(finding.recommendation.need_usd)


def test_nothing_is_said_of_money_where_no_value_is_stated() -> None:
    finding = found(value_usd=None)

    assert finding.benefit is None
    assert not any("right answer and" in line or "value_usd" in line for line in _all_lines(finding))


def test_a_value_without_traffic_is_told_what_it_lacks() -> None:
    finding = found(traffic=Traffic())

    assert finding.benefit is None
    assert any("state `monthly: {requests: N}`" in line for line in finding.recommendation.caveats)


def test_the_value_changes_no_verdict() -> None:
    with_value, without = found(6, value_usd=50.0), found(6, value_usd=None)

    assert with_value.comparisons == without.comparisons
    assert with_value.recommendation.headline == without.recommendation.headline


def _all_lines(finding: Finding) -> tuple[str, ...]:
    return (*finding.recommendation.evidence, *finding.recommendation.caveats)
