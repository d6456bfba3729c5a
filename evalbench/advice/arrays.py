"""The arrays of a decision, checked and brought to one value per tier and item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalbench.core.score import NET_WIN_RATE
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import COUNTS, Metric, macro_f1, micro_f1

MetricName: TypeAlias = str | Metric
Slices: TypeAlias = Mapping[str, Any]
"""Protected subsets by name: a mask over the items, or a mask and a margin of its own."""

FEWEST_SLICE_ITEMS = 30

_OK, _MODEL_FAILURE, _MISSING = 0, 1, 2
_CRUMB = 1e-9
_METRICS: Mapping[str, Metric] = {"micro_f1": micro_f1, "macro_f1": macro_f1}
_THREE_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class Slice:
    """A protected subset of the items; `margin` is None for that of the decision."""

    name: str
    mask: NDArray[np.bool_]
    margin: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How far a run that may have stopped early has come: its items in the order they were asked.

    `places` are columns of the decision in that order, whole clusters together; `is_asked` has the
    shape (tiers, items); `largest` is the size of the largest cluster that was planned.
    """

    places: NDArray[np.int64]
    is_asked: NDArray[np.bool_]
    largest: int


@dataclass(frozen=True, slots=True)
class Arrays:
    """One decision's data. Tiers are rows, items columns.

    `scores` are item means over repeats, NaN where missing, and twice that for net win rates, whose
    differences count double; None only with `metric`, which then
    works on `statistics`, shape (tiers, items, k). `latency_s` is that of the first repeat:
    infinite where the model ran out of time, NaN where not measured. `asked` is None where a
    run of fixed size is tested once.
    """

    scores: Floats | None
    statistics: Floats | None
    metric: Metric | None
    is_missing: NDArray[np.bool_]
    costs_usd: Floats
    clusters: NDArray[np.int64] | None
    latency_s: Floats | None
    slices: tuple[Slice, ...]
    reference: int
    asked: Asked | None = None

    @property
    def tiers(self) -> int:
        """How many tiers there are."""
        return len(self.costs_usd)

    @property
    def items(self) -> int:
        """How many items there are, answered or not."""
        return int(self.is_missing.shape[1])


def checked_arrays(
    scores: ArrayLike | None,
    statistics: ArrayLike | None,
    metric: MetricName,
    status: ArrayLike | None,
    latency: ArrayLike | None,
) -> tuple[Floats | None, Floats | None, Metric | None, NDArray[np.bool_], Floats | None]:
    """Item scores, statistics, metric, what is missing, and latency of the first repeat."""
    counted = _metric(metric)
    cube = None if scores is None else _cube("scores", scores)
    codes = None if status is None else _status(status, cube)
    sums = None if counted is None else _statistics(statistics, counted)
    item_scores = None if cube is None else _item_scores(cube, codes)
    if item_scores is not None and metric == NET_WIN_RATE:
        item_scores = 2 * item_scores
    missing: NDArray[np.bool_]
    if sums is not None:
        missing = np.asarray(np.isnan(sums).any(axis=2))
        if codes is not None:
            if codes.shape[:2] != missing.shape:
                raise ValueError(f"status must be for (tiers, items) {missing.shape}, not {codes.shape[:2]}")
            missing = missing | (codes == _MISSING).all(axis=2)
    elif item_scores is not None:
        missing = np.isnan(item_scores)
    else:
        raise ValueError(f"scores may be None only with a metric of statistics, not with {metric!r}")
    if cube is not None and cube.shape[:2] != missing.shape:
        raise ValueError(f"statistics must be for (tiers, items) {cube.shape[:2]}, not {missing.shape}")
    seconds = None if latency is None else _latency(latency, codes, missing.shape)
    return item_scores, sums, counted, missing, seconds


def checked_costs(costs: ArrayLike, tiers: int) -> Floats:
    """Mean USD per item by tier, NaN where unknown."""
    costs_usd = np.asarray(costs, dtype=np.float64)
    if costs_usd.shape != (tiers,):
        raise ValueError(f"costs must have one number per tier, shape ({tiers},), not {costs_usd.shape}")
    if np.isinf(costs_usd).any() or (costs_usd < 0).any():
        raise ValueError(f"costs must be 0 or more, NaN where unknown, not {costs_usd.tolist()}")
    return costs_usd


def checked_clusters(clusters: ArrayLike | None, items: int) -> NDArray[np.int64] | None:
    """Cluster labels as numbers, not all of which need occur; None where there are none.

    An item whose label is None or NaN stands for itself.
    """
    if clusters is None:
        return None
    labels = np.asarray(clusters)
    if labels.shape != (items,):
        raise ValueError(f"clusters must have one label per item, shape ({items},), not {labels.shape}")
    known = _is_label(labels)
    numbers = items + np.arange(items, dtype=np.int64)
    numbers[known] = np.unique(labels[known], return_inverse=True)[1].reshape(-1)
    return numbers


