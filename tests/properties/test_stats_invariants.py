from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evalbench.advice.decide import decide
from evalbench.stats.multiple import benjamini_hochberg, holm
from evalbench.stats.paired import paired_test
from evalbench.stats.score_test import tango_z

COSTS_USD = (1.0, 3.0, 10.0)
RANK = {"good_enough": 2, "unknown": 1, "not_good_enough": 0}

counts = st.tuples(st.integers(2, 300), st.integers(0, 100), st.integers(0, 100)).filter(
    lambda drawn: drawn[1] + drawn[2] <= drawn[0]
)
seeds = st.integers(0, 10_000)
some = settings(max_examples=40, deadline=None, derandomize=True)


def drawn_scores(seed: int, *, graded: bool) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    items = int(rng.integers(5, 200))
    scores = rng.random((3, items, 2))
    scores = scores if graded else (scores < rng.uniform(0.6, 1.0, (3, 1, 1))).astype(float)
    scores[rng.random(scores.shape) < rng.choice([0.0, 0.05])] = np.nan
    return scores


@some
@given(counts, st.floats(-0.95, 0.95), st.floats(0.001, 0.04))
def test_the_statistic_falls_as_the_hypothesis_rises(
    drawn: tuple[int, int, int], difference: float, step: float
) -> None:
    items, wins, losses = drawn

    assert tango_z(wins, losses, items, difference + step) <= tango_z(wins, losses, items, difference) + 1e-9


@some
@given(counts)
def test_the_interval_holds_its_estimate(drawn: tuple[int, int, int]) -> None:
    items, wins, losses = drawn
    differences = np.repeat([1.0, -1.0, 0.0], [wins, losses, items - wins - losses])

    found = paired_test(differences, 0.05, 0.05)

    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.theta <= found.high <= 1


@some
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_never_milder_than_benjamini_hochberg(p_values: list[float]) -> None:
    strict, mild = holm(p_values), benjamini_hochberg(p_values)

    assert all(one >= other - 1e-12 for one, other in zip(strict, mild, strict=True))
    assert all(one >= p_value for one, p_value in zip(strict, p_values, strict=True))


@some
@given(seeds, st.booleans())
def test_the_order_of_the_items_does_not_matter(seed: int, graded: bool) -> None:  # noqa: FBT001 -- drawn by hypothesis
    scores = drawn_scores(seed, graded=graded)
    groups = np.arange(scores.shape[1]) // 3
    order = np.random.default_rng(seed).permutation(scores.shape[1])

    plain = decide(scores, COSTS_USD, clusters=groups)
    shuffled = decide(scores[:, order], COSTS_USD, clusters=groups[order])

    assert (shuffled.outcome, shuffled.tier) == (plain.outcome, plain.tier)
    for tier, found in plain.candidates.items():
        assert shuffled.candidates[tier].verdict == found.verdict
        assert shuffled.candidates[tier].p_value == pytest.approx(found.p_value)


@some
@given(seeds, st.floats(1e-6, 1e6))
def test_the_unit_of_the_costs_does_not_matter(seed: int, factor: float) -> None:
    scores = drawn_scores(seed, graded=False)

    assert decide(scores, np.array(COSTS_USD) * factor) == decide(scores, COSTS_USD)


@some
@given(seeds, st.booleans(), st.floats(0.01, 0.2), st.floats(1.1, 4.0))
def test_a_wider_margin_never_turns_a_verdict_for_the_worse(
    seed: int,
    graded: bool,  # noqa: FBT001 -- drawn by hypothesis
    margin: float,
    factor: float,
) -> None:
    scores = drawn_scores(seed, graded=graded)

    narrow = decide(scores, COSTS_USD, margin=margin).candidates
    wide = decide(scores, COSTS_USD, margin=margin * factor).candidates

    assert all(RANK[wide[tier].verdict] >= RANK[narrow[tier].verdict] for tier in narrow)


@some
@given(seeds)
def test_the_same_question_gets_the_same_answer(seed: int) -> None:
    scores = drawn_scores(seed, graded=True)

    assert decide(scores, COSTS_USD) == decide(scores.copy(), COSTS_USD)
