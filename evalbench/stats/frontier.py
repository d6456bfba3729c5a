"""Which tiers are worth considering at all: better, cheaper or faster than the others in something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from evalbench.core.estimate import Standing
from evalbench.stats.clusters import Floats

MOST_ITEMS = 10_000
"""Above this, resamples are drawn from as many of the items: sampling error is small by then."""

_CELLS = 2_000_000
_PERCENTILE = 95
_CRUMB = 1e-12


def standings(scores: Sequence[float], costs_usd: Sequence[float]) -> tuple[Standing, ...]:
    """Each tier's standing among the tiers, by mean score and mean cost.

    Point estimates: two tiers within noise of each other may trade places in another sample.
    """
    points = list(zip(costs_usd, scores, strict=True))
    kept = [place for place, point in enumerate(points) if not any(_beats(other, point) for other in points)]
    hull = _hull(sorted({points[place] for place in kept}))
    found = [Standing.DOMINATED] * len(points)
    for place in kept:
        found[place] = Standing.EFFICIENT if points[place] in hull else Standing.MIXED_BETTER
    return tuple(found)


def frontier_membership(
    scores: Floats,
    costs_usd: Floats,
    latencies_s: Floats | None,
    rng: Generator,
    resamples: int = 1000,
) -> tuple[float, ...]:
    """Share of paired bootstrap resamples of the items in which each tier is not dominated.

    All arrays are (tiers, items); a tier is dominated by one that is no worse in mean score, mean
    cost and, where given, 95th percentile of latency, and better in one. For display: a share of
    0.9 is no proof, and ties count for all who share them.
    """
    values = [scores, costs_usd, *([] if latencies_s is None else [latencies_s])]
    if len({np.asarray(value).shape for value in values}) != 1 or np.asarray(scores).ndim != 2:  # noqa: PLR2004 -- tiers by items
        raise ValueError("scores, costs and latencies must have one shape (tiers, items)")
    chosen = np.arange(np.shape(scores)[1])
    if len(chosen) > MOST_ITEMS:
        chosen = rng.choice(chosen, MOST_ITEMS, replace=False)
    cube = np.stack([np.asarray(value, dtype=np.float64)[:, chosen] for value in values])
    kept = np.zeros(cube.shape[1])
    batch = max(1, _CELLS // cube.size)
    for start in range(0, resamples, batch):
        drawn = rng.integers(0, len(chosen), (min(batch, resamples - start), len(chosen)))
        resampled = cube[:, :, drawn]
        figures = resampled.mean(axis=3)
        figures[0] *= -1
        if latencies_s is not None:
            figures[2] = np.percentile(resampled[2], _PERCENTILE, axis=2)
        kept += (~_dominated(figures)).sum(axis=1)
    return tuple(float(share) for share in kept / resamples)


def _dominated(figures: Floats) -> NDArray[np.bool_]:
    """For figures of which less is better, (figures, tiers, resamples): which tiers are dominated."""
    own, other = figures[:, :, None], figures[:, None, :]
    beats = np.all(other <= own, axis=0) & np.any(other < own, axis=0)
    return np.asarray(np.any(beats, axis=1), dtype=np.bool_)


def _beats(other: tuple[float, float], own: tuple[float, float]) -> bool:
    return other[0] <= own[0] and other[1] >= own[1] and other != own


def _hull(points: Sequence[tuple[float, float]]) -> set[tuple[float, float]]:
    """The points, cheapest first, whose price per extra point never falls."""
    kept: list[tuple[float, float]] = []
    for cost, score in points:
        while len(kept) > 1:
            (first_cost, first), (last_cost, last) = kept[-2:]
            needed = (last_cost - first_cost) * (score - last)
            if needed <= (cost - last_cost) * (last - first) + _CRUMB:
                break
            kept.pop()
        kept.append((cost, score))
    return set(kept)
