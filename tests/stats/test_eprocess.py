from __future__ import annotations

import numpy as np
import pytest

from evalbench.stats.eprocess import (
    capital,
    cluster_bets,
    confidence_sequence,
    crossing,
    early_stop,
    futility_capital,
)

OUTCOMES = [1.0, -1.0, 0.0]


def test_watching_a_tier_at_the_margin_seldom_leads_to_a_stop() -> None:
    rng = np.random.default_rng(9)
    runs = rng.choice(OUTCOMES, (1000, 600), p=[0.025, 0.075, 0.90])

    stopped = sum(crossing(capital(run, 0.05), 0.05) is not None for run in runs)

    assert stopped <= 70  # 99.9 % of binomials with 5 % of 1,000 are below 73


def test_watching_a_good_tier_leads_to_a_stop() -> None:
    rng = np.random.default_rng(10)
    runs = rng.choice(OUTCOMES, (200, 1000), p=[0.05, 0.05, 0.90])

    stops = [early_stop(run, 0.05, 0.05) for run in runs]

    good = [stop.items for stop in stops if stop is not None and stop.is_good_enough]
    assert len(good) >= 180
    assert 250 < np.mean(good) < 450


def test_a_bad_tier_is_given_up_early() -> None:
    found = early_stop(np.tile([-1.0, 0.0], 100), 0.05, 0.05)

    assert found is not None
    assert not found.is_good_enough
    assert found.items < 60


def test_nothing_stops_before_twenty_items() -> None:
    found = early_stop(np.full(30, -1.0), 0.05, 0.05)

    assert found is not None
    assert found.items == 20
    assert early_stop(np.full(19, -1.0), 0.05, 0.05) is None


def test_several_candidates_share_alpha() -> None:
    same = np.zeros(200)

    alone, among_three = early_stop(same, 0.05, 0.05), early_stop(same, 0.05, 0.05, candidates=3)

    assert alone is not None
    assert among_three is not None
    assert (alone.items, among_three.items) == (80, crossing(capital(same, 0.05), 0.05 / 3))


def test_later_items_do_not_change_earlier_capital() -> None:
    differences = np.random.default_rng(11).choice(OUTCOMES, 100, p=[0.1, 0.1, 0.8])

    assert capital(differences, 0.05)[:50] == pytest.approx(capital(differences[:50], 0.05))


def test_the_bets_mirror_each_other() -> None:
    differences = np.random.default_rng(12).choice(OUTCOMES, 50, p=[0.1, 0.2, 0.7])

    assert futility_capital(differences, 0.05) == pytest.approx(capital(-differences, -0.05))


def test_equal_clusters_bet_their_means() -> None:
    differences = np.array([1.0, 0.0, -1.0, -1.0, 0.0, 0.0])

    bets = cluster_bets(differences, np.array(["b", "b", "a", "a", "c", "c"]), 0.05)

    assert bets == pytest.approx([0.5, -1.0, 0.0])


def test_small_clusters_stake_less() -> None:
    bets = cluster_bets(np.array([1.0, 1.0, 1.0]), np.array([0, 0, 1]), 0.2)

    assert bets + 0.2 == pytest.approx([1.2, 0.6])


def test_a_confidence_sequence_holds_at_every_item() -> None:
    rng = np.random.default_rng(13)
    misses = 0
    for _ in range(60):
        low, high = confidence_sequence(rng.choice(OUTCOMES, 200, p=[0.10, 0.15, 0.75]), 0.05)
        misses += not low <= -0.05 <= high

    assert misses <= 12  # 10 % of 60, and three standard deviations


def test_a_confidence_sequence_of_nothing_is_everything() -> None:
    assert confidence_sequence(np.zeros(0), 0.05) == (-1.0, 1.0)


@pytest.mark.parametrize(("differences", "margin"), [([0.0, np.nan], 0.05), ([1.5], 0.05), ([0.0], 1.0)])
def test_bets_that_cannot_be_settled_are_refused(differences: list[float], margin: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        capital(np.array(differences), margin)
