from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from evalbench.advice.estimates import estimate_tier
from evalbench.core.completion import Completion, Status, Usage
from evalbench.core.estimate import TierEstimate
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.build import make_item, make_task, make_task_run, make_trial


def make_run(
    trials: Sequence[Trial],
    targets: Mapping[str, str | None] | None = None,
    metric: str = "accuracy",
    model: Model | None = None,
    labels: tuple[str, ...] = ("a", "b"),
) -> TaskRun:
    """A run of one tier called `small`, whose items are those that the trials name."""
    ids = dict.fromkeys(trial.item_id for trial in trials)
    items = tuple(make_item(item_id, target=(targets or {}).get(item_id, "a")) for item_id in ids)
    pool = ModelPool({"small": model or Model("python/models:small")}, "small")
    return TaskRun(make_task(metric=metric, labels=labels), pool, items, tuple(trials), "label@1", "s")


def estimated(run: TaskRun, tier: str = "small") -> TierEstimate:
    return estimate_tier(run, tier)


def failed(item_id: str, status: Status) -> Trial:
    return Trial(item_id, "small", completion=Completion("", status=status, cost_usd=0.01))


def test_right_and_wrong_answers_get_a_wilson_interval() -> None:
    run = make_task_run({"small": [1.0] * 85 + [0.0] * 15}, {"small": 0.01})

    score = estimated(run).score

    assert score is not None
    assert (score.value, score.method, score.level) == (0.85, "wilson", 0.95)
    assert score.low == pytest.approx(0.767164, abs=1e-6)
    assert score.high == pytest.approx(0.90694, abs=1e-6)


def test_items_of_one_group_count_as_one_unit() -> None:
    values = [1.0] * 60 + [0.0] * 20
    alone = make_task_run({"small": values}, {"small": 0.01})
    grouped = make_task_run({"small": values}, {"small": 0.01}, groups=[f"g{n // 5}" for n in range(80)])

    one, other = estimated(alone).score, estimated(grouped).score

    assert one is not None
    assert other is not None
    assert other.low is not None
    assert one.low is not None
    assert other.low < one.low


def test_repeats_of_an_item_are_averaged_before_anything_is_counted() -> None:
    first, second = make_trial("i1", score=1.0), replace(make_trial("i1", score=0.0), repeat=1)
    run = make_run(
        [first, second, make_trial("i2", score=1.0), replace(make_trial("i2", score=1.0), repeat=1)]
    )

    score = estimated(run).score

    assert score is not None
    assert (score.value, score.count) == (0.75, 2)


@pytest.mark.parametrize(
    "status", [Status.REFUSED, Status.TRUNCATED, Status.EMPTY, Status.INVALID, Status.TIMEOUT]
)
def test_a_failure_of_the_model_scores_zero(status: Status) -> None:
    run = make_run([make_trial("i1"), failed("i2", status)])

    found = estimated(run)

    assert found.score is not None
    assert found.score.value == 0.5
    assert found.answers[status] == 1


def test_a_missing_answer_has_no_score() -> None:
    run = make_run([make_trial("i1"), make_trial("i2", score=None)])

    found = estimated(run)

    assert found.score is not None
    assert (found.score.value, found.score.count) == (1.0, 1)
    assert found.answers[Status.MISSING] == 1


def test_a_cut_off_answer_that_the_grader_accepted_keeps_its_score() -> None:
    cut = Trial("i1", "small", completion=Completion("a", status=Status.TRUNCATED), score=Score(1.0, "a"))

    score = estimated(make_run([cut])).score

    assert score is not None
    assert score.value == 1.0


def test_an_answer_that_came_too_late_scores_zero_whatever_it_says() -> None:
    late = Trial("i1", "small", completion=Completion("a", status=Status.TIMEOUT), score=Score(1.0, "a"))

    score = estimated(make_run([late])).score

    assert score is not None
    assert score.value == 0.0


def test_items_without_a_target_are_paid_for_but_not_scored() -> None:
    unlabelled = Trial("i2", "small", completion=Completion("a", cost_usd=0.03))
    run = make_run([make_trial("i1", cost_usd=0.01), unlabelled], {"i1": "a", "i2": None})

    found = estimated(run)

    assert found.score is not None
    assert (found.score.value, found.score.count) == (1.0, 1)
    assert found.answers[Status.OK] == 2
    assert found.cost.total_usd == pytest.approx(0.04)
    assert found.cost.per_correct_usd == pytest.approx(0.01)


def test_every_status_is_counted_even_where_it_did_not_occur() -> None:
    found = estimated(make_run([make_trial("i1")]))

    assert set(found.answers) == set(Status)
    assert sum(found.answers.values()) == found.trials == 1


def test_nothing_scored_is_no_score_instead_of_zero() -> None:
    found = estimated(make_run([make_trial("i1", score=None)]))

    assert found.score is None
    assert found.cost.total_usd is None
    assert found.latency is None


