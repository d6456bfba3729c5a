"""How often decisions are wrong, and how often they are made, on data whose truth is known.

A short form of the calibration benchmark, a hundred runs of each of its scenarios, and a few
scenarios of its own. Limits are binomial: a rate of 1.25 alpha exceeds them in about one of a
thousand seeds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom

from benchmarks.calibration.__main__ import COUNTS, PAGE
from benchmarks.calibration.invariances import INVARIANCES, Invariance, broken
from benchmarks.calibration.measure import count, is_kept, most_wrong, run
from benchmarks.calibration.page import page
from benchmarks.calibration.record import Record
from benchmarks.calibration.scenarios import BOUNDARIES, KNOWN_LIMITS, POWERS, Boundary, Power
from evalbench.advice.decide import Decision, decide

RUNS = 150
COSTS_USD = (1.0, 3.0, 10.0)
ALPHA = 0.05
MOST_WRONG = int(binom.ppf(0.999, RUNS, 1.25 * ALPHA))


def right_or_wrong(
    rng: Generator, rates: tuple[float, ...], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """0/1 scores with exactly these true rates; tiers share an item's difficulty, items a group's."""
    items = len(groups)
    difficulty = np.sqrt(0.3) * rng.standard_normal(groups.max() + 1)[groups]
    difficulty = difficulty + np.sqrt(0.4) * rng.standard_normal(items)
    noise = np.sqrt(0.3) * rng.standard_normal((len(rates), items))
    is_right = difficulty + noise < np.asarray(ndtri(rates))[:, None]
    return np.asarray(is_right[:, :, None], dtype=np.float64)


def binary_at_the_margin(rng: Generator) -> Decision:
    return decide(right_or_wrong(rng, (0.80, 0.80, 0.85), np.arange(200)), COSTS_USD)


def clustered_at_the_margin(rng: Generator) -> Decision:
    groups = np.arange(400) // 10
    return decide(right_or_wrong(rng, (0.80, 0.80, 0.85), groups), COSTS_USD, clusters=groups)


def graded_at_the_margin(rng: Generator) -> Decision:
    common = 0.25 + 0.5 * rng.random(100)
    scores = common + 0.2 * (rng.random((3, 100)) - 0.5)
    scores[:2] -= 0.05
    return decide(scores[:, :, None], COSTS_USD)


def late_at_the_limit(rng: Generator) -> Decision:
    seconds = rng.exponential(1.0, (3, 300, 1))
    return decide(np.ones((3, 300, 1)), COSTS_USD, latency=seconds, max_p95_s=float(-np.log(0.05)))


def rare_losses_at_the_margin(rng: Generator) -> Decision:
    lost = rng.random((3, 60, 1)) < np.array([0.05, 0.05, 0.0])[:, None, None]
    return decide(1.0 - lost, COSTS_USD)


@pytest.mark.parametrize(
    "draw",
    [
        binary_at_the_margin,
        clustered_at_the_margin,
        graded_at_the_margin,
        late_at_the_limit,
        rare_losses_at_the_margin,
    ],
)
def test_tiers_at_the_margin_are_seldom_recommended(draw: Callable[[Generator], Decision]) -> None:
    rng = np.random.default_rng(20_261_123)

    wrong = sum(found.outcome == "recommended" and found.tier != 2 for found in _decisions(draw, rng))

    assert wrong <= MOST_WRONG


def equal_tiers(rng: Generator) -> Decision:
    return decide(right_or_wrong(rng, (0.95, 0.95, 0.95), np.arange(500)), COSTS_USD)


def equal_graded_tiers(rng: Generator) -> Decision:
    scores = 0.25 + 0.5 * rng.random(100) + 0.2 * (rng.random((3, 100)) - 0.5)
    return decide(scores[:, :, None], COSTS_USD)


def terrible_tiers(rng: Generator) -> Decision:
    return decide(right_or_wrong(rng, (0.6, 0.6, 0.9), np.arange(200)), COSTS_USD)


@pytest.mark.parametrize(
    ("draw", "tier", "floor"),
    [(equal_tiers, 0, 0.75), (equal_graded_tiers, 0, 0.75), (terrible_tiers, 2, 0.80)],
)
def test_what_is_true_is_mostly_found(draw: Callable[[Generator], Decision], tier: int, floor: float) -> None:
    rng = np.random.default_rng(7)

    found = sum(each.outcome == "recommended" and each.tier == tier for each in _decisions(draw, rng))

    assert found >= floor * RUNS


SHORT_RUNS = 100
QUALITY = [each for each in BOUNDARIES if not {"max_p95_s", "floor"} & set(each.options)]
RECORD = Record.read(COUNTS)


def named(scenario: Boundary | Power | Invariance) -> str:
    return scenario.name


@pytest.mark.parametrize("scenario", BOUNDARIES, ids=named)
def test_tiers_that_just_fail_are_seldom_recommended(scenario: Boundary) -> None:
    found = count(scenario, SHORT_RUNS)

    assert found.recommended_wrong <= most_wrong(SHORT_RUNS, scenario.alpha)


@pytest.mark.parametrize("scenario", POWERS, ids=named)
def test_tiers_that_are_good_enough_are_found_as_often_as_promised(scenario: Power) -> None:
    assert is_kept(scenario, count(scenario, SHORT_RUNS))


@pytest.mark.parametrize("scenario", QUALITY, ids=named)
def test_the_truth_is_exactly_at_the_margin(scenario: Boundary) -> None:
    truth = scenario.world.true_scores()
    part = 0.2 if "slice" in scenario.name else 1.0  # of the items lie in the slice

    drops = [truth[-1] - truth[tier] for tier in scenario.wrong]

    assert drops == pytest.approx([scenario.margin * part] * len(drops), abs=1e-9)


@pytest.mark.parametrize("invariance", INVARIANCES, ids=named)
def test_what_must_not_matter_does_not(invariance: Invariance) -> None:
    assert broken(invariance, draws=3) == 0


def test_a_run_is_the_same_whenever_it_is_made() -> None:
    assert [run(BOUNDARIES[0], number)[1] for number in (3, 4)] == [
        run(BOUNDARIES[0], number)[1] for number in (3, 4)
    ]


def test_the_page_shows_the_scenarios_and_the_counts_there_are() -> None:
    assert page(RECORD) == PAGE.read_text("utf-8")


@pytest.mark.parametrize("scenario", [*BOUNDARIES, *POWERS], ids=named)
def test_the_recorded_counts_keep_every_criterion(scenario: Boundary | Power) -> None:
    found = RECORD.counts[scenario.name]

    assert found.runs >= 2000
    assert is_kept(scenario, found)


def test_no_recorded_run_breaks_a_promise() -> None:
    assert RECORD.broken == {each.name: 0 for each in INVARIANCES}


def test_rules_in_common_use_would_be_caught() -> None:
    caught = [
        each.name
        for each in BOUNDARIES
        if RECORD.counts[each.name].plain_t > most_wrong(RECORD.counts[each.name].runs, each.alpha)
    ]

    assert len(caught) >= 8


@pytest.mark.parametrize(
    "way", ["one look", "three attempts, .6 / .3 / .1 of alpha", "five planned looks", "bet"]
)
def test_more_looks_were_no_more_wrong_than_one(way: str) -> None:
    assert RECORD.looks[way]["at the margin"].passed <= most_wrong(2000, 0.05) / 2000


def test_every_scenario_has_a_name_of_its_own() -> None:
    names = [each.name for each in (*BOUNDARIES, *POWERS, *KNOWN_LIMITS)]

    assert len(set(names)) == len(names) >= 35


def _decisions(draw: Callable[[Generator], Decision], rng: Generator) -> list[Decision]:
    return [draw(rng) for _ in range(RUNS)]
