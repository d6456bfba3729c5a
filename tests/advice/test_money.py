from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from evalbench.advice.money import retirement
from evalbench.advice.recommend import find
from evalbench.core.completion import Completion, Effort, Failure, Usage
from evalbench.core.models import Listing, Model, ModelPool, Price
from evalbench.core.recommendation import Outcome
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from tests.advice.runs import make_run

PRICE = Price(input=1.0, output=1.0, cache_read=0.1, source="list price", digest="d" * 64)
TODAY = date(2026, 11, 25)


def with_small(answer: Completion, price: Price = PRICE, listing: Listing | None = None) -> TaskRun:
    """A run whose small tier gave that answer to every item."""
    run = make_run(90, 100, {"small": (1, 1)}, {"small": 0.001, "large": 0.002})
    models = {**run.models.models, "small": Model("openai/mini", price=price, listing=listing)}
    trials = [
        replace(trial, completion=answer) if trial.tier == "small" and trial.completion else trial
        for trial in run.trials
    ]
    return replace(run, models=ModelPool(models, "large"), trials=tuple(trials))


def replaced(run: TaskRun, answer: Completion | Failure) -> TaskRun:
    """The run with another answer of its small tier to the first item."""
    first = next(trial for trial in run.trials if trial.tier == "small")
    other = replace(
        first,
        completion=None if isinstance(answer, Failure) else answer,
        failure=answer if isinstance(answer, Failure) else None,
        score=None if isinstance(answer, Failure) else first.score,
    )
    return replace(run, trials=tuple(other if each is first else each for each in run.trials))


def caveats(run: TaskRun) -> Sequence[str]:
    return find(run).recommendation.caveats


def test_attempts_that_may_have_been_billed_are_counted_and_told() -> None:
    run = with_small(Completion("yes", cost_usd=0.001))
    run = replaced(run, Completion("yes", cost_usd=0.001, effort=Effort(unknown_bills=3)))

    assert find(run).estimate("small").unknown_bills == 3
    assert "3 failed attempts may have been billed; they are not in the cost of small" in caveats(run)


def test_what_failed_attempts_were_billed_is_told() -> None:
    answer = Completion("yes", cost_usd=0.0015, usage=Usage(1_000, 0), effort=Effort(lost=Usage(500, 0)))

    assert "failed attempts of small were billed $0.05, which its cost includes" in caveats(
        with_small(answer)
    )


def test_both_bills_are_shown_where_a_cache_changed_one() -> None:
    answer = Completion("yes", cost_usd=0.0001, usage=Usage(0, 0, 1_000))

    assert (
        "the bill of small is $0.01 with prompt caching as it happened, $0.10 as if nothing had been cached"
    ) in caveats(with_small(answer))


def test_another_figure_for_the_same_answers_is_told_with_both_sums() -> None:
    usage = Usage(1_000, 0)
    answer = Completion("yes", cost_usd=0.001, usage=usage, detail={"litellm_cost_usd": "0.0012"})

    assert (
        "litellm's own figure for small is 20 % more: $0.12 instead of $0.10; "
        "check the bill, or give `price:`"
    ) in caveats(with_small(answer))


@pytest.mark.parametrize("other", ["0.001009", "unknown", "nan"])
def test_a_figure_within_a_percent_or_no_figure_is_not_worth_a_word(other: str) -> None:
    answer = Completion("yes", cost_usd=0.001, usage=Usage(1_000, 0), detail={"litellm_cost_usd": other})

    assert not any("litellm" in line for line in caveats(with_small(answer)))


def test_a_price_of_ones_own_may_differ_from_everybody_elses() -> None:
    answer = Completion("yes", cost_usd=0.001, usage=Usage(1_000, 0), detail={"litellm_cost_usd": "9"})

    assert not any("litellm" in line for line in caveats(with_small(answer, Price(input=1.0, output=1.0))))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-12-01", "mini retires on 2026-12-01"),
        ("2026-10-20", "mini was to retire on 2026-10-20"),
        ("2027-12-01", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_model_that_retires_soon_comes_with_a_warning(day: str | None, words: str | None) -> None:
    assert retirement(Model("openai/mini", listing=Listing(retires_on=day)), TODAY) == words


def test_a_recorded_model_retires_nobody() -> None:
    model = Model("recorded/a.jsonl#mini", listing=Listing(retires_on="2026-12-01"))

    assert retirement(model, TODAY) is None


def test_a_report_counts_the_days_from_the_newest_answer() -> None:
    answer = Completion("yes", cost_usd=0.001, created="2026-11-25T10:00:00.000Z")
    run = with_small(answer, listing=Listing(retires_on="2026-12-01"))

    assert "mini retires on 2026-12-01 (tier small)" in caveats(run)


def test_a_tier_of_unknown_cost_never_wins_and_saves_an_unknown_amount() -> None:
    found = find(make_run(90, 100, {"small": (5, 0)}, {"small": None, "large": 0.002})).recommendation

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, "large")
    assert (found.need_usd, found.saving_usd_per_month) == (None, None)


def test_nothing_is_saved_where_the_cost_of_today_is_unknown() -> None:
    found = find(make_run(90, 100, {"small": (5, 0)}, {"small": 0.001, "large": None})).recommendation

    assert found.outcome is Outcome.INCONCLUSIVE
    assert (found.saving_share, found.saving_usd_per_1k, found.saving_usd_per_month) == (None, None, None)


def test_a_failure_that_was_billed_is_paid_for() -> None:
    paid = Failure("timeout", "no answer", effort=Effort(lost=Usage(1_000, 0)))
    run = with_small(Completion("yes", cost_usd=0.001, usage=Usage(1_000, 0)))
    trials = [
        Trial(trial.item_id, "small", failure=paid) if trial.tier == "small" and n % 50 == 0 else trial
        for n, trial in enumerate(run.trials)
    ]

    cost = find(replace(run, trials=tuple(trials))).estimate("small").cost

    assert cost.total_usd == pytest.approx(0.1)
    assert cost.lost_usd == pytest.approx(0.002)
    assert cost.per_item_usd == pytest.approx(0.001)


def test_the_time_of_a_failure_is_paid_where_a_machine_is_paid_by_the_hour() -> None:
    in_vain = Failure("timeout", "no answer", effort=Effort(unknown_bills=1, busy_s=36.0))
    run = with_small(Completion("yes", cost_usd=0.001, busy_s=1.0))
    pool = replace(run.models, models={**run.models.models, "small": Model("x/m", price=Price(per_hour=3.6))})

    found = find(replaced(replace(run, models=pool), in_vain)).estimate("small")

    assert found.cost.total_usd == pytest.approx(0.099 + 0.036)
    assert found.cost.lost_usd == pytest.approx(0.036)
    assert found.unknown_bills == 0


def test_a_failure_at_an_unknown_price_makes_the_cost_unknown() -> None:
    run = make_run(90, 100, {"small": (1, 1)})
    paid = Failure("timeout", "no answer", effort=Effort(lost=Usage(1_000, 0)))

    assert find(replaced(run, paid)).estimate("small").cost.total_usd is None
