"""Judge a run against a baseline: every line tested, all lines together, limits beside them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from evalbench.core.baseline import (
    Baseline,
    GateLine,
    GateResult,
    GateTest,
    GateVerdict,
    LimitFinding,
    LimitState,
    MovedItem,
    TaskRecord,
    TierRecord,
)
from evalbench.core.models import Tier
from evalbench.gate.evidence import Evidence, Pairs, examine, item_means
from evalbench.gate.limits import (
    Measured,
    absolute_findings,
    floor_finding,
    increase_findings,
    missed_items,
    unanswered_items,
)
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import Metric
from evalbench.stats.multiple import holm

ALPHA = 0.01
"""How often a whole check may call a regression when nothing changed."""

_CRUMB = 1e-9


@dataclass(frozen=True, slots=True)
class Rules:
    """What a check is told beyond the task's own terms.

    `most_missing` is the share of answers that may lack. Costs and times may be more than the
    baseline's by these shares, None for any. A drop smaller than `min_effect` never fails.
    """

    most_missing: float = 0.05
    max_cost_increase: float | None = None
    max_p95_increase: float | None = None
    min_effect: float = 0.0
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Guarded:
    """One tier of one task under the gate: as it is, as it was accepted, and in the anchor if any."""

    task: TaskRecord
    tier: Tier
    accepted: TaskRecord
    anchor: TaskRecord | None
    measured: Measured

    @property
    def record(self) -> TierRecord:
        """What the run measured."""
        return self.task.tiers[self.tier]

    @property
    def sides(self) -> Iterator[tuple[str, TierRecord]]:
        """What to compare with, by name."""
        yield "baseline", self.accepted.tiers[self.tier]
        if self.anchor is not None:
            yield "anchor", self.anchor.tiers[self.tier]


def check(run: Baseline, baseline: Baseline, guarded: Sequence[Guarded], rules: Rules) -> GateResult:
    """Judge every guarded line; the chance of any false alarm of a whole check is at most 1 %.

    Pure: the same records give the same result. Lines with too many answers missing are not
    tested, but still counted among the tests.
    """
    drafts = [_draft(each, rules) for each in guarded]
    p_values = [1.0 if found is None else found.p_worse for _, tests in drafts for _, found in tests]
    adjusted = iter(holm(p_values))
    lines = tuple(
        _judged(line, [(name, found, next(adjusted)) for name, found in tests], rules, len(p_values))
        for line, tests in drafts
    )
    return GateResult(run.run, baseline.run, baseline.accepted, lines, strict=rules.strict)


def pairs_of(
    task: TaskRecord, record: TierRecord, accepted: TierRecord, metric: Metric | None = None
) -> Pairs:
    """The scores of a tier before and now, item by item, with the counts where a metric sums them."""
    groups = [mark.group for mark in task.yardstick.items]
    clusters = None if None in groups else np.array(groups, dtype=np.int64)
    counts = None
    if metric is not None and record.counts is not None and accepted.counts is not None:
        width = max(_width(record), _width(accepted))
        counts = _counts(accepted, width), _counts(record, width)
    return Pairs(_scores(accepted), _scores(record), clusters, counts, metric if counts else None)


def line_seed(task: str, tier: Tier, against: str) -> Generator:
    """Random numbers of one test alone, whatever else is tested beside it."""
    digest = hashlib.sha256(f"gate:{task}:{tier}:{against}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def _scores(record: TierRecord) -> Floats:
    rows = [[math.nan if score is None else score for score in row] for row in record.scores]
    return np.array(rows, dtype=np.float64).reshape(len(rows), record.repeats)


def _width(record: TierRecord) -> int:
    return max((len(row) for row in record.counts or () if row is not None), default=0)


def _counts(record: TierRecord, width: int) -> Floats:
    rows = [[math.nan] * width if row is None else list(row) for row in record.counts or ()]
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)


def _draft(each: Guarded, rules: Rules) -> tuple[GateLine, list[tuple[str, Evidence | None]]]:
    record, measured = each.record, each.measured
    wanted = sum(len(row) for row in record.scores)
    missing = sum(score is None for row in record.scores for score in row)
    is_incomplete = missing > rules.most_missing * wanted or bool(
        unanswered_items(record, each.task.yardstick, measured.must_pass)
    )
    sides = [(name, pairs_of(each.task, record, accepted, measured.metric)) for name, accepted in each.sides]
    tests = [
        (
            name,
            None
            if is_incomplete or not measured.newer
            else examine(pairs, measured.max_drop, line_seed(each.task.name, each.tier, name)),
        )
        for name, pairs in sides
    ]
    line = GateLine(
        task=each.task.name,
        tier=each.tier,
        model=measured.model,
        verdict=GateVerdict.INCOMPLETE if is_incomplete else GateVerdict.WARN,
        tests=(),
        max_drop=measured.max_drop,
        is_share=measured.is_share,
        metric=each.task.yardstick.metric,
        limits=() if is_incomplete else tuple(_limits(each, sides[0][1], rules)),
        answers=measured.answers,
        newer=measured.newer,
        wanted=wanted,
        missing=missing,
        changed=_changed(record, each.accepted.tiers[each.tier]),
        moved=_moved(each.task, sides[0][1]),
    )
    return line, tests


def _limits(each: Guarded, pairs: Pairs, rules: Rules) -> Iterator[LimitFinding]:
    record, measured = each.record, each.measured
    missed = missed_items(record, each.task.yardstick, measured.must_pass)
    if missed:
        yield LimitFinding("must_pass", LimitState.BROKEN, items=missed)
    floor = floor_finding(pairs, measured.limits.min_score, measured.alpha)
    if floor is not None:
        yield floor
    yield from absolute_findings(record, measured)
    most = rules.max_cost_increase, rules.max_p95_increase
    yield from increase_findings(record, each.accepted.tiers[each.tier], measured, most)


def _changed(record: TierRecord, accepted: TierRecord) -> tuple[str, ...]:
    names = dict.fromkeys([*accepted.setup, *record.setup])
    return tuple(
        f"{name} {accepted.setup.get(name)} before, {record.setup.get(name)} now" if name == "model" else name
        for name in names
        if record.setup.get(name) != accepted.setup.get(name)
    )


def _moved(task: TaskRecord, pairs: Pairs) -> tuple[MovedItem, ...]:
    """Items whose score moved: losses first, the largest before the others."""
    before, after = item_means(pairs.before), item_means(pairs.after)
    differences = after - before
    places: list[int] = np.flatnonzero(np.abs(differences) > _CRUMB).tolist()
    places.sort(key=lambda place: (float(differences[place]), place))
    lost = [place for place in places if differences[place] < 0]
    won = [place for place in reversed(places) if differences[place] > 0]
    return tuple(
        MovedItem(task.yardstick.items[place].id, float(before[place]), float(after[place]))
        for place in [*lost, *won]
    )


def _judged(
    line: GateLine, tests: Sequence[tuple[str, Evidence | None, float]], rules: Rules, lines: int
) -> GateLine:
    untested = line.verdict
    judged = tuple(
        GateTest(name, untested, 0)
        if found is None
        else _test(name, found, adjusted, line.max_drop, rules, lines)
        for name, found, adjusted in tests
    )
    verdicts = {test.verdict for test in judged}
    verdict = untested
    if untested is not GateVerdict.INCOMPLETE:
        states = {limit.state for limit in line.limits}
        if GateVerdict.FAIL in verdicts or LimitState.BROKEN in states:
            verdict = GateVerdict.FAIL
        elif verdicts == {GateVerdict.PASS} and LimitState.UNCHECKED not in states:
            verdict = GateVerdict.PASS
    return replace(line, tests=judged, verdict=verdict)


def _test(
    name: str, found: Evidence, p_adjusted: float, max_drop: float, rules: Rules, lines: int
) -> GateTest:
    drop = found.drop_at(ALPHA / lines)
    return GateTest(
        against=name,
        verdict=_verdict(found, p_adjusted, max_drop, rules),
        items=found.items,
        groups=found.groups,
        unpaired=found.unpaired,
        before=found.before,
        after=found.after,
        difference=found.difference,
        low=found.low,
        high=found.high,
        wins=found.wins,
        losses=found.losses,
        test=found.test,
        p_worse=found.p_worse,
        p_adjusted=p_adjusted,
        detectable_drop=drop if drop <= 1 else None,
        noise="repeats" if found.is_noise_known else "seen",
    )


def _verdict(found: Evidence, p_adjusted: float, max_drop: float, rules: Rules) -> GateVerdict:
    is_drop = found.difference < -_CRUMB and found.difference <= -rules.min_effect
    if p_adjusted <= ALPHA and is_drop:
        return GateVerdict.FAIL
    bounds = found.low, found.pessimistic_low
    is_within = all(bound is not None and bound > -max_drop for bound in bounds)
    return GateVerdict.PASS if is_within else GateVerdict.WARN
