from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.advice.decide import decide
from evalbench.core.comparison import Verdict
from evalbench.core.recommendation import Outcome
from evalbench.stats.metrics import micro_f1
from evalbench.stats.paired import paired_test

COSTS_USD = (1.0, 10.0)


def pair(items: int, wins: int, losses: int) -> NDArray[np.float64]:
    """0/1 scores of two tiers that differ on as many items as said."""
    reference = np.repeat([0.0, 1.0], [wins, items - wins])
    candidate = reference.copy()
    candidate[:wins], candidate[wins : wins + losses] = 1, 0
    return np.array([candidate, reference])[:, :, None]


def labels(items: int, wrong: int, classes: int = 2) -> NDArray[np.float64]:
    """TP, FP, FN by class of a tier that takes its first `wrong` items for the next class."""
    rows = np.zeros((items, classes, 3))
    for item in range(items):
        expected = item % classes
        if item < wrong:
            rows[item, expected, 2] = 1
            rows[item, (expected + 1) % classes, 1] = 1
        else:
            rows[item, expected, 0] = 1
    return rows.reshape(items, -1)


def test_repeats_are_averaged_before_items_are_compared() -> None:
    once = np.array([[0.5, 1.0] * 50, [1.0, 1.0] * 50])[:, :, None]
    twice = np.stack([once[:, :, 0] * 0, once[:, :, 0] * 2], axis=2).clip(0, 1)
    twice[0, 1::2] = twice[1] = 1.0
    twice[0, 0::2] = [0.0, 1.0]

    assert decide(twice, COSTS_USD) == decide(once, COSTS_USD)


def test_an_item_is_missing_only_if_all_its_repeats_are() -> None:
    scores = np.ones((2, 60, 2))
    scores[0, :10, 0] = np.nan
    scores[0, 10:12] = np.nan

    found = decide(scores, COSTS_USD).candidates[0]

    assert (found.items, found.missing) == (58, 2)


def test_a_model_failure_scores_nothing_whatever_its_score_says() -> None:
    status = np.zeros((2, 60, 1), dtype=int)
    status[0, :7] = 1

    found = decide(np.ones((2, 60, 1)), COSTS_USD, status=status).candidates[0]

    assert (found.losses, found.items, found.missing) == (7, 60, 0)


def test_the_interval_is_that_of_the_paired_test() -> None:
    found = decide(pair(300, 12, 15), COSTS_USD).candidates[0]

    expected = paired_test(np.repeat([1.0, -1.0, 0.0], [12, 15, 273]), 0.05, 0.05)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert (found.wins, found.losses) == (12, 15)


@pytest.mark.parametrize("pairs", [((10, 40), (15, 14)), ((6, 9), (6, 7)), ((5, 60), (18, 20))])
def test_a_tier_passes_from_its_proven_drop_on(pairs: tuple[tuple[int, int], ...]) -> None:
    (small, reference), (medium, _) = (pair(200, *wins_losses)[:, :, 0] for wins_losses in pairs)
    scores = np.array([small, medium, reference])[:, :, None]
    drops = [found.proven_drop for found in decide(scores, (1, 3, 10)).candidates.values()]

    for tier, drop in enumerate(drops):
        assert drop is not None
        above = decide(scores, (1, 3, 10), margin=drop * (1 + 1e-6)).candidates[tier]
        below = decide(scores, (1, 3, 10), margin=drop * (1 - 1e-6)).candidates[tier]
        assert above.verdict is Verdict.GOOD_ENOUGH
        assert below.verdict is not Verdict.GOOD_ENOUGH


def test_the_reference_can_be_any_tier() -> None:
    scores = np.concatenate([pair(200, 5, 5), np.ones((1, 200, 1))])

    found = decide(scores, (1.0, 3.0, 10.0), reference=1)

    assert (found.outcome, found.tier) == (Outcome.RECOMMENDED, 0)
    assert (set(found.candidates), set(found.dearer)) == ({0}, {2})


