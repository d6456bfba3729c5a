"""What one tier did on one task: its score, its cost and its time, each with its interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.corpus import corpus_metric
from evalbench.advice.costs import efforts, is_cost_stated, price_note, second_opinion, tier_cost
from evalbench.advice.observations import (
    Floats,
    Observations,
    floats,
    integers,
    observe,
    rows_of,
)
from evalbench.core.completion import Status
from evalbench.core.estimate import Estimate, TierEstimate, TokenTotals
from evalbench.core.figures import STATUSES
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.pricing.cost import unknown_bills
from evalbench.stats.costs import latency_percentiles
from evalbench.stats.intervals import score_interval
from evalbench.stats.jackknife import corpus_interval

SCORE_LEVEL = 0.95
"""The level of every interval of a single tier; the level of a verdict is the task's own."""


def estimate_tier(run: TaskRun, tier: Tier) -> TierEstimate:
    """Everything that can be said about one tier alone.

    Items without a target count in answers, cost and time, and take no part in the score.
    """
    model, figures, rows = run.models.models[tier], run.figures, rows_of(run, tier)
    is_stated, seen = is_cost_stated(run, tier), observe(run, (tier,))
    return TierEstimate(
        tier=tier,
        model=model.id,
        is_classical=model.is_classical,
        trials=len(rows),
        score=None if run.is_yardstick(tier) else _score(run, seen),
        answers=_answers(integers(figures.status)[rows]),
        cost=tier_cost(run, tier),
        latency=latency_percentiles(_known(floats(figures.latency_s)[rows])),
        first_token=latency_percentiles(_known(floats(figures.first_token_s)[rows])),
        tokens=_tokens(run, rows),
        price_note=price_note(run, tier, is_stated=is_stated),
        price=model.price,
        is_cost_stated=is_stated,
        unknown_bills=sum(unknown_bills(effort, model.price) for effort in efforts(run, tier)),
        second_opinion=None if is_stated else second_opinion(run, tier),
        scored_items=int((~np.isnan(seen.scores[0])).any(axis=1).sum()),
    )


def _score(run: TaskRun, seen: Observations) -> Estimate | None:
    metric = corpus_metric(run.task)
    if metric is not None and seen.statistics is not None:
        rows = seen.statistics[0]
        scored = ~np.isnan(rows).any(axis=1)
        if not scored.any():
            return None
        return corpus_interval(rows[scored], metric, SCORE_LEVEL, _where(seen.clusters, scored))
    scores = seen.scores[0]
    given = ~np.isnan(scores)
    scored = given.any(axis=1)
    if not scored.any():
        return None
    means = np.nansum(scores[scored], axis=1) / given[scored].sum(axis=1)
    return score_interval(means, SCORE_LEVEL, _where(seen.clusters, scored))


def _where(clusters: NDArray[np.int64] | None, chosen: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    return None if clusters is None else clusters[chosen]


def _answers(statuses: NDArray[np.int64]) -> dict[Status, int]:
    counted = np.bincount(statuses, minlength=len(STATUSES)).tolist()
    return dict(zip(STATUSES, counted, strict=True))


def _tokens(run: TaskRun, rows: NDArray[np.int64]) -> TokenTotals:
    figures = run.figures
    return TokenTotals(
        input=_total(floats(figures.input_tokens)[rows]),
        cache_read=_total(floats(figures.cache_read_tokens)[rows]),
        cache_write=_total(floats(figures.cache_write_tokens)[rows]),
        output=_total(floats(figures.output_tokens)[rows]),
        reasoning=_total(floats(figures.reasoning_tokens)[rows]),
    )


def _known(values: Floats) -> Floats:
    found: Floats = values[~np.isnan(values)]
    return found


def _total(values: Floats) -> int | None:
    known = _known(values)
    return int(known.sum()) if len(known) else None
