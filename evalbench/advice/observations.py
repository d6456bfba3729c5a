"""A finished run as arrays: what every tier scored, cost and took on every item."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.corpus import empty_counts
from evalbench.core.completion import Status
from evalbench.core.figures import STATUSES, known
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.core.score import CORPUS_METRICS, NET_WIN_RATE, TRANSLATION_METRICS
from evalbench.errors import InputError
from evalbench.pricing.cost import lost_usd

Floats: TypeAlias = NDArray[np.float64]

ANSWERED, MODEL_FAILURE, NO_ANSWER = 0, 1, 2
"""The status codes that a decision distinguishes."""

_ALWAYS_WRONG = (STATUSES.index(Status.INVALID), STATUSES.index(Status.TIMEOUT))
_TOO_LATE = STATUSES.index(Status.TIMEOUT)
_OK, _MISSING = STATUSES.index(Status.OK), STATUSES.index(Status.MISSING)
_COUNTS_PER_CLASS = 3
_TIE = 0.5


@dataclass(frozen=True, slots=True)
class Observations:
    """Arrays over the items that have a target, in the order of the run; NaN where nothing is known.

    `scores`, `status` and `latency_s` have the shape (tiers, items, repeats), `statistics`
    (tiers, items, counts) with the repeats summed, `clusters` (items,). `statistics` is None
    unless the metric needs it, `clusters` is None when no item belongs to a group.
    """

    scores: Floats
    status: NDArray[np.int64]
    latency_s: Floats
    statistics: Floats | None
    clusters: NDArray[np.int64] | None


def floats(column: array[float]) -> Floats:
    """A column of figures as numbers to compute with."""
    return np.asarray(column, dtype=np.float64)


def integers(column: array[int]) -> NDArray[np.int64]:
    """A column of positions or flags as numbers to compute with."""
    return np.asarray(column, dtype=np.int64)


def rows_of(run: TaskRun, tier: Tier) -> NDArray[np.int64]:
    """Where a tier's trials stand among all figures."""
    return np.flatnonzero(integers(run.figures.tier) == run.models.tiers.index(tier))


def labelled(run: TaskRun) -> NDArray[np.bool_]:
    """Which items take part in scores: those with a target, or with a score that was given.

    All do where no target is needed, so that one which could not be judged is missing, not absent.
    """
    if not run.task.grader.needs_target:
        return np.ones(len(run.items), dtype=np.bool_)
    takes_part = integers(run.facts.has_target) > 0
    if not takes_part.all():
        figures = run.figures
        takes_part[integers(figures.item)[~np.isnan(floats(figures.score))]] = True
    return takes_part


def trial_scores(run: TaskRun) -> Floats:
    """What each answer to an item with a target scores; NaN where there is nothing to judge.

    A failure of the model scores 0 unless a grader accepted the answer all the same; an answer
    that came too late or that cannot be read scores 0 in any case. Missing answers, and answers
    that no grader could judge, have no score. Where answers were compared, failures have been, too, and
    one of the current tier counts as the tie with itself that it is.
    """
    if run.is_pairwise:
        return _against_current(run)
    status, scores = integers(run.figures.status), floats(run.figures.score).copy()
    scores[np.isnan(scores) & (status != _OK)] = 0.0
    scores[np.isin(status, _ALWAYS_WRONG)] = 0.0
    scores[status == _MISSING] = np.nan
    return scores


def observe(run: TaskRun, tiers: Sequence[Tier]) -> Observations:
    """The scores, failures and latencies of `tiers`, ready to be compared item by item."""
    takes_part, figures = labelled(run), run.figures
    shape = (len(tiers), int(takes_part.sum()), run.repeats)
    scores, latency_s = np.full(shape, np.nan), np.full(shape, np.nan)
    status = np.full(shape, NO_ANSWER, dtype=np.int64)
    rows, places = _placed(run, tiers, takes_part)
    values, statuses = trial_scores(run)[rows], integers(figures.status)[rows]
    latency_s[places] = floats(figures.latency_s)[rows]
    scores[places] = values
    is_failure = (values == 0) & (statuses != _OK)
    status[places] = np.where(np.isnan(values), NO_ANSWER, np.where(is_failure, MODEL_FAILURE, ANSWERED))
    statistics = _statistics(run, tiers, takes_part) if run.task.metric in CORPUS_METRICS else None
    return Observations(scores, status, latency_s, statistics, clusters_of(run, takes_part))


