"""What must not change a decision, or may change it one way only, tried on many drawn runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from benchmarks.calibration.scenarios import BOUNDARIES, THREE_COSTS_USD
from benchmarks.calibration.worlds import Drawn
from evalbench.advice.decide import Decision, decide
from evalbench.core.recommendation import Outcome

_CRUMB = 1e-9
_WORLDS = (
    "binary, 100 items",
    "only losses, 60 items",
    "binary, 40 clusters of 10",
    "binary, 48 uneven clusters",
    "graded, 200 items",
    "rubric with rare zeros, 40 items",
    "5 repeats, 60 items",
    "2 % gaps, 300 items",
    "micro F1, 300 items",
    "micro F1, silent on whole clusters, 40 of 5",
    "macro F1, 3 classes, 240 items",
)
_BY_ITEM = ("scores", "status", "latency", "statistics")


@dataclass(frozen=True)
class Invariance:
    """`holds` draws nothing: it gets a run, and a generator for its own choices."""

    name: str
    promise: str
    holds: Callable[[Drawn, Generator], bool]


def _order(drawn: Drawn, rng: Generator) -> bool:
    items = (drawn["scores"] if drawn["scores"] is not None else drawn["statistics"]).shape[1]
    order = rng.permutation(items)
    moved = {name: _moved(name, value, order) for name, value in drawn.items()}
    return _same(_decided(drawn), _decided(moved))


def _names(drawn: Drawn, rng: Generator) -> bool:
    if "clusters" not in drawn:
        return True
    names = rng.permutation(1 + int(drawn["clusters"].max()))
    renamed = drawn | {"clusters": np.array([f"document {name}" for name in names])[drawn["clusters"]]}
    return _same(_decided(drawn), _decided(renamed))


def _unit(drawn: Drawn, rng: Generator) -> bool:
    unit = float(10 ** rng.uniform(-6, 3))
    return _same(_decided(drawn), _decided(drawn, tuple(unit * cost for cost in THREE_COSTS_USD)))


def _tiers(drawn: Drawn, rng: Generator) -> bool:
    order = rng.permutation(3)
    moved = _by_tier(drawn, order)
    costs = tuple(THREE_COSTS_USD[place] for place in order)
    found = _decided(moved, costs, reference=int(np.flatnonzero(order == len(order) - 1)[0]))
    return _same(_decided(drawn), found, order)


def _dearer(drawn: Drawn, rng: Generator) -> bool:
    extra = _by_tier(drawn, np.array([0, 1, 2, int(rng.integers(3))]))
    return _same(_decided(drawn), _decided(extra, (*THREE_COSTS_USD, 99.0), reference=2))


def _copy(drawn: Drawn, rng: Generator) -> bool:
    place = int(rng.integers(2))
    twice = _by_tier(drawn, np.array([0, 1, place, 2]))
    costs = (*THREE_COSTS_USD[:2], THREE_COSTS_USD[place], THREE_COSTS_USD[2])
    before, after = _decided(drawn), _decided(twice, costs)
    is_alike = after.candidates[place] == after.candidates[2]
    return is_alike and all(
        after.candidates[tier].p_quality == before.candidates[tier].p_quality
        and (after.candidates[tier].p_adjusted or 0) >= (before.candidates[tier].p_adjusted or 0)
        for tier in (0, 1)
    )


def _repeats(drawn: Drawn, _: Generator) -> bool:
    if drawn["scores"] is None:
        return True
    doubled = {
        name: np.concatenate([value, value], axis=2) if name in _BY_ITEM else value
        for name, value in drawn.items()
    }
    return _same(_decided(drawn), _decided(doubled))


def _margin(drawn: Drawn, _: Generator) -> bool:
    found = [_decided(drawn, margin=margin) for margin in (0.02, 0.03, 0.05, 0.08, 0.12)]
    return all(_no_easier(loose, strict) for strict, loose in pairwise(found))


def _alpha(drawn: Drawn, _: Generator) -> bool:
    found = [_decided(drawn, alpha=alpha) for alpha in (0.01, 0.025, 0.05, 0.10)]
    return all(
        loose.candidates[tier].verdict == "good_enough"
        for strict, loose in pairwise(found)
        for tier, each in strict.candidates.items()
        if each.verdict == "good_enough"
    )


def _worse(drawn: Drawn, rng: Generator) -> bool:
    scores = drawn["scores"]
    if scores is None or "clusters" in drawn or not np.isin(scores, (0.0, 1.0)).all() or scores.shape[2] > 1:
        return True
    right = np.flatnonzero(scores[0, :, 0] == 1)
    lower = scores.copy()
    lower[0, rng.choice(right)] = 0.0
    after, before = (_decided(drawn | {"scores": each}).candidates[0].p_quality for each in (lower, scores))
    return (after or 0.0) >= (before or 0.0) - _CRUMB


INVARIANCES = (
    Invariance("order of the items", "nothing changes", _order),
    Invariance("names of the clusters", "nothing changes", _names),
    Invariance("unit of the costs", "nothing changes", _unit),
    Invariance("order of the tiers", "nothing changes but the indices", _tiers),
    Invariance("one more tier, dearer than the reference", "nothing changes", _dearer),
    Invariance("a copy of a cheaper tier", "same verdict for both, p never lower", _copy),
    Invariance("every repeat twice", "nothing changes", _repeats),
    Invariance("a larger margin", "p never higher, what was good enough stays so", _margin),
    Invariance("a larger alpha", "what was good enough stays so", _alpha),
    Invariance("one right answer fewer (0/1, no clusters)", "p never lower", _worse),
)


def broken(invariance: Invariance, draws: int) -> int:
    """In how many of `draws` runs of each world the promise is broken."""
    worlds = [each.world for each in BOUNDARIES if each.name in _WORLDS]
    failures = 0
    for place, world in enumerate(worlds):
        for number in range(draws):
            rng = np.random.default_rng([17, place, number])
            failures += not invariance.holds(world.draw(rng), rng)
    return failures


def runs(draws: int) -> int:
    """How many runs `broken` looks at."""
    return draws * len(_WORLDS)


def _decided(drawn: Drawn, costs: tuple[float, ...] = THREE_COSTS_USD, **options: Any) -> Decision:
    return decide(costs=costs, **drawn, **options)


def _same(before: Decision, after: Decision, order: Any = None) -> bool:
    """The same answer, p-values equal but for rounding; `order` says which tier stands where."""
    places: Mapping[int, int] = {
        tier: tier if order is None else int(np.flatnonzero(order == tier)[0]) for tier in range(3)
    }
    tier = None if before.tier is None else places[before.tier]
    if (before.outcome, tier) != (after.outcome, after.tier):
        return False
    pairs = [(each, after.candidates[places[index]]) for index, each in before.candidates.items()]
    return all(
        one.verdict == other.verdict
        and one.reasons == other.reasons
        and abs((one.p_value or 0) - (other.p_value or 0)) <= _CRUMB
        for one, other in pairs
    )


def _no_easier(loose: Decision, strict: Decision) -> bool:
    was_used = strict.outcome == Outcome.RECOMMENDED and strict.tier in strict.candidates
    return (not was_used or loose.outcome == Outcome.RECOMMENDED) and all(
        (loose.candidates[tier].p_quality or 0) <= (each.p_quality or 0) + _CRUMB
        for tier, each in strict.candidates.items()
    )


def _moved(name: str, value: Any, order: Any) -> Any:
    if name in _BY_ITEM and value is not None:
        return value[:, order]
    return value[order] if name == "clusters" else value


def _by_tier(drawn: Drawn, order: Any) -> Drawn:
    return {
        name: value[order] if name in _BY_ITEM and value is not None else value
        for name, value in drawn.items()
    }
