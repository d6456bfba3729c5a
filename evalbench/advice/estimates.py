"""What one tier did on one task: its score, its cost and its time, each with its interval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.observations import (
    CORPUS_METRICS,
    Floats,
    Observations,
    item_costs_usd,
    labelled_items,
    observe,
    trial_score,
)
from evalbench.advice.words import usd
from evalbench.core.completion import Completion, Status, Usage
from evalbench.core.estimate import CostEstimate, Estimate, TierEstimate, TokenTotals
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model, Price, Tier
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.pricing.cost import cost_usd
from evalbench.stats.costs import fieller_interval, latency_percentiles
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
        cost=_cost(own, tier),
        latency=latency_percentiles(_known(found.latency_s for found in answered)),
        first_token=latency_percentiles(_known(found.first_token_s for found in answered)),
        tokens=_tokens(answered),
        price_note=_price_note(run, model, answered),
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


def _cost(run: TaskRun, tier: Tier) -> CostEstimate:
    answered = [trial.completion for trial in run.trials if trial.completion is not None]
    costs_usd = _known(found.cost_usd for found in answered)
    if not answered or len(costs_usd) < len(answered):
        return CostEstimate(None, None, None, None)
    per_item = item_costs_usd(run, (tier,))[0]
    per_item = per_item[~np.isnan(per_item)]
    # The mean is a ratio to a constant, so Fieller's interval is the ordinary t interval here.
    mean = fieller_interval(per_item, np.ones_like(per_item), SCORE_LEVEL)
    return CostEstimate(
        total_usd=float(costs_usd.sum()),
        per_item_usd=mean.value,
        per_correct_usd=_per_correct_usd(run),
        as_if_uncached_usd=_as_if_uncached_usd(answered, run.models.models[tier].price),
        low_per_item_usd=None if mean.low is None else max(0.0, mean.low),
        high_per_item_usd=mean.high,
    )


def _per_correct_usd(run: TaskRun) -> float | None:
    """What one point of score cost, on the items where there was one to be had."""
    labelled = {item.id for item in labelled_items(run)}
    judged = [trial for trial in run.trials if trial.item_id in labelled]
    right = sum(trial_score(trial) or 0.0 for trial in judged)
    paid_usd = sum(trial.completion.cost_usd or 0.0 for trial in judged if trial.completion is not None)
    return paid_usd / right if right > 0 else None


def _as_if_uncached_usd(answered: Sequence[Completion], price: Price | None) -> float | None:
    """The bill had nothing been read from or written to a prompt cache.

    None when tokens were cached and nobody knows what they would have cost otherwise.
    """
    costs_usd = [_uncached_usd(found, price) for found in answered]
    known = [cost for cost in costs_usd if cost is not None]
    return sum(known) if len(known) == len(costs_usd) else None


def _uncached_usd(found: Completion, price: Price | None) -> float | None:
    extra_usd = _cache_saving_usd(found.usage, price)
    return None if found.cost_usd is None or extra_usd is None else found.cost_usd + extra_usd


def _cache_saving_usd(usage: Usage, price: Price | None) -> float | None:
    read, written = usage.cache_read_tokens or 0, usage.cache_write_tokens or 0
    if not read and not written:
        return 0.0
    if price is None or price.input is None:
        return None
    read_usd = price.input if price.cache_read is None else price.cache_read
    written_usd = price.input if price.cache_write is None else price.cache_write
    return (read * (price.input - read_usd) + written * (price.input - written_usd)) / 1_000_000


def _tokens(answered: Sequence[Completion]) -> TokenTotals:
    used = [found.usage for found in answered]
    return TokenTotals(
        input=_total(usage.input_tokens for usage in used),
        cache_read=_total(usage.cache_read_tokens for usage in used),
        cache_write=_total(usage.cache_write_tokens for usage in used),
        output=_total(usage.output_tokens for usage in used),
        reasoning=_total(usage.reasoning_tokens for usage in used),
    )


def _price_note(run: TaskRun, model: Model, answered: Sequence[Completion]) -> str | None:
    """Where the cost comes from, in words fit for a report; None when there is no cost."""
    costed = [found for found in answered if found.cost_usd is not None]
    if not costed:
        return None
    price = model.price
    if price is None or not all(_is_priced_at(price, found, run.task.traffic) for found in costed):
        return "as recorded with the answers"
    return price.source if price.is_assumed else f"{price.source}: {_price_words(price)}{_as_of(price)}"


def _is_priced_at(price: Price, found: Completion, traffic: Traffic) -> bool:
    expected_usd = cost_usd(found.usage, found.busy_s, price, traffic)
    if expected_usd is None or found.cost_usd is None:
        return False
    return math.isclose(expected_usd, found.cost_usd, rel_tol=1e-9)


def _price_words(price: Price) -> str:
    if price.per_hour is not None:
        return f"{usd(price.per_hour)} per busy hour"
    if price.per_month is not None:
        return f"{usd(price.per_month)} a month, shared by its requests"
    return f"{usd(price.input)} in and {usd(price.output)} out per million tokens"


def _as_of(price: Price) -> str:
    return f", as of {price.as_of}" if price.as_of else ""


def _known(values: Iterable[float | None]) -> Floats:
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
