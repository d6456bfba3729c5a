"""Limits that somebody set: what may never fail, the lowest score, cost and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evalbench.core.baseline import LimitFinding, LimitState, TierRecord, Yardstick
from evalbench.core.evalset import Limits
from evalbench.gate.evidence import Pairs, item_means
from evalbench.stats.clusters import Floats
from evalbench.stats.jackknife import corpus_standard_error
from evalbench.stats.metrics import Metric
from evalbench.stats.tails import effective_size, floor_violated_p, over_limit_violated_p

_WHOLE = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Measured:
    """What a gate needs to know of a tier beyond its record, which a baseline does not keep.

    `first_latencies_s` is one call an item: repeats of an item are not independent. `alpha` is
    1 - the task's confidence, `metric` the function from summed counts to a score, None where the
    score is a mean over items.
    """

    model: str
    limits: Limits
    must_pass: tuple[str, ...]
    max_drop: float
    alpha: float
    is_share: bool
    first_latencies_s: Sequence[float] = ()
    answers: int = 0
    newer: int = 0
    metric: Metric | None = None


def missed_items(record: TierRecord, yardstick: Yardstick, must_pass: Sequence[str]) -> tuple[str, ...]:
    """Those of `must_pass` that scored less than 1 in any repeat."""
    wanted = set(must_pass)
    return tuple(
        mark.id
        for mark, row in zip(yardstick.items, record.scores, strict=True)
        if mark.id in wanted and any(score is not None and score < _WHOLE for score in row)
    )


def unanswered_items(record: TierRecord, yardstick: Yardstick, must_pass: Sequence[str]) -> tuple[str, ...]:
    """Those of `must_pass` that lack an answer, so that nobody knows whether they pass."""
    wanted = set(must_pass)
    return tuple(
        mark.id
        for mark, row in zip(yardstick.items, record.scores, strict=True)
        if mark.id in wanted and any(score is None for score in row)
    )


def floor_finding(pairs: Pairs, floor: float | None, alpha: float) -> LimitFinding | None:
    """The lowest score allowed, where it is shown to be missed (exact on the effective items)."""
    if floor is None:
        return None
    scored = ~np.isnan(item_means(pairs.after))
    if not scored.any():
        return LimitFinding("min_score", LimitState.UNCHECKED, floor)
    mean, size = _score(pairs, scored)
    is_missed = (mean == 0 < floor) or floor_violated_p(mean, size, floor) <= alpha
    return LimitFinding("min_score", LimitState.BROKEN, floor, mean) if is_missed else None


def _score(pairs: Pairs, scored: Floats) -> tuple[float, float]:
    clusters = None if pairs.clusters is None else pairs.clusters[scored]
    if pairs.metric is None or pairs.counts is None:
        means = item_means(pairs.after)[scored]
        return float(means.mean()), effective_size(means, clusters)
    rows = pairs.counts[1][scored]
    value, items = float(pairs.metric(rows.sum(axis=0))), float(len(rows))
    error = corpus_standard_error(rows, pairs.metric, clusters)
    if np.isnan(error):
        return value, 1.0
    return value, items if error == 0 else max(1.0, min(items, value * (1 - value) / error**2))


def absolute_findings(record: TierRecord, measured: Measured) -> Iterator[LimitFinding]:
    """Cost and time against what the eval set allows."""
    most_usd, most_s = measured.limits.max_cost_usd, measured.limits.max_p95_s
    if most_usd is not None:
        yield from _above("max_cost_usd", record.cost_usd_per_item, most_usd)
    if most_s is not None:
        yield from _slower("max_p95_s", record, measured, most_s)


def increase_findings(
    record: TierRecord, accepted: TierRecord, measured: Measured, most: tuple[float | None, float | None]
) -> Iterator[LimitFinding]:
    """Cost and time against the baseline's, each with the share by which it may be more."""
    cost_share, time_share = most
    if cost_share is not None:
        before, after = accepted.cost_usd_per_item, record.cost_usd_per_item
        if before is None or after is None:
            yield LimitFinding("cost_increase", LimitState.UNCHECKED, cost_share)
        elif after > before * (1 + cost_share):
            seen = after / before - 1 if before else None
            yield LimitFinding("cost_increase", LimitState.BROKEN, cost_share, seen)
    if time_share is not None:
        if accepted.p95_s is None:
            yield LimitFinding("p95_increase", LimitState.UNCHECKED, time_share)
        else:
            for found in _slower("p95_increase", record, measured, accepted.p95_s * (1 + time_share)):
                seen = None if found.seen is None or not accepted.p95_s else found.seen / accepted.p95_s - 1
                yield LimitFinding(found.kind, found.state, time_share, seen)


def _above(kind: str, seen: float | None, allowed: float) -> Iterator[LimitFinding]:
    if seen is None:
        yield LimitFinding(kind, LimitState.UNCHECKED, allowed)
    elif seen > allowed:
        yield LimitFinding(kind, LimitState.BROKEN, allowed, seen)


def _slower(kind: str, record: TierRecord, measured: Measured, limit_s: float) -> Iterator[LimitFinding]:
    """Broken only where more than 5 % of all calls are shown to be slower: one slow call is chance."""
    seconds = np.asarray(measured.first_latencies_s, dtype=np.float64)
    seconds = seconds[~np.isnan(seconds)]
    if not len(seconds):
        yield LimitFinding(kind, LimitState.UNCHECKED, limit_s)
        return
    over = int((seconds > limit_s).sum())
    if over_limit_violated_p(over, len(seconds)) <= measured.alpha:
        yield LimitFinding(kind, LimitState.BROKEN, limit_s, record.p95_s)
