"""Make the lanes of a run: one for each endpoint, with all that is asked there and its tiers' limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from evalbench.core.models import Tier
from evalbench.runner.calls import Calls
from evalbench.runner.lane import Lane, LaneSpec
from evalbench.runner.plan import TaskJob, TaskWork
from evalbench.runner.turns import Turn
from evalbench.runner.works import Work


def lanes_of(
    works: Sequence[TaskWork],
    lane_of: Callable[[TaskJob, Tier], LaneSpec],
    turn: Callable[[Work], Turn] = lambda _: Turn.NOW,
) -> list[Lane]:
    """A lane for each endpoint that has anything to be asked, with all its calls in order."""
    parts: dict[str, list[tuple[TaskWork, set[int]]]] = defaultdict(list)
    calls: Counter[str] = Counter()
    specs: dict[str, LaneSpec] = {}
    for task in works:
        tiers: dict[str, set[int]] = defaultdict(set)
        pending = task.pending.by_tier()
        for number, tier in enumerate(task.job.pool.tiers):
            spec = lane_of(task.job, tier)
            specs[spec.name] = _both(specs.get(spec.name, spec), spec)
            tiers[spec.name].add(number)
            calls[spec.name] += pending[number]
        for name, numbers in tiers.items():
            parts[name].append((task, numbers))
    return [_lane(specs[name], parts[name], count, turn) for name, count in calls.items() if count]


def _lane(
    spec: LaneSpec, parts: Sequence[tuple[TaskWork, set[int]]], count: int, turn: Callable[[Work], Turn]
) -> Lane:
    calls = Calls(parts)
    return Lane(
        replace(spec, most=min(spec.most, count)),
        iter(calls),
        turn=turn,
        tiers={(task.job.position, tier) for task, tiers in parts for tier in tiers},
        elsewhere=calls.elsewhere,
    )


def _both(one: LaneSpec, other: LaneSpec) -> LaneSpec:
    """What holds for two tiers of one endpoint: the smallest limits that either states."""
    if one.is_stated == other.is_stated:
        smaller, larger = sorted((one, other), key=lambda spec: spec.most)
        calls = smaller if one.is_stated else larger
    else:
        calls = one if one.is_stated else other
    return replace(
        calls,
        requests_per_minute=_least(one.requests_per_minute, other.requests_per_minute),
        tokens_per_minute=_least(one.tokens_per_minute, other.tokens_per_minute),
    )


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
