"""What changed between two runs of the same tasks: scores, cost and time, item by item."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.changed import BeforeAfter, ChangeVerdict, ItemChange, TaskChange, TierChange
from evalbench.advice.corpus import corpus_metric
from evalbench.advice.observations import (
    Floats,
    floats,
    integers,
    is_right_or_wrong,
    item_costs_usd,
    labelled,
    observe,
    rows_of,
)
from evalbench.advice.score_changes import ScoreChange, Terms, corpus_change, mean_change
from evalbench.advice.setup_changes import setup_changes
from evalbench.advice.shared_items import Places, share_items
from evalbench.core.estimate import Estimate
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.errors import InputError
from evalbench.stats.costs import fieller_interval, latency_percentiles
from evalbench.stats.multiple import holm

COST_LEVEL = 0.95

_CRUMB = 1e-9


@dataclass(frozen=True, slots=True)
class _Line:
    change: TierChange
    evidence: ScoreChange | None


def compare_tasks(
    pairs: Sequence[tuple[TaskRun, TaskRun]], tiers: Sequence[Tier] = ()
) -> tuple[TaskChange, ...]:
    """Compare tasks of an older and a newer run, tier by tier, on the items they share.

    Pure: the same runs give the same result. `tiers` limits the lines; the p-values are adjusted
    for all lines that are left (Holm 1979), so that the chance of any wrong verdict stays at alpha.
    """
    tasks = [_task_change(older, newer) for older, newer in pairs]
    lines = [[_line(task, tier) for tier in _both(task, tiers)] for task in tasks]
    tested = [line.change.p_value for own in lines for line in own if line.change.p_value is not None]
    places = count()
    return tuple(
        replace(task, lines=tuple(_judged(line, tested, places) for line in own))
        for task, own in zip(tasks, lines, strict=True)
    )


def _task_change(older: TaskRun, newer: TaskRun) -> TaskChange:
    before, after = older.models.tiers, newer.models.tiers
    return TaskChange(
        name=newer.task.name,
        metric=newer.task.metric,
        older=older,
        newer=newer,
        shared=share_items(older, newer),
        setup=setup_changes(older, newer),
        only_older_tiers=tuple(tier for tier in before if tier not in after),
        only_newer_tiers=tuple(tier for tier in after if tier not in before),
        lines=(),
    )


def _both(task: TaskChange, tiers: Sequence[Tier]) -> list[Tier]:
    before = task.older.models.models
    return [tier for tier in task.newer.models.tiers if tier in before and (not tiers or tier in tiers)]


def _judged(line: _Line, tested: Sequence[float], places: Iterator[int]) -> TierChange:
    """The line with its verdict; `places` counts the lines that have a p-value among `tested`."""
    change, evidence = line.change, line.evidence
    if evidence is None:
        return change
    alpha, place = round(1 - change.level, 12), next(places)
    p_adjusted = holm(tested)[place]
    is_shown = p_adjusted <= alpha and abs(evidence.difference) > _CRUMB
    shown = ChangeVerdict.BETTER if evidence.difference > 0 else ChangeVerdict.WORSE
    drop = evidence.drop_at(alpha / 2 / len(tested))
    is_sensitive = None
    if is_shown and evidence.p_against is not None:
        is_sensitive = holm([*tested[:place], evidence.p_against, *tested[place + 1 :]])[place] > alpha
    return replace(
        change,
        p_adjusted=p_adjusted,
        verdict=shown if is_shown else ChangeVerdict.NO_DIFFERENCE,
        detectable_drop=drop if drop <= 1 else None,
        is_missing_sensitive=is_sensitive,
    )


def _line(task: TaskChange, tier: Tier) -> _Line:
    older, newer, shared = task.older, task.newer, task.shared
    before, after = _item_scores(older, tier)[shared.older], _item_scores(newer, tier)[shared.newer]
    asked_before, asked_after = _is_asked(older, tier)[shared.older], _is_asked(newer, tier)[shared.newer]
    scored = ~np.isnan(before) & ~np.isnan(after)
    evidence = _evidence(task, tier, scored, (before[scored], after[scored])) if scored.any() else None
    cost_usd, cost_ratio = _costs(task, tier)
    change = TierChange(
        tier=tier,
        older_model=older.models.models[tier],
        newer_model=newer.models.models[tier],
        is_share=is_right_or_wrong(older) and is_right_or_wrong(newer),
        level=newer.task.confidence,
        items=int(scored.sum()),
        missing_older=int((np.isnan(before) & asked_before).sum()),
        missing_newer=int((np.isnan(after) & asked_after).sum()),
        not_asked_older=int((~asked_before).sum()),
        not_asked_newer=int((~asked_after).sum()),
        cost_usd=cost_usd,
        cost_ratio=cost_ratio,
        p95_s=BeforeAfter(_p95_s(older, tier, shared.older), _p95_s(newer, tier, shared.newer)),
        changes=_item_changes(task, before, after),
    )
    return _Line(change if evidence is None else _with(change, evidence), evidence)


def _with(change: TierChange, evidence: ScoreChange) -> TierChange:
    return replace(
        change,
        score=BeforeAfter(evidence.older, evidence.newer),
        difference=evidence.difference,
        low=evidence.low,
        high=evidence.high,
        wins=evidence.wins,
        losses=evidence.losses,
        groups=evidence.groups,
        test=evidence.test,
        p_value=evidence.p_value,
    )


def _item_scores(run: TaskRun, tier: Tier) -> Floats:
    """Every item's score averaged over its repeats; NaN where it has none."""
    scores = observe(run, (tier,)).scores[0]
    given = ~np.isnan(scores)
    answers = given.sum(axis=1)
    means = np.full(len(run.items), np.nan)
    totals = np.where(given, scores, 0.0).sum(axis=1) / np.maximum(answers, 1)
    means[labelled(run)] = np.where(answers > 0, totals, np.nan)
    return means