def test_a_tier_over_budget_is_not_good_enough() -> None:
    found = decide(np.ones((2, 60, 1)), COSTS_USD, max_cost_usd=0.5)

    assert found.candidates[0].verdict is Verdict.NOT_GOOD_ENOUGH
    assert found.candidates[0].reasons == ("budget",)
    assert (found.outcome, found.notes) == (Outcome.NO_TIER_QUALIFIES, ("reference_fails:budget",))


def test_a_floor_that_is_merely_unproven_is_said_to_be() -> None:
    found = decide(pair(60, 1, 1), COSTS_USD, floor=0.95, margin=0.2).candidates[0]

    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN, ("floor_unproven",))
    assert found.need_items is not None
    assert found.need_items > 60


def test_a_reference_that_does_not_prove_its_own_limits_is_only_likely() -> None:
    scores = pair(100, 0, 40)
    seconds = np.ones(scores.shape)
    seconds[1, :4] = 9.0

    found = decide(scores, COSTS_USD, latency=seconds, max_p95_s=2.0)

    assert (found.outcome, found.tier) == (Outcome.PROVISIONAL, 1)
    assert found.notes == ("reference_unproven:p95_latency_unproven",)


def test_a_failure_without_a_time_counts_as_too_late() -> None:
    scores, status = np.ones((2, 200, 1)), np.zeros((2, 200, 1), dtype=int)
    seconds = np.ones(scores.shape)
    status[0, :30], seconds[0, :30] = 1, np.nan

    found = decide(scores, COSTS_USD, status=status, latency=seconds, max_p95_s=2.0, margin=0.3)

    assert found.candidates[0].reasons == ("p95_latency",)


def test_calls_that_nobody_timed_prove_no_limit() -> None:
    scores = np.ones((2, 200, 1))
    seconds = np.ones(scores.shape)
    seconds[0] = np.nan

    found = decide(scores, COSTS_USD, latency=seconds, max_p95_s=2.0).candidates[0]

    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN, ("p95_latency_unproven",))
    assert found.need_items is None


def test_only_the_first_repeat_is_timed() -> None:
    seconds = np.ones((2, 60, 2))
    seconds[:, :, 1] = 9.0

    found = decide(np.ones((2, 60, 2)), COSTS_USD, latency=seconds, max_p95_s=2.0)

    assert found.outcome is Outcome.RECOMMENDED


def test_a_slice_that_is_worse_fails_the_tier() -> None:
    scores, mask = pair(600, 20, 20), np.zeros(600, dtype=bool)
    mask[10:70] = True

    plain, protected = decide(scores, COSTS_USD), decide(scores, COSTS_USD, slices={"angry": (mask, 0.10)})

    assert plain.candidates[0].verdict is Verdict.GOOD_ENOUGH
    assert protected.candidates[0].verdict is Verdict.UNKNOWN
    assert protected.candidates[0].reasons == ("slice_unproven:angry",)
    assert protected.need_items is not None
    assert protected.need_items > 600


def test_a_slice_that_holds_changes_nothing_but_the_p_value() -> None:
    mask = np.zeros(600, dtype=bool)
    mask[300:] = True

    found = decide(pair(600, 20, 20), COSTS_USD, slices={"calm": mask}).candidates[0]

    assert found.verdict is Verdict.GOOD_ENOUGH
    assert found.p_quality is not None
    assert found.p_value is not None
    assert found.p_value > found.p_quality


def test_a_slice_shown_to_be_worse_settles_it() -> None:
    mask = np.zeros(600, dtype=bool)
    mask[20:80] = True

    found = decide(pair(600, 20, 25), COSTS_USD, slices={"angry": mask}).candidates[0]

    assert (found.verdict, found.reasons) == (Verdict.NOT_GOOD_ENOUGH, ("slice:angry",))


def test_critical_tasks_stay_where_they_are() -> None:
    found = decide(np.ones((2, 300, 1)), COSTS_USD, criticality="critical")

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, 1)
    assert found.candidates[0].reasons == ("critical_locked",)


def test_an_unlocked_critical_task_is_tested_exactly() -> None:
    found = decide(np.ones((2, 60, 1)), COSTS_USD, criticality="critical", allow_downgrade=True)

    assert (found.outcome, found.tier) == (Outcome.RECOMMENDED, 0)
    assert found.candidates[0].p_value == pytest.approx(0.95**60)
    assert found.notes == ("exact_test",)


