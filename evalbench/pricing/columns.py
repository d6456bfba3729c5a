"""Price all answers of a run at once: equal usage is priced once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evalbench.core.completion import Usage
from evalbench.core.evalset import Traffic
from evalbench.core.figures import Figures
from evalbench.core.figures import known as known_number
from evalbench.core.models import Price
from evalbench.pricing.cost import cost_usd, lost_usd

_AT_ONCE = 4096


def listed_usd(figures: Figures, prices: Sequence[Price | None], traffic: Traffic) -> NDArray[np.float64]:
    """USD of each answer at the price of its tier, whatever the provider stated; NaN where unknown.

    `prices` are those of the tiers, by position. Failed attempts take no part.
    """
    found = np.full(len(figures), np.nan)
    known: dict[tuple[int, ...] | tuple[int, float], float] = {}
    for start in range(0, len(figures), _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        found[block] = list(_priced(figures, block, prices, traffic, known))
    return found


def paid_usd(
    figures: Figures, prices: Sequence[Price | None], traffic: Traffic, unstated: Collection[int] = ()
) -> NDArray[np.float64]:
    """USD of each answer with its failed attempts; what the provider stated for it is kept.

    `unstated` are the tiers, by position, where a stated cost is not to count.
    """
    stated = np.array(figures.cost_usd)
    if unstated:
        stated[np.isin(np.asarray(figures.tier), list(unstated))] = np.nan
    found = np.where(np.isnan(stated), listed_usd(figures, prices, traffic), stated)
    for row, effort in figures.efforts.items():
        lost = lost_usd(effort, prices[figures.tier[row]])
        found[row] += np.nan if lost is None else lost
    found[np.asarray(figures.answer) < 0] = np.nan
    return found


def _priced(
    figures: Figures,
    block: slice,
    prices: Sequence[Price | None],
    traffic: Traffic,
    known: dict[tuple[int, ...] | tuple[int, float], float],
) -> Iterator[float]:
    used = zip(
        *(
            np.nan_to_num(np.asarray(column[block]), nan=-1).astype(np.int64).tolist()
            for column in (
                figures.input_tokens,
                figures.output_tokens,
                figures.cache_read_tokens,
                figures.cache_write_tokens,
                figures.reasoning_tokens,
            )
        ),
        strict=True,
    )
    for tier, busy_s, tokens in zip(figures.tier[block], figures.busy_s[block], used, strict=True):
        price = prices[tier]
        if price is None:
            yield np.nan
            continue
        key = (tier, *tokens) if price.per_hour is None else (tier, busy_s)
        usd = known.get(key)
        if usd is None:
            usage = Usage(*(None if count < 0 else count for count in tokens))
            cost = cost_usd(usage, known_number(busy_s), price, traffic)
            usd = known[key] = np.nan if cost is None else cost
        yield usd
