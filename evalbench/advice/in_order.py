"""A run that may have stopped early, decided on by what was asked of both tiers from its beginning on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.arrays import Arrays, Asked, checked_arrays, checked_costs
from evalbench.advice.observations import Observations, integers, labelled, mean_metric
from evalbench.advice.rules import POWER, Rules, provisional_level
from evalbench.core.completion import NOT_ASKED_KINDS
from evalbench.core.evalset import Task
from evalbench.core.order import AskingOrder
from evalbench.core.run import TaskRun
from evalbench.stats.clusters import Floats


def beginning(arrays: Arrays, tier: int) -> Arrays:
    """The longest beginning of the order in which all clusters were asked of a tier and the reference.

    Answers that came after a gap are left out: which ones came may depend on how fast they were.
    All items, in their own order, where a run of fixed size is tested.
    """
    asked = arrays.asked
    if asked is None:
        return arrays
    is_there = (asked.is_asked[tier] & asked.is_asked[arrays.reference])[asked.places]
    length = len(is_there) if is_there.all() else int(np.argmin(is_there))
    clusters = arrays.clusters
    if clusters is not None and length < len(is_there):
        length = int(np.argmax(clusters[asked.places] == clusters[asked.places[length]]))
    places = asked.places[:length]
    return replace(
        arrays,
        scores=None if arrays.scores is None else arrays.scores[:, places],
        is_missing=arrays.is_missing[:, places],
        clusters=None if clusters is None else clusters[places],
        latency_s=None if arrays.latency_s is None else arrays.latency_s[:, places],
        asked=Asked(np.arange(length), asked.is_asked[:, places], asked.largest),
    )


def arrays_in_order(run: TaskRun, order: AskingOrder, seen: Observations, costs_usd: Floats) -> Arrays:
    """The arrays of a decision on a run that asked its items in an order of its own."""
    scores, _, _, is_missing, latency_s = checked_arrays(
        seen.scores, None, mean_metric(run), seen.status, seen.latency_s
    )
    takes_part = labelled(run)
    columns = np.where(takes_part, np.cumsum(takes_part) - 1, -1)
    planned = columns[np.asarray(order.places, dtype=np.int64)]
    chosen = planned >= 0
    places = planned[chosen]
    numbers = np.asarray(order.clusters, dtype=np.int64)[chosen]
    largest = int(np.bincount(numbers).max()) if len(numbers) else 1
    clusters = np.zeros(len(places), dtype=np.int64)
    clusters[places] = numbers
    return Arrays(
        scores=scores,
        statistics=None,
        metric=None,
        is_missing=is_missing,
        costs_usd=checked_costs(costs_usd, len(costs_usd)),
        clusters=clusters if largest > 1 else None,
        latency_s=latency_s,
        slices=(),
        reference=run.models.tiers.index(run.models.current),
        asked=Asked(places, _is_asked(run)[:, takes_part], largest),
    )


def rules_of(task: Task, alpha: float, bars: Mapping[int, str] | None = None) -> Rules:
    """The rules of a task, as a decision on a run of fixed size has them."""
    return Rules(
        margin=task.max_drop,
        alpha=alpha,
        max_p95_s=task.limits.max_p95_s,
        floor=task.limits.min_score,
        max_cost_usd=task.limits.max_cost_usd,
        multiplicity="holm",
        criticality=task.criticality,
        power=POWER,
        alpha_provisional=provisional_level(task.criticality, None),
        allow_downgrade=task.allow_downgrade,
        bars=bars or {},
    )


def items_asked(run: TaskRun) -> NDArray[np.int64]:
    """How many items each tier was asked about, by its position."""
    return np.asarray(_is_asked(run).sum(axis=1), dtype=np.int64)


def _is_asked(run: TaskRun) -> NDArray[np.bool_]:
    """Which tiers were asked about which items, every repeat of it, whatever came back."""
    figures = run.figures
    counts = np.zeros((len(run.models.tiers), len(run.items)), dtype=np.int64)
    made = np.ones(len(figures), dtype=bool)
    unasked = [row for row, failure in figures.failures.items() if failure.kind in NOT_ASKED_KINDS]
    # Beside an answer, the failure is that of its grader: a judge may not have been asked.
    made[[row for row in unasked if figures.answer[row] < 0]] = False
    np.add.at(counts, (integers(figures.tier)[made], integers(figures.item)[made]), 1)
    return counts >= run.repeats
