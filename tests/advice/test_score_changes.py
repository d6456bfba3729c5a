from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.stats import norm

from evalbench.advice.score_changes import Terms, mean_change
from evalbench.stats.exact import mcnemar_mid_p
from evalbench.stats.randomisation import sign_flip_p

ALPHA = 0.025
BEFORE, AFTER = 40, 25
FLIPS = 999


@dataclass(frozen=True, slots=True)
class Scenario:
    """Groups of items of which a share differs by chance; alike within a group by `correlation`."""

    groups: int
    size: int
    differing: float
    correlation: float = 0.0

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        return None if self.size == 1 else np.repeat(np.arange(self.groups), self.size)

    def differences(self, rng: Generator, drop: float = 0.0) -> NDArray[np.float64]:
        """Newer minus older, had the scores dropped by `drop` and no more items differed than before."""
        moved = min(drop / 2, self.differing / 2)
        won, lost = self.differing / 2 - moved, self.differing / 2 + drop - moved
        shared = rng.standard_normal((self.groups, 1))
        own = rng.standard_normal((self.groups, self.size))
        place = np.sqrt(self.correlation) * shared + np.sqrt(1 - self.correlation) * own
        found = np.where(place < norm.ppf(lost), -1.0, np.where(place > norm.ppf(1 - won), 1.0, 0.0))
        return np.asarray(found.ravel(), dtype=np.float64)

    def named_drop(self, rng: Generator) -> float:
        """The drop that a comparison of two runs without a change says it would have seen."""
        differences = self.differences(rng)
        older, newer = (differences < 0).astype(float), (differences > 0).astype(float)
        terms = Terms(2 * ALPHA, 0.05, self.clusters, is_once=True, generator=rng)
        return mean_change(older, newer, terms).drop_at(ALPHA)

    def shows(self, differences: NDArray[np.float64], rng: Generator) -> bool:
        if self.clusters is None:
            wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
            return wins < losses and mcnemar_mid_p(wins, losses) <= ALPHA
        return bool(differences.sum() < 0) and sign_flip_p(differences, rng, self.clusters, FLIPS) <= ALPHA


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(40, 10, 0.1, 0.1),
        Scenario(40, 10, 0.25, 0.3),
        Scenario(15, 20, 0.1, 0.1),
        Scenario(15, 20, 0.25, 0.1),
        Scenario(100, 3, 0.1, 0.3),
        Scenario(100, 3, 0.25, 0.1),
        Scenario(50, 1, 0.1),
        Scenario(200, 1, 0.1),
        Scenario(500, 1, 0.2),
        Scenario(1000, 1, 0.1),
    ],
    ids=str,
)
def test_the_drop_that_is_named_shows_about_four_times_in_five(scenario: Scenario) -> None:
    assert 0.75 <= share_shown(scenario) <= 0.87


@pytest.mark.parametrize("scenario", [Scenario(100, 1, 0.1), Scenario(15, 20, 0.25, 0.6)], ids=str)
def test_where_the_drop_is_nearly_all_that_differs_it_shows_more_often_never_less(scenario: Scenario) -> None:
    assert 0.8 <= share_shown(scenario) <= 0.95


def share_shown(scenario: Scenario) -> float:
    rng = np.random.default_rng(20)
    shown = [
        scenario.shows(scenario.differences(rng, drop), rng)
        for drop in (scenario.named_drop(rng) for _ in range(BEFORE))
        for _ in range(AFTER)
    ]
    return float(np.mean(shown))
