"""What one tier cost on one task: in all, per item, per right answer, and as if nothing had been cached."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from evalbench.advice.observations import item_costs_usd, labelled_items, trial_cost_usd, trial_score
from evalbench.advice.words import COST_UNKNOWN
from evalbench.core import money
from evalbench.core.completion import Completion, Effort
from evalbench.core.estimate import CostEstimate, SecondOpinion
from evalbench.core.models import Model, Price, Tier
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial
from evalbench.pricing.cost import cache_saving_usd, cost_usd, lost_usd
from evalbench.stats.costs import fieller_interval

COST_LEVEL = 0.95
"""The level of the interval of a tier's mean cost."""

OTHER_COST = "litellm_cost_usd"
"""The detail of an answer that holds another program's figure for its cost."""


def tier_cost(run: TaskRun, tier: Tier) -> CostEstimate:
    """The cost of a tier, failed attempts that were billed included; `run` holds its trials alone."""
    costs_usd = [trial_cost_usd(run, trial) for trial in run.trials]
    known = [cost for cost in costs_usd if cost is not None]
    if len(known) < len(costs_usd) or all(trial.completion is None for trial in run.trials):
        return CostEstimate(None, None, None, None)
    per_item = item_costs_usd(run, (tier,))[0]
    per_item = per_item[~np.isnan(per_item)]
    # The mean is a ratio to a constant, so Fieller's interval is the ordinary t interval here.
    mean = fieller_interval(per_item, np.ones_like(per_item), COST_LEVEL)
    price = run.models.models[tier].price
    return CostEstimate(
        total_usd=math.fsum(known),
        per_item_usd=mean.value,
        per_correct_usd=_per_correct_usd(run),
        as_if_uncached_usd=_as_if_uncached_usd(run, math.fsum(known), price),
        low_per_item_usd=None if mean.low is None else max(0.0, mean.low),
        high_per_item_usd=mean.high,
        lost_usd=_total([lost_usd(effort, price) for effort in efforts(run.trials)]),
    )


def efforts(trials: Sequence[Trial]) -> Iterator[Effort]:
    """What it took to get each answer, or to give up."""
    for trial in trials:
        if trial.completion is not None:
            yield trial.completion.effort
        elif trial.failure is not None:
            yield trial.failure.effort


def is_cost_stated(run: TaskRun, model: Model, answered: Sequence[Completion]) -> bool:
    """Whether answers brought their own cost, so that the model's price is not what was applied."""
    costed = [found for found in answered if found.cost_usd is not None]
    price = model.price
    return bool(costed) and (price is None or not all(_is_priced_at(price, found, run) for found in costed))


def price_note(run: TaskRun, model: Model, answered: Sequence[Completion]) -> str | None:
    """Where the cost comes from, in words fit for a report; None when there is no cost."""
    price = model.price
    if all(found.cost_usd is None for found in answered):
        return None
    if price is None or is_cost_stated(run, model, answered):
        return "as recorded with the answers"
    return price.source if price.is_assumed else f"{price.source}: {_price_words(price)}{_as_of(price)}"


def second_opinion(run: TaskRun, model: Model, answered: Sequence[Completion]) -> SecondOpinion | None:
    """Both figures for the answers that another program has costed at the list price, too.

    Where the price is the user's own, or the cost the provider's, the two may well differ.
    """
    price = model.price
    if price is None or price.digest is None or is_cost_stated(run, model, answered):
        return None
    pairs = [
        (cost_usd(found.usage, found.busy_s, price, run.task.traffic), _other_usd(found))
        for found in answered
    ]
    both = [(own, other) for own, other in pairs if own is not None and other is not None]
    if not both:
        return None
    return SecondOpinion(math.fsum(own for own, _ in both), math.fsum(other for _, other in both))


def _other_usd(found: Completion) -> float | None:
    try:
        value = float(found.detail.get(OTHER_COST, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _per_correct_usd(run: TaskRun) -> float | None:
    """What one point of score cost, on the items where there was one to be had."""
    labelled = {item.id for item in labelled_items(run)}
    judged = [trial for trial in run.trials if trial.item_id in labelled]
    right = sum(trial_score(trial) or 0.0 for trial in judged)
    paid_usd = sum(trial_cost_usd(run, trial) or 0.0 for trial in judged)
    return paid_usd / right if right > 0 else None


def _as_if_uncached_usd(run: TaskRun, billed_usd: float, price: Price | None) -> float | None:
    """The bill had nothing been read from or written to a prompt cache, by failed attempts neither.

    None when tokens were cached and nobody knows what they would have cost otherwise.
    """
    used = [trial.completion.usage for trial in run.trials if trial.completion is not None]
    used += [effort.lost for effort in efforts(run.trials) if effort.lost is not None]
    saved_usd = _total([cache_saving_usd(usage, price) for usage in used])
    return None if saved_usd is None else billed_usd + saved_usd


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if len(known) == len(values) else None


def _is_priced_at(price: Price, found: Completion, run: TaskRun) -> bool:
    own_usd = cost_usd(found.usage, found.busy_s, price, run.task.traffic)
    lost = lost_usd(found.effort, price)
    if own_usd is None or lost is None or found.cost_usd is None:
        return False
    return math.isclose(own_usd + lost, found.cost_usd, rel_tol=1e-9)


def _price_words(price: Price) -> str:
    if price.per_hour is not None:
        return f"{money.stated(price.per_hour)} per busy hour"
    if price.per_month is not None:
        return f"{money.stated(price.per_month)} a month, shared by its requests"
    sides = ((price.input, "in"), (price.output, "out"))
    said = [f"{COST_UNKNOWN if usd is None else money.stated(usd)} {side}" for usd, side in sides]
    return f"{' and '.join(said)} per million tokens"


def _as_of(price: Price) -> str:
    return f", as of {price.as_of}" if price.as_of else ""
