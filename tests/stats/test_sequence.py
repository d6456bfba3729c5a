from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.stats.eprocess import capital, cluster_bets, confidence_sequence, crossing, futility_capital
from evalbench.stats.sequence import SequenceEvidence, sequence_evidence
from evalbench.stats.wager import Wager

OUTCOMES = [1.0, -1.0, 0.0]


def drawn(items: int, seed: int = 1, wins: float = 0.05, losses: float = 0.05) -> NDArray[np.float64]:
    return np.random.default_rng(seed).choice(OUTCOMES, items, p=[wins, losses, 1 - wins - losses])


def evidence(differences: NDArray[np.float64]) -> SequenceEvidence:
    found = sequence_evidence(differences)
    assert found is not None
    return found


def test_a_wager_placed_item_by_item_is_the_capital_of_all_of_them() -> None:
    differences = drawn(300)
    wager = Wager(0.05)

    reached = []
    for value in differences.tolist():
        wager.place(value)
        reached.append(wager.has_reached(0.05))

    assert reached.index(True) + 1 == crossing(capital(differences, 0.05), 0.05)


def test_a_p_value_is_one_over_the_most_capital_ever_reached() -> None:
    differences = np.concatenate([np.zeros(100), np.full(30, -1.0)])

    found = evidence(differences)

    assert found.p_value(0.05) == pytest.approx(1 / capital(differences, 0.05).max())
    assert found.p_worse(0.05) == pytest.approx(1 / futility_capital(differences, 0.05).max())
    assert found.p_value(0.05) < 0.05 < 1 / capital(differences, 0.05)[-1]


def test_nothing_is_claimed_before_twenty_items() -> None:
    early, late = evidence(np.full(19, -1.0)), evidence(np.full(20, -1.0))

    assert (early.p_worse(0.05), early.p_value(0.05)) == (1.0, 1.0)
    assert late.p_worse(0.05) < 0.001


def test_a_very_long_run_keeps_its_p_value_a_number() -> None:
    found = evidence(np.ones(20_000))

    assert found.p_value(0.05) == 0.0
    assert found.p_worse(0.05) == 1.0


def test_missing_answers_count_against_whatever_is_claimed() -> None:
    good, bad = drawn(400, wins=0.06, losses=0.0), drawn(400, wins=0.0, losses=0.3)
    is_missing = np.arange(400) % 40 == 0

    with_gaps = [evidence(np.where(is_missing, np.nan, each)) for each in (good, bad)]

    lost, won = np.where(is_missing, -1.0, good), np.where(is_missing, 1.0, bad)
    assert with_gaps[0].p_value(0.05) == pytest.approx(evidence(lost).p_value(0.05))
    assert with_gaps[1].p_worse(0.05) == pytest.approx(evidence(won).p_worse(0.05))
    assert with_gaps[0].p_value(0.05) > evidence(good[~is_missing]).p_value(0.05)
    assert with_gaps[0].items == 390


def test_bounds_are_the_confidence_sequence_and_wider_where_answers_are_missing() -> None:
    differences = drawn(300)
    gaps = differences.copy()
    gaps[::30] = np.nan

    whole, less = evidence(differences).bounds(0.05), evidence(gaps).bounds(0.05)

    assert whole == pytest.approx(confidence_sequence(differences, 0.05))
    assert (less[0] or 0.0) < (whole[0] or 0.0) < (whole[1] or 0.0) < (less[1] or 0.0)


def test_clusters_bet_as_wholes_and_the_largest_planned_counts() -> None:
    differences = np.array([1.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.5])
    clusters = np.array([0, 0, 1, 1, 2, 2, 3])

    found = sequence_evidence(differences, clusters, largest=2)
    smaller = sequence_evidence(differences, clusters, largest=4)

    assert found is not None
    assert smaller is not None
    assert found.pessimistic.at(0.05) == pytest.approx(cluster_bets(differences, clusters, 0.05))
    assert smaller.pessimistic.at(0.05) + 0.05 == pytest.approx((found.pessimistic.at(0.05) + 0.05) / 2)
    assert found.groups == 4


def test_no_pair_of_answers_is_no_evidence() -> None:
    assert sequence_evidence(np.full(30, np.nan)) is None


@pytest.mark.parametrize(("margin", "wins"), [(0.05, 0.05), (0.10, 0.05), (0.05, 0.02)])
def test_the_items_forecast_settle_about_as_many_runs_as_planned(margin: float, wins: float) -> None:
    forecast = evidence(drawn(300, 2, wins, wins)).items_needed(margin, 0.0, 0.05, 0.8)
    assert forecast is not None

    settled = sum(
        crossing(capital(drawn(forecast, 100 + seed, wins, wins), margin), 0.05) is not None
        for seed in range(300)
    )

    assert 0.65 < settled / 300 < 0.95


def test_no_number_of_items_settles_a_tier_at_the_margin() -> None:
    assert evidence(drawn(300)).items_needed(0.05, -0.05, 0.05, 0.8) is None


def test_a_sequence_errs_no_more_than_alpha_when_it_is_watched_all_the_time() -> None:
    runs = 600
    wrong = sum(evidence(drawn(500, 1000 + seed, 0.025, 0.075)).p_value(0.05) <= 0.05 for seed in range(runs))

    assert wrong <= runs * 0.05 + 3.1 * math.sqrt(runs * 0.05 * 0.95)


def test_every_margin_below_one_can_be_asked_about() -> None:
    found = evidence(drawn(60))

    assert found.p_value(1.0) == 0.0
    assert found.p_value(-1.0) == 1.0
    assert evidence(np.full(60, -1.0)).p_value(1.0) == 1.0
