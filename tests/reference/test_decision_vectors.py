"""Whole decisions with known answers: margin 0.05, alpha 0.05, Holm, costs 1, 3 and 10 unless said.

Provenance: worked out from the formulas of the method by an independent implementation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.advice.decide import Candidate, Decision, decide

COSTS_USD = (1.0, 3.0, 10.0)
SMALL, MEDIUM, LARGE = 0, 1, 2
GOOD, BAD, UNKNOWN = "good_enough", "not_good_enough", "unknown"


def ladder(items: int, *pairs: tuple[int, int]) -> NDArray[np.float64]:
    """0/1 scores of tiers that win and lose as many items as said against the last tier."""
    wrong = max(wins for wins, _ in pairs)
    reference = np.r_[np.zeros(wrong), np.ones(items - wrong)]
    rows = [reference]
    for wins, losses in reversed(pairs):
        row = reference.copy()
        row[:wins], row[wrong : wrong + losses] = 1, 0
        rows.insert(0, row)
    return np.array(rows)[:, :, None]


CLOSE = ladder(400, (18, 20), (15, 14))
UNEVEN = ladder(400, (18, 20), (5, 60))
SAME = {items: np.ones((3, items, 1)) for items in (15, 60, 120)}


def status(code: int, count: int) -> NDArray[np.int64]:
    """The first `count` items that all tiers get right, with another status at the small tier."""
    codes = np.zeros(CLOSE.shape, dtype=np.int64)
    codes[SMALL, 60 : 60 + count] = code
    return codes


def latency(late: int) -> NDArray[np.float64]:
    seconds = np.ones(CLOSE.shape)
    seconds[SMALL, :late] = 3.0
    return seconds


def four_digits(value: float) -> object:
    return pytest.approx(value, rel=5e-4)


def reasons(found: Candidate) -> str:
    return "+".join(found.reasons)


Row = tuple[
    str, NDArray[np.float64], dict[str, Any], str, int | None, tuple[Any, ...], tuple[Any, ...], Any, Any
]
ROWS: list[Row] = [
    ("two close tiers", CLOSE, {}, "recommended", SMALL,
     (GOOD, 0.003431, ""), (GOOD, 0.0006659, ""), None, None),
    ("small is worse", ladder(400, (10, 40), (15, 14)), {}, "recommended", MEDIUM,
     (UNKNOWN, 0.9316, ""), (GOOD, 0.0006659, ""), 1671, 434),
    ("non-monotone", UNEVEN, {}, "recommended", SMALL,
     (GOOD, 0.006863, ""), (BAD, 1, ""), None, None),
    ("non-monotone, fixed order", UNEVEN, {"multiplicity": "fixed"}, "inconclusive", LARGE,
     (UNKNOWN, 1, "blocked_by_sequence"), (BAD, 1, ""), None, 273),
    ("both are bad", ladder(300, (5, 60), (6, 55)), {}, "recommended", LARGE,
     (BAD, 1, ""), (BAD, 1, ""), None, None),
    ("60 alike", SAME[60], {}, "provisional", SMALL,
     (UNKNOWN, 0.07804, ""), (UNKNOWN, 0.07804, ""), 171, 171),
    ("60 alike, high criticality", SAME[60], {"criticality": "high"}, "inconclusive", LARGE,
     (UNKNOWN, 0.07804, ""), (UNKNOWN, 0.07804, ""), 171, 171),
    ("120 alike", SAME[120], {}, "recommended", SMALL,
     (GOOD, 0.01233, ""), (GOOD, 0.01233, ""), None, None),
    ("15 alike", SAME[15], {}, "inconclusive", LARGE,
     (UNKNOWN, 0.3907, "too_few_items"), (UNKNOWN, 0.3907, "too_few_items"), 400, 400),
    ("100 close", ladder(100, (6, 9), (6, 7)), {}, "inconclusive", LARGE,
     (UNKNOWN, 0.3055, ""), (UNKNOWN, 0.2871, ""), 2123, 544),
    ("20 refusals", CLOSE, {"status": status(1, 20)}, "recommended", MEDIUM,
     (UNKNOWN, 0.6049, ""), (GOOD, 0.0006659, ""), 1911, 492),
    ("4 gaps", CLOSE, {"status": status(2, 4)}, "recommended", SMALL,
     (GOOD, 0.003712, ""), (GOOD, 0.0006659, ""), None, None),
    ("12 gaps", CLOSE, {"status": status(2, 12)}, "recommended", MEDIUM,
     (UNKNOWN, 0.004338, "missing_sensitive"), (GOOD, 0.0006659, ""), None, 357),
    ("24 gaps", CLOSE, {"status": status(2, 24)}, "recommended", MEDIUM,
     (UNKNOWN, 0.005468, "too_many_missing+missing_sensitive"), (GOOD, 0.0006659, ""), None, 367),
    ("13 late", CLOSE, {"latency": latency(13), "max_p95_s": 2.0}, "recommended", MEDIUM,
     (UNKNOWN, 0.06136, "p95_latency_unproven"), (GOOD, 0.0006659, ""), 809, 349),
    ("12 late", CLOSE, {"latency": latency(12), "max_p95_s": 2.0}, "recommended", SMALL,
     (GOOD, 0.03551, ""), (GOOD, 0.0006659, ""), None, None),
    ("40 late", CLOSE, {"latency": latency(40), "max_p95_s": 2.0}, "recommended", MEDIUM,
     (BAD, 1, "p95_latency"), (GOOD, 0.0006659, ""), None, None),
    ("floor kept", CLOSE, {"floor": 0.90}, "recommended", SMALL,
     (GOOD, 0.003431, ""), (GOOD, 0.0006659, ""), None, None),
    ("floor missed by all", CLOSE, {"floor": 0.99}, "no_tier_qualifies", None,
     (BAD, 1, "floor"), (BAD, 1, "floor"), None, None),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_three_tiers_are_decided_as_tabulated(row: Row) -> None:
    _, scores, options, outcome, tier, small, medium, need, need_if_equal = row

    found = decide(scores, COSTS_USD, **options)

    assert (found.outcome, found.tier) == (outcome, tier)
    for index, (verdict, p_adjusted, reason) in ((SMALL, small), (MEDIUM, medium)):
        candidate = found.candidates[index]
        assert (candidate.verdict, reasons(candidate)) == (verdict, reason)
        assert candidate.p_adjusted == four_digits(p_adjusted)
    assert (found.need_items, found.need_items_if_equal) == (need, need_if_equal)


def test_one_candidate_needs_no_adjustment() -> None:
    found = decide(ladder(150, (7, 7)), (1.0, 10.0))

    assert (found.outcome, found.tier) == ("recommended", 0)
    assert found.candidates[0].p_adjusted == four_digits(0.03338)


def test_a_small_tier_that_costs_more_is_no_candidate() -> None:
    found = decide(CLOSE, (11.0, 3.0, 10.0))

    assert (found.outcome, found.tier, set(found.candidates)) == ("recommended", MEDIUM, {MEDIUM})
    assert found.candidates[MEDIUM].p_adjusted == four_digits(0.0003329)
    assert "not_cheaper:0" in found.notes


def alike(items: int, tiers: int = 2, **options: Any) -> Decision:
    return decide(np.ones((tiers, items, 1)), COSTS_USD[-tiers:], **options)


def shifted(shift: float) -> Decision:
    reference = np.full(60, 0.9)
    return decide(np.array([reference + shift, reference])[:, :, None], (1.0, 10.0))


@pytest.mark.parametrize(
    ("items", "tiers", "outcome"),
    [(52, 2, "provisional"), (53, 2, "recommended"), (73, 3, "provisional"), (74, 3, "recommended")],
)
def test_identical_outputs_are_enough_from_here_on(items: int, tiers: int, outcome: str) -> None:
    assert alike(items, tiers).outcome == outcome


def test_identical_outputs_in_clusters_count_as_one_item_each() -> None:
    found = alike(500, clusters=np.arange(500) // 10)

    assert found.outcome == "provisional"
    assert found.candidates[0].p_value == pytest.approx(0.0558, abs=5e-5)
    assert found.candidates[0].groups == 50


def test_one_item_tells_nothing() -> None:
    found = alike(1)

    assert (found.outcome, found.candidates[0].p_value) == ("inconclusive", 0.5)
    assert "too_few_items" in found.candidates[0].reasons
    assert (found.candidates[0].low, found.candidates[0].proven_drop) == (None, None)


def test_fifteen_items_are_never_provisional() -> None:
    found = alike(15, criticality="low", alpha_prov=0.9)

    assert (found.outcome, found.candidates[0].reasons) == ("inconclusive", ("too_few_items",))


def test_one_cluster_tells_as_little_as_one_item() -> None:
    found = alike(200, clusters=np.zeros(200))

    assert found.outcome == "inconclusive"
    assert found.candidates[0].reasons == ("too_few_items", "too_few_clusters")


def test_tiers_that_are_always_wrong_are_equal_and_said_to_be_worthless() -> None:
    found = decide(np.zeros((2, 53, 1)), (1.0, 10.0))

    assert (found.outcome, found.tier) == ("recommended", 0)
    assert "reference_scores_zero" in found.notes


def test_tiers_that_are_always_wrong_miss_any_floor() -> None:
    assert decide(np.zeros((2, 53, 1)), (1.0, 10.0), floor=0.01).outcome == "no_tier_qualifies"


def test_a_constant_small_loss_is_proven_small() -> None:
    found = shifted(-0.02)

    assert found.outcome == "recommended"
    assert found.candidates[0].p_value == pytest.approx(4.1e-5, rel=0.02)


def test_a_loss_of_exactly_the_margin_is_undecided() -> None:
    found = shifted(-0.05)

    assert found.outcome == "inconclusive"
    assert found.candidates[0].p_value == pytest.approx(0.5)


def test_a_constant_loss_above_the_margin_is_not_good_enough() -> None:
    found = shifted(-0.08)

    assert found.candidates[0].verdict == "not_good_enough"
    assert found.candidates[0].p_value == pytest.approx(0.99996, abs=5e-6)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_tier_without_any_answer_has_no_p_value(missing: int) -> None:
    scores = np.ones((2, 60, 1))
    scores[missing] = np.nan

    found = decide(scores, (1.0, 10.0))

    assert (found.outcome, found.tier) == ("inconclusive", 1)
    assert found.candidates[0].p_value is None
    assert found.candidates[0].reasons == ("no_items",)


def test_the_reference_is_kept_when_nothing_is_cheaper() -> None:
    found = decide(np.ones((2, 60, 1)), (10.0, 1.0))

    assert (found.outcome, found.tier, found.candidates) == ("recommended", 1, {})


@pytest.mark.parametrize(
    ("items", "p_value", "outcome"), [(58, 0.0510, "provisional"), (59, 0.0485, "recommended")]
)
def test_a_latency_limit_needs_59_calls_without_a_late_one(items: int, p_value: float, outcome: str) -> None:
    found = alike(items, latency=np.ones((2, items, 1)), max_p95_s=2.0)

    assert found.outcome == outcome
    assert found.candidates[0].p_value == pytest.approx(p_value, abs=5e-5)


def test_a_p_value_of_exactly_alpha_passes() -> None:
    p_value = alike(53).candidates[0].p_value
    assert p_value is not None

    assert alike(53, alpha=p_value).outcome == "recommended"