def trial_costs_usd(run: TaskRun) -> Floats:
    """USD of each trial: its answer, or what a failed one was billed for all the same; NaN is unknown."""
    figures = run.figures
    costs_usd = np.where(integers(figures.answer) >= 0, floats(figures.cost_usd), 0.0)
    prices = [model.price for model in run.models.models.values()]
    for row, effort in figures.efforts.items():
        if figures.answer[row] < 0:
            lost = lost_usd(effort, prices[figures.tier[row]])
            costs_usd[row] = np.nan if lost is None else lost
    return costs_usd


def item_costs_usd(run: TaskRun, tiers: Sequence[Tier]) -> Floats:
    """USD of one answer by tier and item, averaged over repeats, all items included.

    What failed attempts were billed for is part of it. NaN where an item has neither an answer
    nor a bill, or where a cost is unknown.
    """
    shape = (len(tiers), len(run.items), run.repeats)
    costs_usd, answered = np.zeros(shape), np.zeros(shape, dtype=bool)
    rows, places = _placed(run, tiers, np.ones(len(run.items), dtype=np.bool_))
    costs_usd[places] = trial_costs_usd(run)[rows]
    answered[places] = integers(run.figures.answer)[rows] >= 0
    answers, paid_usd = answered.sum(axis=2), costs_usd.sum(axis=2)
    # Where nothing was answered, 0 / 0 would warn: divide by 1, then forget the 0.
    return np.where((answers > 0) | (paid_usd > 0), paid_usd / np.maximum(answers, 1), np.nan)


def item_scores(seen: Observations) -> Floats:
    """Scores by tier and item, averaged over the repeats that have one; NaN where none has."""
    known = ~np.isnan(seen.scores)
    counts = known.sum(axis=2)
    sums = np.where(known, seen.scores, 0.0).sum(axis=2)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def clusters_of(run: TaskRun, items: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """The group of each of `items`, numbered in the order in which they appear; None without groups."""
    if not run.facts.groups:
        return None
    _, first, numbers = np.unique(integers(run.facts.cluster)[items], return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[numbers], dtype=np.int64)


def mean_metric(run: TaskRun) -> str:
    """How a decision has to take scores that are averaged over items."""
    return NET_WIN_RATE if run.is_pairwise else "mean"


def is_right_or_wrong(run: TaskRun) -> bool:
    """Whether every answer scored 0 or 1, so that a mean score is a share of right answers."""
    if run.task.metric in CORPUS_METRICS or run.is_pairwise:
        return False
    scores = floats(run.figures.score)
    return bool((np.isnan(scores) | (scores == 0) | (scores == 1)).all())


def _against_current(run: TaskRun) -> Floats:
    figures = run.figures
    is_current = integers(figures.tier) == run.models.tiers.index(run.models.current)
    ties = np.where(integers(figures.answer) >= 0, _TIE, np.nan)
    return np.where(is_current, ties, floats(figures.score))


def _placed(
    run: TaskRun, tiers: Sequence[Tier], items: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], tuple[NDArray[np.int64], ...]]:
    """The rows of these tiers and items, and where they stand in (tiers, items, repeats)."""
    figures = run.figures
    wanted = np.array([tiers.index(tier) if tier in tiers else -1 for tier in run.models.tiers])
    columns = np.where(items, np.cumsum(items) - 1, -1)
    tier, item = wanted[integers(figures.tier)], columns[integers(figures.item)]
    rows = np.flatnonzero((tier >= 0) & (item >= 0))
    return rows, (tier[rows], item[rows], integers(figures.repeat)[rows])