@pytest.mark.parametrize(
    ("criticality", "alpha_prov", "outcome"),
    [
        ("low", None, Outcome.PROVISIONAL),
        ("standard", None, Outcome.INCONCLUSIVE),
        ("standard", 0.3, Outcome.PROVISIONAL),
        ("high", 0.3, Outcome.INCONCLUSIVE),
    ],
)
def test_how_likely_is_likely_depends_on_what_is_at_stake(
    criticality: str, alpha_prov: float | None, outcome: Outcome
) -> None:
    scores = pair(100, 4, 7)  # p = 0.27

    assert decide(scores, COSTS_USD, criticality=criticality, alpha_prov=alpha_prov).outcome is outcome


def test_a_tier_of_unknown_cost_is_compared_but_not_recommended() -> None:
    found = decide(np.ones((2, 60, 1)), (math.nan, 10.0))

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, 1)
    assert found.candidates[0].reasons == ("cost_unknown",)
    assert found.candidates[0].p_value is not None


def test_a_dearer_tier_of_known_cost_is_recommended_instead() -> None:
    found = decide(np.ones((3, 120, 1)), (math.nan, 3.0, 10.0))

    assert (found.outcome, found.tier) == (Outcome.RECOMMENDED, 1)


def test_nothing_is_recommended_when_the_current_price_is_unknown() -> None:
    bad = decide(pair(300, 5, 90), (1.0, math.nan))
    good = decide(np.ones((2, 300, 1)), (1.0, math.nan))

    assert (bad.outcome, good.outcome) == (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)
    assert bad.candidates[0].verdict is Verdict.NOT_GOOD_ENOUGH


def test_at_one_price_the_better_tier_wins() -> None:
    worse, better, reference = pair(400, 6, 9)[0], pair(400, 9, 6)[0], pair(400, 9, 6)[1]
    worse[:9] = reference[:9]

    found = decide(np.array([worse, better, reference]), (1.0, 1.0, 10.0))

    assert found.tier == 1


def test_a_dearer_tier_that_wins_clearly_is_better() -> None:
    found = decide(pair(200, 30, 5), (10.0, 1.0))

    assert found.dearer[0].verdict is Verdict.BETTER
    assert (found.outcome, found.tier) == (Outcome.RECOMMENDED, 1)


def test_a_dearer_tier_that_loses_clearly_is_not_better() -> None:
    assert decide(pair(200, 5, 30), (10.0, 1.0)).dearer[0].verdict is Verdict.NOT_BETTER


def test_a_dearer_tier_with_the_same_answers_is_left_open() -> None:
    found = decide(np.ones((2, 200, 1)), (10.0, 1.0)).dearer[0]

    assert (found.verdict, found.p_value) == (Verdict.UNKNOWN, 0.5)


def test_macro_f1_is_decided_by_the_jackknife() -> None:
    statistics = np.array([labels(300, 6), labels(300, 4)])

    found = decide(None, COSTS_USD, metric="macro_f1", statistics=statistics)

    assert (found.outcome, found.tier) == (Outcome.RECOMMENDED, 0)
    assert found.candidates[0].difference == pytest.approx(-2 / 300, abs=1e-6)


def test_macro_f1_needs_items_of_every_class() -> None:
    rare = labels(300, 4)
    rare = np.hstack([rare, np.zeros((300, 3))])
    rare[:7] = 0
    rare[:7, 6] = 1

    found = decide(None, COSTS_USD, metric="macro_f1", statistics=np.array([rare, rare]))

    assert (found.outcome, found.candidates[0].reasons) == (Outcome.INCONCLUSIVE, ("class_too_small",))
    assert found.notes == ("class_too_small:2:7",)
    assert found.need_items == 429


def test_a_callable_is_a_metric_of_sums() -> None:
    statistics = np.array([labels(200, 5, 1), labels(200, 3, 1)])

    named = decide(None, COSTS_USD, metric="micro_f1", statistics=statistics)
    called = decide(None, COSTS_USD, metric=lambda sums: micro_f1(sums), statistics=statistics)  # noqa: PLW0108 -- another function on purpose

    assert called == named


