"""Looking more than once: attempts with shares of alpha, planned looks, and a bet watched all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np

from benchmarks.calibration.worlds import Cells
from evalbench.stats.attempts import look_alpha
from evalbench.stats.clusters import Floats
from evalbench.stats.eprocess import early_stop
from evalbench.stats.paired import paired_evidence
from evalbench.stats.sequential import group_sequential_bounds
from evalbench.stats.student import upper_tail

MARGIN, ALPHA = 0.05, 0.05
ATTEMPTS = (200, 450, 1000)
LOOKS = (200, 400, 600, 800, 1000)
EVERY = 25
MOST_ITEMS = 1000
TRUTHS = {
    "at the margin": Cells(0.025, 0.075, MOST_ITEMS),
    "half the margin lost": Cells(0.0375, 0.0625, MOST_ITEMS),
    "equal": Cells(0.05, 0.05, MOST_ITEMS),
}


@dataclass(frozen=True)
class Looking:
    """How often a way of looking found the tier good enough, and after how many items it stopped."""

    passed: float
    items: float


@dataclass(frozen=True)
class Way:
    """`stop` gets the differences of all items and says after how many the tier passed, None if never."""

    name: str
    meaning: str
    stop: Callable[[Floats], int | None]


def _once(differences: Floats) -> int | None:
    return _first(differences, {MOST_ITEMS: ALPHA})


def _every(differences: Floats) -> int | None:
    return _first(differences, dict.fromkeys(range(EVERY, MOST_ITEMS + 1, EVERY), ALPHA))


def _attempts_at_alpha(differences: Floats) -> int | None:
    return _first(differences, dict.fromkeys(ATTEMPTS, ALPHA))


def _attempts_with_shares(differences: Floats) -> int | None:
    return _first(differences, {items: look_alpha(ALPHA, look) for look, items in enumerate(ATTEMPTS, 1)})


def _planned(differences: Floats) -> int | None:
    return _first(differences, _planned_alphas())


@cache
def _planned_alphas() -> dict[int, float]:
    bounds = group_sequential_bounds([items / MOST_ITEMS for items in LOOKS], ALPHA)
    return {items: upper_tail(bound) for items, bound in zip(LOOKS, bounds, strict=True)}


def _bet(differences: Floats) -> int | None:
    stop = early_stop(differences, MARGIN, ALPHA)
    return stop.items if stop is not None and stop.is_good_enough else None


WAYS = (
    Way("one look", f"at {MOST_ITEMS:,} items, at alpha", _once),
    Way("peeking", f"every {EVERY} items, at alpha each time", _every),
    Way("three attempts, alpha each", f"at {ATTEMPTS} items", _attempts_at_alpha),
    Way("three attempts, .6 / .3 / .1 of alpha", f"at {ATTEMPTS} items", _attempts_with_shares),
    Way("five planned looks", f"at {LOOKS} items, bounds in the manner of O'Brien and Fleming", _planned),
    Way("bet", "after every item from the 20th on", _bet),
)


def looking(way: Way, truth: str, runs: int) -> Looking:
    """One way of looking at runs of one truth."""
    stops = []
    for number in range(runs):
        rng = np.random.default_rng([crc32(truth.encode()), number])
        scores = TRUTHS[truth].draw(rng)["scores"][:, :, 0]
        stops.append(way.stop(scores[0] - scores[1]))
    return Looking(
        round(sum(stop is not None for stop in stops) / runs, 4),
        round(sum(MOST_ITEMS if stop is None else stop for stop in stops) / runs, 1),
    )


def _first(differences: Floats, alphas: dict[int, float]) -> int | None:
    """The first of these numbers of items at which the test passes at its alpha."""
    for items, alpha in alphas.items():
        if paired_evidence(differences[:items]).p_value(MARGIN) <= alpha:
            return items
    return None
