from __future__ import annotations

import pytest

from evalbench.advice.words import (
    COST_UNKNOWN,
    amount,
    explain,
    how_many,
    listed,
    percent,
    points,
    price,
    roughly,
    seconds,
)
from evalbench.core.evalset import Limits
from tests.build import make_task

CONTRACT_REASONS = [
    "too_few_items",
    "too_few_clusters",
    "too_many_missing",
    "missing_sensitive",
    "blocked_by_sequence",
    "p95_latency",
    "p95_latency_unproven",
    "floor",
    "floor_unproven",
    "budget",
    "class_too_small",
    "critical_locked",
    "cost_unknown",
    "no_items",
]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_an_unknown_amount_is_spoken_as_unknown_and_never_as_nothing(value: float | None) -> None:
    assert amount(value) == price(value) == COST_UNKNOWN


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.912, "91.2 %"),
        (0.95, "95 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.9996, "99.96 %"),
        (0.0002, "0.02 %"),
    ],
)
def test_a_share_reads_as_all_or_nothing_only_when_it_is(share: float, text: str) -> None:
    shown = percent(share)

    assert shown == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (-0.0312, "3.1 points"),
        (0.01, "1 point"),
        (0.05, "5 points"),
        (0.0, "0 points"),
        (0.0002, "0.02 points"),
    ],
)
def test_a_difference_is_spoken_in_points_without_its_sign(difference: float, text: str) -> None:
    shown = points(difference)

    assert shown == text


@pytest.mark.parametrize(
    ("number", "text"), [(7, "7"), (111, "120"), (268, "270"), (1271, "1,300"), (45, "50")]
)
def test_a_planned_count_is_rounded_up_to_the_precision_it_deserves(number: int, text: str) -> None:
    shown = roughly(number)

    assert shown == text


def test_durations_counts_and_lists_read_like_speech() -> None:
    spoken = [
        seconds(0.24),
        seconds(1.82),
        how_many(1, "item"),
        how_many(1200, "item"),
        listed(["a", "b", "c"]),
    ]

    assert spoken == ["240 ms", "1.8 s", "1 item", "1,200 items", "a, b and c"]


@pytest.mark.parametrize("reason", CONTRACT_REASONS)
def test_every_reason_is_explained_in_words_that_are_not_its_code(reason: str) -> None:
    task = make_task(limits=Limits(min_score=0.9, max_p95_s=2.0, max_cost_usd=0.002))

    words = explain(reason, "small", task)

    assert words.startswith("small: ")
    assert len(words) > 30
    assert words != f"small: {reason.replace('_', ' ')}"


def test_a_limit_is_explained_with_the_figure_that_the_user_set() -> None:
    task = make_task(limits=Limits(min_score=0.9, max_p95_s=2.0, max_cost_usd=0.002))

    words = [explain(reason, "small", task) for reason in ("floor", "p95_latency", "budget")]

    assert "90 %" in words[0]
    assert "2 s" in words[1]
    assert "$0.002" in words[2]


def test_a_reason_without_words_of_its_own_is_shown_rather_than_hidden() -> None:
    words = explain("slice_failed", "small", make_task())

    assert words == "small: slice failed"