@pytest.mark.parametrize("number", [float, np.float64])
def test_a_metric_may_be_undefined_on_an_item_alone(number: type[float]) -> None:
    statistics = np.tile([1.0, 1.0], (2, 100, 1))
    statistics[:, :10] = 0.0
    statistics[0, 10:13, 0] = 0.0

    def share(sums: NDArray[np.float64]) -> float:
        return number(sums[0]) / number(sums[1])

    found = decide(None, COSTS_USD, metric=share, statistics=statistics).candidates[0]

    assert (found.wins, found.losses) == (0, 3)
    assert found.difference == pytest.approx(-3 / 90)


def test_a_row_without_statistics_is_missing() -> None:
    statistics = np.array([labels(200, 0), labels(200, 0)])
    statistics[0, :30] = np.nan

    found = decide(None, COSTS_USD, metric="macro_f1", statistics=statistics).candidates[0]

    assert (found.items, found.missing) == (170, 30)
    assert found.reasons == ("too_many_missing", "missing_sensitive")


def test_nine_groups_are_too_few_for_any_answer() -> None:
    found = decide(np.ones((2, 900, 1)), COSTS_USD, clusters=np.arange(900) // 100, margin=0.5)

    assert (found.outcome, found.candidates[0].reasons) == (Outcome.INCONCLUSIVE, ("too_few_clusters",))
    assert found.need_items == 1000


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_items_without_a_group_stand_for_themselves(unknown: float | None) -> None:
    labels = np.array([item // 5 if item < 100 else unknown for item in range(300)], dtype=object)

    found = decide(pair(300, 5, 5), COSTS_USD, clusters=labels)

    alone = np.r_[np.arange(100) // 5, np.arange(1000, 1200)]
    assert found == decide(pair(300, 5, 5), COSTS_USD, clusters=alone)
    assert found.candidates[0].groups == 220


def test_group_names_may_be_text() -> None:
    names = np.array([f"talk {item // 5}" for item in range(300)])

    assert decide(pair(300, 5, 5), COSTS_USD, clusters=names) == decide(
        pair(300, 5, 5), COSTS_USD, clusters=np.arange(300) // 5
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"margin": 0.0}, "margin"),
        ({"alpha": 0.5}, "alpha"),
        ({"power": 1.0}, "power"),
        ({"multiplicity": "none"}, "multiplicity"),
        ({"criticality": "huge"}, "huge"),
        ({"metric": "bleu"}, "bleu"),
        ({"metric": "micro_f1"}, "statistics"),
        ({"reference": 2}, "reference"),
        ({"max_p95_s": 2.0}, "latency"),
        ({"floor": 1.2}, "floor"),
        ({"max_cost_usd": -1.0}, "max_cost_usd"),
        ({"clusters": np.zeros(3)}, "clusters"),
        ({"status": np.full((2, 60, 1), 7)}, "status"),
        ({"status": np.zeros((2, 60))}, "status"),
        ({"latency": np.zeros((2, 5, 1))}, "latency"),
        ({"slices": {"few": np.arange(60) < 5}}, "few"),
        ({"slices": {"odd": np.ones(5, dtype=bool)}}, "odd"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decide(np.ones((2, 60, 1)), COSTS_USD, **options)


@pytest.mark.parametrize(
    ("scores", "costs"),
    [
        (np.ones((2, 60)), COSTS_USD),
        (np.full((2, 60, 1), 2.0), COSTS_USD),
        (np.ones((2, 60, 1)), (1.0,)),
        (np.ones((2, 60, 1)), (-1.0, 10.0)),
        (None, COSTS_USD),
    ],
)
def test_scores_or_costs_of_the_wrong_kind_are_refused(scores: Any, costs: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"scores|costs"):
        decide(scores, costs)


def test_no_items_at_all_are_no_crash() -> None:
    found = decide(np.ones((2, 0, 1)), COSTS_USD)

    assert (found.outcome, found.tier) == (Outcome.INCONCLUSIVE, 1)
