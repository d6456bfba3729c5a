"""How often runs that stop early err, by the stored calibration and by a few runs of it again."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmarks.calibration.__main__ import COUNTS
from benchmarks.calibration.measure import most_wrong
from benchmarks.calibration.record import Record
from benchmarks.calibration.stopping import ALPHA, MOST_ITEMS, STOPPINGS, Stopping, one
from evalbench.core.comparison import Verdict

RECORD = Record.read(COUNTS)


@pytest.mark.parametrize("scenario", STOPPINGS, ids=lambda scenario: scenario.name)
def test_runs_that_stop_early_err_no_more_than_allowed(scenario: Stopping) -> None:
    shares = asdict(RECORD.stops[scenario.name])

    limit = most_wrong(RECORD.stopping_runs, ALPHA) / RECORD.stopping_runs

    assert all(shares[verdict] <= limit for verdict in scenario.is_wrong)


def test_an_equal_tier_takes_about_as_many_items_as_the_method_promises() -> None:
    (equal,) = [RECORD.stops[each.name] for each in STOPPINGS if each.name == "equal"]

    assert 320 <= equal.items <= 410  # 363 by an independent simulation, looking every 25 items
    assert equal.good_enough >= 0.92


def test_a_hopeless_tier_is_found_so_long_before_the_last_item() -> None:
    (bad,) = [each for each in STOPPINGS if each.name == "twice the margin lost"]

    found = [one(bad, number) for number in range(5)]

    assert [verdict for verdict, _ in found] == [Verdict.NOT_GOOD_ENOUGH] * 5
    assert max(items for _, items in found) < MOST_ITEMS