def _is_asked(run: TaskRun, tier: Tier) -> NDArray[np.bool_]:
    """Which items a tier was asked about, or was to be asked: all but those of which it has no trial."""
    is_asked = np.zeros(len(run.items), dtype=np.bool_)
    is_asked[integers(run.figures.item)[rows_of(run, tier)]] = True
    return is_asked | (run.order_seed is None)


def _evidence(
    task: TaskChange, tier: Tier, scored: NDArray[np.bool_], scores: tuple[Floats, Floats]
) -> ScoreChange:
    before, after = scores
    terms = Terms(
        alpha=round(1 - task.newer.task.confidence, 12),
        margin=task.newer.task.max_drop,
        clusters=_clusters(task, scored),
        is_once=task.older.repeats == task.newer.repeats == 1,
        generator=_generator(task, tier),
        missing=int((~scored).sum()),
    )
    metric = corpus_metric(task.newer.task)
    if metric is None:
        return mean_change(before, after, terms)
    older = _statistics(task.older, tier, task)[task.shared.older][scored]
    newer = _statistics(task.newer, tier, task)[task.shared.newer][scored]
    if older.shape != newer.shape or task.older.task.labels != task.newer.task.labels:
        raise InputError(
            f"{task.name}: {task.metric} is summed over labels, and the two runs have other labels",
            "grade both with the same labels: `evalbench grade RUN` for each, then compare the two.",
        )
    return corpus_change(older, newer, metric, after - before, terms)


def _statistics(run: TaskRun, tier: Tier, task: TaskChange) -> Floats:
    """The counts of every item for the metric of the newer run; NaN where there is no score."""
    measured = replace(run, task=replace(run.task, metric=task.metric))
    found = observe(measured, (tier,)).statistics
    rows = np.zeros((0, 0)) if found is None else found[0]
    counts = np.full((len(run.items), rows.shape[1]), np.nan)
    counts[labelled(run)] = rows
    return counts


def _clusters(task: TaskChange, scored: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Which items belong together, as the newer run has it, else the older one; unscored ones last."""
    found = _shared_clusters(task)
    return None if found is None else np.concatenate([found[scored], found[~scored]])


def _shared_clusters(task: TaskChange) -> NDArray[np.int64] | None:
    for run, places in ((task.newer, task.shared.newer), (task.older, task.shared.older)):
        if run.facts.groups:
            found: NDArray[np.int64] = integers(run.facts.cluster)[places]
            return found
    return None


def _generator(task: TaskChange, tier: Tier) -> np.random.Generator:
    """Random numbers of this line alone, whatever else is compared beside it."""
    digest = hashlib.sha256(f"compare:{task.name}:{tier}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def _costs(task: TaskChange, tier: Tier) -> tuple[BeforeAfter, Estimate | None]:
    """USD an item where both runs have an answer, and the newer over the older; None where one is unknown."""
    sides = (task.older, task.shared.older), (task.newer, task.shared.newer)
    before, after = (item_costs_usd(run, (tier,))[0][places] for run, places in sides)
    both = ~np.isnan(before + after)
    if not both.any() or any(_has_unknown_cost(run, tier, places) for run, places in sides):
        return BeforeAfter(None, None), None
    before, after, clusters = before[both], after[both], _shared_clusters(task)
    means = BeforeAfter(float(before.mean()), float(after.mean()))
    if means.older == 0:
        return means, None
    clusters = None if clusters is None else clusters[both]
    return means, fieller_interval(after, before, COST_LEVEL, clusters)


def _has_unknown_cost(run: TaskRun, tier: Tier, places: Places) -> bool:
    rows = _rows_at(run, tier, places)
    answered = integers(run.figures.answer)[rows] >= 0
    return bool(np.isnan(floats(run.figures.cost_usd)[rows][answered]).any())


def _p95_s(run: TaskRun, tier: Tier, places: Places) -> float | None:
    seconds = floats(run.figures.latency_s)[_rows_at(run, tier, places)]
    found = latency_percentiles(seconds[~np.isnan(seconds)])
    return None if found is None else found.p95


def _rows_at(run: TaskRun, tier: Tier, places: Places) -> NDArray[np.int64]:
    is_wanted = np.zeros(len(run.items), dtype=np.bool_)
    is_wanted[places] = True
    rows = rows_of(run, tier)
    found: NDArray[np.int64] = rows[is_wanted[integers(run.figures.item)[rows]]]
    return found


def _item_changes(task: TaskChange, before: Floats, after: Floats) -> tuple[ItemChange, ...]:
    """The items whose score moved, the largest moves first and losses before equal gains."""
    differences = after - before
    moved = np.flatnonzero(np.abs(differences) > _CRUMB)
    order = moved[np.lexsort((moved, differences[moved], -np.abs(differences[moved])))].tolist()
    return tuple(
        ItemChange(
            task.shared.ids[place],
            float(before[place]),
            float(after[place]),
            int(task.shared.older[place]),
            int(task.shared.newer[place]),
        )
        for place in order
    )