def test_cost_is_summed_and_spread_with_an_interval() -> None:
    run = make_run([make_trial(f"i{n}", cost_usd=0.01 + 0.001 * (n % 3), score=n % 2) for n in range(30)])

    cost = estimated(run).cost

    assert cost.total_usd == pytest.approx(0.33)
    assert cost.per_item_usd == pytest.approx(0.011)
    assert cost.per_correct_usd == pytest.approx(0.33 / 15)
    assert cost.as_if_uncached_usd == pytest.approx(0.33)
    assert cost.low_per_item_usd == pytest.approx(0.011 - 2.0452 * 0.000830455 / 30**0.5, rel=1e-4)
    assert cost.high_per_item_usd == pytest.approx(0.011 + 2.0452 * 0.000830455 / 30**0.5, rel=1e-4)


def test_costs_above_a_dollar_keep_their_interval() -> None:
    run = make_run([make_trial(f"i{n}", cost_usd=5.0 + n % 2) for n in range(20)])

    cost = estimated(run).cost

    assert cost.high_per_item_usd is not None
    assert cost.high_per_item_usd > 5.5


def test_one_unknown_cost_makes_every_cost_unknown() -> None:
    run = make_run([make_trial("i1", cost_usd=0.01), make_trial("i2", cost_usd=None)])

    cost = estimated(run).cost

    assert cost.total_usd is cost.per_item_usd is cost.per_correct_usd is cost.as_if_uncached_usd is None


def test_a_missing_answer_costs_nothing_and_hides_nothing() -> None:
    run = make_run([make_trial("i1", cost_usd=0.01), make_trial("i2", score=None)])

    cost = estimated(run).cost

    assert cost.total_usd == cost.per_item_usd == pytest.approx(0.01)


def test_without_a_right_answer_there_is_no_price_per_right_answer() -> None:
    cost = estimated(make_run([make_trial("i1", score=0.0)])).cost

    assert cost.total_usd == 0.01
    assert cost.per_correct_usd is None


def test_cached_tokens_are_priced_as_if_they_had_been_read_afresh() -> None:
    used = Usage(input_tokens=0, output_tokens=0, cache_read_tokens=1_000_000)
    trial = Trial("i1", "small", completion=Completion("a", usage=used, cost_usd=0.1), score=Score(1.0, "a"))
    model = Model("openai/gpt-5-nano", price=Price(input=1.0, output=2.0, cache_read=0.1))

    cost = estimated(make_run([trial], model=model)).cost

    assert cost.total_usd == pytest.approx(0.1)
    assert cost.as_if_uncached_usd == pytest.approx(1.0)


def test_cached_tokens_without_a_price_leave_the_uncached_cost_unknown() -> None:
    used = Usage(cache_read_tokens=500)
    trial = Trial("i1", "small", completion=Completion("a", usage=used, cost_usd=0.1), score=Score(1.0, "a"))

    cost = estimated(make_run([trial])).cost

    assert (cost.total_usd, cost.as_if_uncached_usd) == (0.1, None)


def test_latency_is_taken_from_every_answer_that_reports_it() -> None:
    trials = [
        Trial(f"i{n}", "small", completion=Completion("a", latency_s=n / 10), score=Score(1.0, "a"))
        for n in range(1, 101)
    ]

    found = estimated(make_run(trials))

    assert found.latency is not None
    assert found.latency.trials == 100
    assert found.latency.p50 == pytest.approx(5.0, abs=0.1)
    assert found.first_token is None


def test_tokens_are_summed_and_stay_unknown_where_nobody_reports_them() -> None:
    trials = [
        Trial(
            f"i{n}", "small", completion=Completion("a", usage=Usage(input_tokens=5)), score=Score(1.0, "a")
        )
        for n in range(3)
    ]

    tokens = estimated(make_run(trials)).tokens

    assert (tokens.input, tokens.output, tokens.reasoning) == (15, None, None)


def test_an_assumed_price_is_named_as_an_assumption() -> None:
    price = Price(per_hour=0.1, source="assumed: $0.10 per busy hour", is_assumed=True)
    done = Completion("a", cost_usd=3.6 * 0.1 / 3600, busy_s=3.6)
    run = make_run(
        [Trial("i1", "small", completion=done, score=Score(1.0))], model=Model("local/small", price=price)
    )

    found = estimated(run)

    assert found.price_note == "assumed: $0.10 per busy hour"
    assert found.is_classical


def test_a_stated_price_is_named_with_its_figures_and_date() -> None:
    price = Price(input=0.15, output=0.6, source="evalbench.yaml", as_of="2026-11-01")
    done = Completion("a", usage=Usage(1_000_000, 0), cost_usd=0.15)
    run = make_run([Trial("i1", "small", completion=done, score=Score(1.0))], model=Model("x/y", price=price))

    note = estimated(run).price_note

    assert note == "evalbench.yaml: $0.15 in and $0.60 out per million tokens, as of 2026-11-01"


def test_a_cost_that_came_with_the_answers_is_named_as_recorded() -> None:
    price = Price(input=0.15, output=0.6)
    done = Completion("a", usage=Usage(1_000_000, 0), cost_usd=0.99)
    run = make_run([Trial("i1", "small", completion=done, score=Score(1.0))], model=Model("x/y", price=price))

    note = estimated(run).price_note

    assert note == "as recorded with the answers"


def test_an_unknown_cost_has_no_note_about_its_origin() -> None:
    found = estimated(make_run([make_trial("i1", cost_usd=None)]))

    assert found.price_note is None