def _statistics(run: TaskRun, tiers: Sequence[Tier], items: NDArray[np.bool_]) -> Floats:
    """Summed counts by tier and item; an item that a tier has no score for is a row of NaN."""
    width, expected = _failed_counts(run)
    totals = np.zeros((len(tiers), int(items.sum()), width))
    is_scored = np.zeros(totals.shape[:2], dtype=bool)
    scores, figures = trial_scores(run), run.figures
    rows, (tier, column, _) = _placed(run, tiers, items)
    for row, *place in zip(rows.tolist(), tier.tolist(), column.tolist(), strict=True):
        if known(scores[row]) is not None:
            is_scored[tuple(place)] = True
            is_late = figures.status[row] == _TOO_LATE
            counts = None if is_late else figures.statistics.get(row)
            totals[tuple(place)] += expected(figures.item[row]) if counts is None else counts
    totals[~is_scored] = np.nan
    return _over_classes(totals) if run.task.metric == "micro_f1" else totals


def _over_classes(counts: Floats) -> Floats:
    by_class: Floats = counts.reshape(*counts.shape[:2], -1, _COUNTS_PER_CLASS)
    return np.asarray(by_class.sum(axis=2), dtype=np.float64)


def _failed_counts(run: TaskRun) -> tuple[int, Callable[[int], Floats]]:
    """How many counts an answer has, and what a failed answer counts as, by item."""
    if run.task.metric in TRANSLATION_METRICS:
        counts = empty_counts(run.task)
        first = int(np.flatnonzero(labelled(run))[0]) if labelled(run).any() else None
        width = 0 if first is None else len(counts(run.items[first]))
        return width, lambda item: counts(run.items[item])
    width = _width(run)
    return width, _expected_counts(run, width)


def _width(run: TaskRun) -> int:
    figures = run.figures
    widths = {len(counts) for counts in figures.statistics.values()}
    judged = ((integers(figures.status) == _OK) & ~np.isnan(floats(figures.score))).any()
    if len(widths) > 1 or (judged and not widths):
        raise InputError(
            f"{run.task.name}: the metric {run.task.metric!r} needs counts per class, "
            f"which the scores of {run.grader} do not carry",
            "set `metric: accuracy` (or `mean`), or grade the answers with label or json_fields.",
        )
    return widths.pop() if widths else _COUNTS_PER_CLASS


def _expected_counts(run: TaskRun, width: int) -> Callable[[int], Floats]:
    """What a failed answer counts as, by item: everything that was to be found, missed.

    What was to be found is read from any tier's judged answer to the same item; where no tier's
    answer could be judged, it is the item's label, or one missed thing.
    """
    figures = run.figures
    judged: dict[int, Floats] = {}
    for row, counts in figures.statistics.items():
        if len(counts) == width:
            right, _, missed = np.reshape(counts, (-1, _COUNTS_PER_CLASS)).T
            judged[figures.item[row]] = _all_missed(right + missed)

    def expected(item: int) -> Floats:
        return judged[item] if item in judged else _missed_label(run, item, width)

    return expected


def _missed_label(run: TaskRun, item: int, width: int) -> Floats:
    support = np.zeros(max(1, width // _COUNTS_PER_CLASS))
    target = run.items[item].target
    # A list holds all labels of an item for the grader `labels`, and accepted ones for `label`.
    is_set = isinstance(target, list) and run.task.grader.name == "labels"
    for label in target if is_set else [target]:
        place = run.task.labels.index(label) if label in run.task.labels else 0
        support[place if place < len(support) else 0] = 1.0
    return _all_missed(support)


def _all_missed(support: Floats) -> Floats:
    counts = np.zeros((len(support), _COUNTS_PER_CLASS))
    counts[:, -1] = support
    return counts.reshape(-1)
