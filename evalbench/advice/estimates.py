"""What one tier did on one task: its score, its cost and its time, each with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.costs import efforts, is_cost_stated, price_note, second_opinion, tier_cost
from evalbench.advice.observations import CORPUS_METRICS, Floats, Observations, observe
from evalbench.core.completion import Completion, Status
from evalbench.core.estimate import Estimate, TierEstimate, TokenTotals
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.stats.costs import latency_percentiles
from evalbench.stats.intervals import score_interval
from evalbench.stats.jackknife import corpus_interval
from evalbench.stats.metrics import macro_f1, micro_f1

SCORE_LEVEL = 0.95
"""The level of every interval of a single tier; the level of a verdict is the task's own."""

_METRICS: dict[str, Callable[[Floats], float]] = {"macro_f1": macro_f1, "micro_f1": micro_f1}


def estimate_tier(run: TaskRun, tier: Tier, trials: Sequence[Trial]) -> TierEstimate:
    """Everything that can be said about one tier alone, from its `trials` in `run`.

    Items without a target count in answers, cost and time, and take no part in the score.
    """
    model = run.models.models[tier]
    own = replace(run, trials=tuple(trials))
    # Other tiers' answers tell how much a failed answer had to find.
    needs_others = run.task.metric in CORPUS_METRICS
    answered = [trial.completion for trial in trials if trial.completion is not None]
    return TierEstimate(
        tier=tier,
        model=model.id,
        is_classical=model.is_classical,
        trials=len(trials),
        score=_score(run, observe(run if needs_others else own, (tier,))),
        answers=_answers(trials),
        cost=tier_cost(own, tier),
        latency=latency_percentiles(_known(found.latency_s for found in answered)),
        first_token=latency_percentiles(_known(found.first_token_s for found in answered)),
        tokens=_tokens(answered),
        price_note=price_note(run, model, answered),
        price=model.price,
        is_cost_stated=is_cost_stated(run, model, answered),
        unknown_bills=sum(effort.unknown_bills for effort in efforts(trials)),
        second_opinion=second_opinion(run, model, answered),
    )


def _score(run: TaskRun, seen: Observations) -> Estimate | None:
    if run.task.metric in CORPUS_METRICS and seen.statistics is not None:
        rows = seen.statistics[0]
        scored = ~np.isnan(rows).any(axis=1)
        if not scored.any():
            return None
        metric = _METRICS[run.task.metric]
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


def _answers(trials: Sequence[Trial]) -> dict[Status, int]:
    counted = Counter(trial.status for trial in trials)
    return {status: counted[status] for status in Status}


def _tokens(answered: Sequence[Completion]) -> TokenTotals:
    used = [found.usage for found in answered]
    return TokenTotals(
        input=_total(usage.input_tokens for usage in used),
        cache_read=_total(usage.cache_read_tokens for usage in used),
        cache_write=_total(usage.cache_write_tokens for usage in used),
        output=_total(usage.output_tokens for usage in used),
        reasoning=_total(usage.reasoning_tokens for usage in used),
    )


def _known(values: Iterable[float | None]) -> Floats:
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