def checked_slices(slices: Slices | None, items: int) -> tuple[Slice, ...]:
    """The declared slices; each must hold enough items to be decided on."""
    return tuple(_slice(name, given, items) for name, given in (slices or {}).items())


def checked_reference(reference: int | None, tiers: int) -> int:
    """The reference tier, the last by default."""
    index = tiers - 1 if reference is None else int(reference)
    if not -tiers <= index < tiers:
        raise ValueError(f"reference must be a tier from 0 to {tiers - 1}, not {reference!r}")
    return index % tiers


def _is_label(labels: NDArray[Any]) -> NDArray[np.bool_]:
    if labels.dtype.kind == "f":
        return np.asarray(~np.isnan(labels))
    if labels.dtype.kind != "O":
        return np.ones(labels.shape, dtype=np.bool_)
    # NaN is the one value that does not equal itself.
    return np.array([label is not None and label == label for label in labels.tolist()], dtype=np.bool_)  # noqa: PLR0124 -- see above


def _metric(metric: MetricName) -> Metric | None:
    if callable(metric):
        return metric
    if metric in ("mean", NET_WIN_RATE):
        return None
    if metric not in _METRICS:
        raise ValueError(
            f"metric must be 'mean', 'net_win_rate', 'micro_f1', 'macro_f1' or a callable, not {metric!r}"
        )
    return _METRICS[metric]


def _cube(name: str, values: ArrayLike) -> Floats:
    cube = np.asarray(values, dtype=np.float64)
    if cube.ndim != _THREE_DIMENSIONS or not cube.shape[0] or not cube.shape[2]:
        raise ValueError(f"{name} must have the shape (tiers, items, repeats), not {cube.shape}")
    return cube


def _item_scores(cube: Floats, codes: NDArray[np.int64] | None) -> Floats:
    values = cube
    if codes is not None:
        values = np.where(codes == _MODEL_FAILURE, 0.0, np.where(codes == _MISSING, np.nan, cube))
    known = ~np.isnan(values)
    if not ((values >= -_CRUMB) & (values <= 1 + _CRUMB) | ~known).all():
        raise ValueError("scores must lie from 0 to 1, with NaN where there is none; rescale them first")
    counts = known.sum(axis=2)
    sums = np.where(known, np.clip(values, 0.0, 1.0), 0.0).sum(axis=2)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _status(status: ArrayLike, cube: Floats | None) -> NDArray[np.int64]:
    codes = np.asarray(status)
    if codes.ndim != _THREE_DIMENSIONS or (cube is not None and codes.shape != cube.shape):
        wanted = "(tiers, items, repeats)" if cube is None else f"of scores, {cube.shape}"
        raise ValueError(f"status must have the shape {wanted}, not {codes.shape}")
    if not np.isin(codes, (_OK, _MODEL_FAILURE, _MISSING)).all():
        raise ValueError("status must be 0 (ok), 1 (model failure) or 2 (missing)")
    return codes.astype(np.int64)


def _statistics(statistics: ArrayLike | None, metric: Metric) -> Floats:
    if statistics is None:
        raise ValueError("statistics must be given for a metric of summed statistics")
    sums = _cube("statistics", statistics)
    width = sums.shape[2]
    if (metric is micro_f1 and width != COUNTS) or (metric is macro_f1 and width % COUNTS):
        raise ValueError(f"statistics must hold TP, FP, FN (per class for macro_f1), not {width} numbers")
    return sums


def _latency(latency: ArrayLike, codes: NDArray[np.int64] | None, shape: tuple[int, ...]) -> Floats:
    seconds = _cube("latency", latency)
    if seconds.shape[:2] != shape:
        raise ValueError(f"latency must be for (tiers, items) {shape}, not {seconds.shape[:2]}")
    first = seconds[:, :, 0].copy()
    if codes is not None:
        first[np.isnan(first) & (codes[:, :, 0] == _MODEL_FAILURE)] = np.inf
        first[codes[:, :, 0] == _MISSING] = np.nan
    return first


def _slice(name: str, given: Any, items: int) -> Slice:
    mask, margin = given if isinstance(given, tuple) else (given, None)
    chosen = np.asarray(mask)
    if chosen.shape != (items,) or chosen.dtype != np.bool_:
        raise ValueError(f"slice {name!r} must be a boolean mask of shape ({items},), not {chosen.shape}")
    if chosen.sum() < FEWEST_SLICE_ITEMS:
        raise ValueError(
            f"slice {name!r} has {int(chosen.sum())} items; at least {FEWEST_SLICE_ITEMS} are needed"
        )
    if margin is not None:
        margin = float(margin)
        if not 0 < margin <= 1:
            raise ValueError(f"the margin of slice {name!r} must be above 0 and at most 1, not {margin!r}")
    return Slice(name, chosen, margin)
