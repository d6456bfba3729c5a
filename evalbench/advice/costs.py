"""What one tier cost on one task: in all, per item, per right answer, and as if nothing had been cached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.observations import (
    Floats,
    clusters_of,
    floats,
    integers,
    item_costs_usd,
    labelled,
    rows_of,
    trial_costs_usd,
    trial_scores,
)
from evalbench.advice.words import COST_UNKNOWN
from evalbench.core import money
from evalbench.core.completion import Effort
from evalbench.core.estimate import CostEstimate, SecondOpinion
from evalbench.core.figures import known
from evalbench.core.models import Price, Tier
from evalbench.core.run import TaskRun
from evalbench.pricing.columns import listed_usd
from evalbench.pricing.cost import cache_saving_usd, cost_usd, lost_usd
from evalbench.stats.costs import fieller_interval

COST_LEVEL = 0.95
"""The level of the interval of a tier's mean cost."""

OTHER_COST = "litellm_cost_usd"
"""The detail of an answer that holds another program's figure for its cost."""


def tier_cost(run: TaskRun, tier: Tier) -> CostEstimate:
    """The cost of a tier, failed attempts that were billed included."""
    rows = rows_of(run, tier)
    costs_usd = trial_costs_usd(run)[rows]
    if np.isnan(costs_usd).any() or not (integers(run.figures.answer)[rows] >= 0).any():
        return CostEstimate(None, None, None, None)
    per_item = item_costs_usd(run, (tier,))[0]
    known_items = ~np.isnan(per_item)
    per_item = per_item[known_items]
    # The mean is a ratio to the number of items, so without groups this is the ordinary t interval.
    mean = fieller_interval(per_item, np.ones_like(per_item), COST_LEVEL, clusters_of(run, known_items))
    price, total_usd = run.models.models[tier].price, math.fsum(costs_usd)
    return CostEstimate(
        total_usd=total_usd,
        per_item_usd=mean.value,
        per_correct_usd=None if run.is_pairwise else _per_correct_usd(run, rows, costs_usd),
        as_if_uncached_usd=_as_if_uncached_usd(run, tier, total_usd),
        low_per_item_usd=None if mean.low is None else max(0.0, mean.low),
        high_per_item_usd=mean.high,
        lost_usd=_total([lost_usd(effort, price) for effort in efforts(run, tier)]),
    )


def efforts(run: TaskRun, tier: Tier) -> list[Effort]:
    """What failed attempts of a tier's trials took, where it is worth a mention."""
    place = run.models.tiers.index(tier)
    return [effort for row, effort in run.figures.efforts.items() if run.figures.tier[row] == place]


def is_cost_stated(run: TaskRun, tier: Tier) -> bool:
    """Whether answers brought their own cost, so that the model's price is not what was applied."""
    rows, figures, price = rows_of(run, tier), run.figures, run.models.models[tier].price
    costs_usd = floats(figures.cost_usd)[rows]
    costed = ~np.isnan(costs_usd)
    if not costed.any():
        return False
    if price is None:
        return True
    listed = listed_usd(
        figures, [price if name == tier else None for name in run.models.tiers], run.task.traffic
    )
    for row, effort in figures.efforts.items():
        lost = lost_usd(effort, price)
        listed[row] += np.nan if lost is None else lost
    return not bool(np.isclose(listed[rows][costed], costs_usd[costed], rtol=1e-9, atol=0).all())


def price_note(run: TaskRun, tier: Tier, *, is_stated: bool) -> str | None:
    """Where the cost comes from, in words fit for a report; None when there is no cost."""
    price = run.models.models[tier].price
    if np.isnan(floats(run.figures.cost_usd)[rows_of(run, tier)]).all():
        return None
    if price is None or is_stated:
        return "as recorded with the answers"
    return price.source if price.is_assumed else f"{price.source}: {_price_words(price)}{_as_of(price)}"


def second_opinion(run: TaskRun, tier: Tier) -> SecondOpinion | None:
    """Both figures for the answers that another program has costed at the list price, too.

    Where the price is the user's own, or the cost the provider's, the two may well differ.
    """
    price, figures, place = run.models.models[tier].price, run.figures, run.models.tiers.index(tier)
    if price is None or price.digest is None:
        return None
    pairs = [
        (
            cost_usd(figures.usage(row), known(figures.busy_s[row]), price, run.task.traffic),
            _other_usd(detail),
        )
        for row, detail in figures.details.items()
        if figures.tier[row] == place
    ]
    both = [(own, other) for own, other in pairs if own is not None and other is not None]
    if not both:
        return None
    return SecondOpinion(math.fsum(own for own, _ in both), math.fsum(other for _, other in both))


def _other_usd(detail: Mapping[str, str]) -> float | None:
    try:
        value = float(detail.get(OTHER_COST, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _per_correct_usd(run: TaskRun, rows: NDArray[np.int64], costs_usd: Floats) -> float | None:
    """What one point of score cost, on the items where there was one to be had."""
    takes_part = labelled(run)[integers(run.figures.item)[rows]]
    right = math.fsum(np.nan_to_num(trial_scores(run)[rows][takes_part]))
    return math.fsum(costs_usd[takes_part]) / right if right > 0 else None


def _as_if_uncached_usd(run: TaskRun, tier: Tier, billed_usd: float) -> float | None:
    """The bill had nothing been read from or written to a prompt cache, by failed attempts neither.

    None when tokens were cached and nobody knows what they would have cost otherwise.
    """
    figures, price = run.figures, run.models.models[tier].price
    cached = np.nan_to_num(floats(figures.cache_read_tokens)) + np.nan_to_num(
        floats(figures.cache_write_tokens)
    )
    rows = rows_of(run, tier)
    used = [figures.usage(row) for row in rows[cached[rows] > 0].tolist()]
    used += [effort.lost for effort in efforts(run, tier) if effort.lost is not None]
    saved_usd = _total([cache_saving_usd(usage, price) for usage in used])
    return None if saved_usd is None else billed_usd + saved_usd


def _total(values: Sequence[float | None]) -> float | None:
    summed = [value for value in values if value is not None]
    return math.fsum(summed) if len(summed) == len(values) else None


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
