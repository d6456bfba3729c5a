"""Baselines and runs as a gate sees them, so that a test states only scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalbench.core.baseline import (
    Baseline,
    GateLine,
    GateResult,
    ItemMark,
    TaskRecord,
    TierRecord,
    Yardstick,
)
from evalbench.core.evalset import Limits
from evalbench.gate.check import Guarded, Rules, check
from evalbench.gate.limits import Measured

TERMS = {"metric": "accuracy", "grader": "label@1", "labels": "0", "max_answer_s": "none"}
Scores = Sequence[float | None] | Sequence[Sequence[float | None]]


def tier_record(scores: Scores, tier: str = "small", **changes: Any) -> TierRecord:
    """Scores by item, or by item and repeat."""
    rows = tuple(tuple(row) if isinstance(row, Sequence) else (row,) for row in scores)
    settings: dict[str, Any] = {
        "setup": {"model": "a/b", "prompt": "0"},
        "cost_usd_per_item": 0.01,
        "p95_s": 1.0,
        "newest": "2026-11-20T10:00:00.000Z",
    }
    return TierRecord(tier, scores=rows, **(settings | changes))


def yardstick(items: int, groups: Sequence[int] | None = None, name: str = "demo", **terms: str) -> Yardstick:
    marks = tuple(
        ItemMark(f"i{number:05d}", "5" * 12, "7" * 12, None if groups is None else groups[number])
        for number in range(items)
    )
    return Yardstick(name, {**TERMS, **terms}, (), marks)


def task_record(
    *tiers: TierRecord, groups: Sequence[int] | None = None, name: str = "demo", **terms: str
) -> TaskRecord:
    items = len(tiers[0].scores)
    return TaskRecord(
        yardstick(items, groups, name, **terms), "small", "small", {each.tier: each for each in tiers}
    )


def baseline(*tasks: TaskRecord, run: str = "r1", source: str = "baseline.json") -> Baseline:
    return Baseline(
        run=run,
        created="2026-11-20T09:00:00.000Z",
        accepted="2026-11-20T11:00:00.000Z",
        version="0.1.0",
        tasks={task.name: task for task in tasks},
        source=source,
    )


def measured(items: int, **changes: Any) -> Measured:
    settings: dict[str, Any] = {
        "model": "b",
        "limits": Limits(),
        "must_pass": (),
        "max_drop": 0.05,
        "alpha": 0.05,
        "is_share": True,
        "first_latencies_s": (0.5,) * items,
        "answers": items,
        "newer": items,
    }
    return Measured(**(settings | changes))


def guarded(
    before: Scores,
    after: Scores,
    *,
    groups: Sequence[int] | None = None,
    anchor: Scores | None = None,
    name: str = "demo",
    record: TierRecord | None = None,
    **changes: Any,
) -> Guarded:
    """One line: scores that were accepted, and scores as they are now."""
    now = task_record(record or tier_record(after), groups=groups, name=name)
    return Guarded(
        now,
        "small",
        task_record(tier_record(before), groups=groups, name=name),
        None if anchor is None else task_record(tier_record(anchor), groups=groups, name=name),
        measured(len(before), **changes),
    )


def checked(*lines: Guarded, rules: Rules | None = None) -> GateResult:
    """The check of these lines."""
    run = baseline(*(line.task for line in lines), run="r2")
    accepted = baseline(*(line.accepted for line in lines))
    return check(run, accepted, lines, rules or Rules())


def only(*lines: Guarded, rules: Rules | None = None) -> GateLine:
    """The first line of a check."""
    return checked(*lines, rules=rules).lines[0]


def ones(right: int, items: int) -> list[float]:
    """So many right answers, then wrong ones."""
    return [1.0] * right + [0.0] * (items - right)
