"""A finished run as arrays: what every tier scored, cost and took on every item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalbench.core.completion import Status
from evalbench.core.evalset import Item
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.errors import InputError
from evalbench.pricing.cost import lost_usd

Floats: TypeAlias = NDArray[np.float64]

CORPUS_METRICS = ("macro_f1", "micro_f1")
"""Metrics of summed counts; every other metric is a mean over items."""

ANSWERED, MODEL_FAILURE, NO_ANSWER = 0, 1, 2
"""The status codes that a decision distinguishes."""

_ALWAYS_WRONG = frozenset({Status.INVALID, Status.TIMEOUT})
_COUNTS_PER_CLASS = 3


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


def labelled_items(run: TaskRun) -> tuple[Item, ...]:
    """The items that take part in scores: those with a target, or with a score that was given."""
    if all(item.target is not None for item in run.items):
        return run.items
    scored = {trial.item_id for trial in run.trials if trial.score is not None}
    return tuple(item for item in run.items if item.target is not None or item.id in scored)


def repeats(run: TaskRun) -> int:
    """How often each item was asked."""
    return max((trial.repeat for trial in run.trials), default=0) + 1


def trial_score(trial: Trial) -> float | None:
    """What an answer to an item with a target scores; None where there is nothing to judge.

    A failure of the model scores 0 unless a grader accepted the answer all the same; an answer
    that came too late or that cannot be read scores 0 in any case. Missing answers, and answers
    that no grader could judge, have no score.
    """
    status = trial.status
    if status is Status.MISSING:
        return None
    if status in _ALWAYS_WRONG:
        return 0.0
    if trial.score is not None:
        return trial.score.value
    return None if status is Status.OK else 0.0


def observe(run: TaskRun, tiers: Sequence[Tier]) -> Observations:
    """The scores, failures and latencies of `tiers`, ready to be compared item by item."""
    items = labelled_items(run)
    shape = (len(tiers), len(items), repeats(run))
    scores, latency_s = np.full(shape, np.nan), np.full(shape, np.nan)
    status = np.full(shape, NO_ANSWER, dtype=np.int64)
    for place, trial in _placed(run, tiers, items):
        value = trial_score(trial)
        if trial.completion is not None and trial.completion.latency_s is not None:
            latency_s[place] = trial.completion.latency_s
        if value is not None:
            scores[place] = value
            status[place] = MODEL_FAILURE if value == 0 and trial.status is not Status.OK else ANSWERED
    statistics = _statistics(run, tiers, items) if run.task.metric in CORPUS_METRICS else None
    return Observations(scores, status, latency_s, statistics, _clusters(items))


def trial_cost_usd(run: TaskRun, trial: Trial) -> float | None:
    """USD of one trial: its answer, or what a failed one was billed for all the same; None is unknown."""
    if trial.completion is not None:
        return trial.completion.cost_usd
    if trial.failure is None:
        return 0.0
    return lost_usd(trial.failure.effort, run.models.models[trial.tier].price)


def item_costs_usd(run: TaskRun, tiers: Sequence[Tier]) -> Floats:
    """USD of one answer by tier and item, averaged over repeats, all items included.

    What failed attempts were billed for is part of it. NaN where an item has neither an answer
    nor a bill, or where a cost is unknown.
    """
    shape = (len(tiers), len(run.items), repeats(run))
    costs_usd, answered = np.zeros(shape), np.zeros(shape, dtype=bool)
    for place, trial in _placed(run, tiers, run.items):
        cost_usd = trial_cost_usd(run, trial)
        answered[place] = trial.completion is not None
        costs_usd[place] = np.nan if cost_usd is None else cost_usd
    answers, paid_usd = answered.sum(axis=2), costs_usd.sum(axis=2)
    # Where nothing was answered, 0 / 0 would warn: divide by 1, then forget the 0.
    return np.where((answers > 0) | (paid_usd > 0), paid_usd / np.maximum(answers, 1), np.nan)


def is_right_or_wrong(run: TaskRun) -> bool:
    """Whether every answer scored 0 or 1, so that a mean score is a share of right answers."""
    if run.task.metric in CORPUS_METRICS:
        return False
    return all(trial.score is None or trial.score.value in {0.0, 1.0} for trial in run.trials)


def _placed(
    run: TaskRun, tiers: Sequence[Tier], items: Sequence[Item]
) -> Iterator[tuple[tuple[int, int, int], Trial]]:
    rows = {tier: row for row, tier in enumerate(tiers)}
    columns = {item.id: column for column, item in enumerate(items)}
    for trial in run.trials:
        row, column = rows.get(trial.tier), columns.get(trial.item_id)
        if row is not None and column is not None:
            yield (row, column, trial.repeat), trial


def _clusters(items: Sequence[Item]) -> NDArray[np.int64] | None:
    if all(item.group is None for item in items):
        return None
    numbers: dict[tuple[str, str], int] = {}
    # An item without a group stands for itself.
    keys = [("item", item.id) if item.group is None else ("group", item.group) for item in items]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _statistics(run: TaskRun, tiers: Sequence[Tier], items: Sequence[Item]) -> Floats:
    """Summed counts by tier and item; an item that a tier has no score for is a row of NaN."""
    width = _width(run)
    expected = _expected_counts(run, items, width)
    totals = np.zeros((len(tiers), len(items), width))
    is_scored = np.zeros(totals.shape[:2], dtype=bool)
    for (row, column, _), trial in _placed(run, tiers, items):
        if trial_score(trial) is not None:
            is_scored[row, column] = True
            totals[row, column] += _counts(trial, expected[items[column].id])
    totals[~is_scored] = np.nan
    return _over_classes(totals) if run.task.metric == "micro_f1" else totals


def _counts(trial: Trial, expected: Floats) -> Floats:
    is_judged = trial.score is not None and trial.score.statistics and trial.status is not Status.TIMEOUT
    return np.asarray(trial.score.statistics) if trial.score and is_judged else expected


def _over_classes(counts: Floats) -> Floats:
    by_class: Floats = counts.reshape(*counts.shape[:2], -1, _COUNTS_PER_CLASS)
    return np.asarray(by_class.sum(axis=2), dtype=np.float64)


def _width(run: TaskRun) -> int:
    widths = {len(trial.score.statistics) for trial in run.trials if trial.score and trial.score.statistics}
    judged = any(trial.score is not None and trial.status is Status.OK for trial in run.trials)
    if len(widths) > 1 or (judged and not widths):
        raise InputError(
            f"{run.task.name}: the metric {run.task.metric!r} needs counts per class, "
            f"which the scores of {run.grader} do not carry",
            "set `metric: accuracy` (or `mean`), or grade the answers with label or json_fields.",
        )
    return widths.pop() if widths else _COUNTS_PER_CLASS


def _expected_counts(run: TaskRun, items: Sequence[Item], width: int) -> dict[str, Floats]:
    """What a failed answer counts as: everything that was to be found, missed.

    What was to be found is read from any tier's judged answer to the same item; where no tier's
    answer could be judged, it is the item's label, or one missed thing.
    """
    found = {item.id: _missed_label(run, item, width) for item in items}
    for trial in run.trials:
        if trial.item_id in found and trial.score and len(trial.score.statistics) == width:
            right, _, missed = np.reshape(trial.score.statistics, (-1, _COUNTS_PER_CLASS)).T
            found[trial.item_id] = _all_missed(right + missed)
    return found


def _missed_label(run: TaskRun, item: Item, width: int) -> Floats:
    support = np.zeros(max(1, width // _COUNTS_PER_CLASS))
    place = run.task.labels.index(item.target) if item.target in run.task.labels else 0
    support[place if place < len(support) else 0] = 1.0
    return _all_missed(support)


def _all_missed(support: Floats) -> Floats:
    counts = np.zeros((len(support), _COUNTS_PER_CLASS))
    counts[:, -1] = support
    return counts.reshape(-1)
