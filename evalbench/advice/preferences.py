"""Answers that a judge compared: how often one was preferred, and whether their order decided it."""

from __future__ import annotations

import numpy as np

from evalbench.advice.conclusion import Conclusion
from evalbench.advice.observations import Floats, integers, rows_of
from evalbench.advice.words import how_many, percent, points, points_number
from evalbench.core.comparison import Comparison, PositionBias
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.stats.exact import mcnemar_exact
from evalbench.stats.intervals import score_interval

LEVEL = 0.95
MOST_FLIPS = 0.2
"""The share of verdicts that change with the order above which a reader is warned of the judge."""

UNSTEADY = "judge_unsteady"
"""The reason for which no verdict rests on a judge that contradicts itself."""

_COIN = 0.5
_SIGNIFICANT = 0.05
_ORDERS = 2


def unsteady_tiers(run: TaskRun) -> dict[int, str]:
    """The tiers of whose answers the judge is not shown steadier than a coin, with the reason's code.

    A coin changes its mind on half of the pairs. Such a judge makes ties of all answers, which would pass
    for no difference, unless there are fewer of them than may be lost.
    """
    tiers = enumerate(run.models.tiers)
    found = {place: bias for place, tier in tiers if (bias := position_bias(run, tier)) is not None}
    return {place: UNSTEADY for place, bias in found.items() if _is_unsteady(run, bias)}


def _is_unsteady(run: TaskRun, bias: PositionBias) -> bool:
    may_be_a_coin = bias.flips.high is None or bias.flips.high >= _COIN
    return may_be_a_coin and bias.pairs > run.task.max_drop * len(run.items)


def position_bias(run: TaskRun, tier: Tier) -> PositionBias | None:
    """How often swapping a tier's answer and the current one's changed the verdict; None if never asked.

    Of repeated answers only the first counts, since the others are not independent of it. The share
    has Wilson's interval, or that of groups; the lean a two-sided sign test over items, or groups.
    """
    if not run.is_pairwise:
        return None
    figures, rows = run.figures, rows_of(run, tier)
    asked = [row for row in rows.tolist() if not figures.repeat[row] and row in figures.statistics]
    if not asked:
        return None
    orders = np.array([figures.statistics[row] for row in asked]).reshape(-1, _ORDERS)
    items = integers(figures.item)[asked]
    clusters = integers(run.facts.cluster)[items] if run.facts.groups else None
    flips = (orders[:, 0] != orders[:, 1]).astype(np.float64)
    # First in one order is second in the other: where both orders say the same, there is no lean.
    leans: Floats = orders[:, 0] - orders[:, 1]
    units = leans if clusters is None else np.bincount(clusters, weights=leans)
    return PositionBias(
        pairs=len(asked),
        flips=score_interval(flips, LEVEL, clusters),
        lean=float(leans.mean()),
        p_value=mcnemar_exact(int((units > 0).sum()), int((units < 0).sum())),
    )


def preferred(found: Conclusion, comparison: Comparison) -> str:
    """How often a tier's answer was preferred to the current one's, and what remains of it."""
    items, against = comparison.items, found.label(comparison.reference)
    if not items:
        return f"no answer could be compared with one of {against}"
    won, lost = comparison.wins / items, comparison.losses / items
    each = f" ({found.repeats} answers each)" if found.repeats > 1 else ""
    tied, of_all = percent(max(0.0, 1 - won - lost)), f"{how_many(items, 'item')}{each}"
    shares = f"preferred on {percent(won)} of {of_all}, tied on {tied}, lost on {percent(lost)}"
    return f"{shares}: net {_signed(won - lost)} against {against}"


def swapped(comparison: Comparison) -> tuple[str, ...]:
    """What swapping the two answers did to the judge's verdicts, in one line."""
    bias = comparison.position
    if bias is None:
        return ()
    low, high = bias.flips.low, bias.flips.high
    between = "" if low is None or high is None else f" ({percent(low)} to {percent(high)})"
    share = f"{percent(bias.flips.value)} of {how_many(bias.pairs, 'pair')}{between}"
    return (f"swapping the two answers changed the judge's verdict on {share}",)


def about_position(found: Conclusion) -> tuple[str, ...]:
    """What to make of a judge whose verdict depends on the order of the answers."""
    lines = []
    for tier, comparison in {**found.cheaper, **found.dearer}.items():
        bias = comparison.position
        if bias is None:
            continue
        if bias.flips.value > MOST_FLIPS:
            lines.append(
                f"on {percent(bias.flips.value)} of the pairs of {tier} the judge's verdict changed with the "
                "order, so it counts for half or nothing: a stronger judge or a plainer rubric tells more"
            )
        if bias.p_value <= _SIGNIFICANT:
            place, net = "first" if bias.lean > 0 else "second", percent(abs(bias.lean))
            lines.append(
                f"the judge leans to the answer it is shown {place} (net {net} of the pairs of {tier}); both "
                "orders are asked, so no tier gains by it, but differences look smaller than they are"
            )
    return tuple(lines)


def _signed(net: float) -> str:
    if points_number(net) == "0":
        return "0 points"
    return f"{'+' if net > 0 else '-'}{points(net)}"
