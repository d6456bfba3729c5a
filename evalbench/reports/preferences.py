"""What a judge preferred, and whether the order of the answers decided it: for scripts and for a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evalbench.core.comparison import Comparison, PositionBias
from evalbench.core.run import TaskRun
from evalbench.reports import numbers


def preferences_value(run: TaskRun, found: Comparison) -> dict[str, Any] | None:
    """How often either answer was preferred, and what swapping them changed; None where none were compared."""
    if not run.is_pairwise or not found.items:
        return None
    won, lost, bias = found.wins / found.items, found.losses / found.items, found.position
    return {
        "won_share": won,
        "tied_share": max(0.0, 1 - won - lost),
        "lost_share": lost,
        "win_rate": (1 + won - lost) / 2,
        "pairs_asked": 0 if bias is None else bias.pairs,
        "flip_rate": None if bias is None else asdict(bias.flips),
        "first_position_preference": None if bias is None else bias.lean,
        "first_position_p_value": None if bias is None else bias.p_value,
    }


def swapped(found: PositionBias | None) -> str:
    """The share of verdicts that changed with the order of the answers, in a few words."""
    if found is None:
        return ""
    between = numbers.span(found.flips.low, found.flips.high, numbers.percent)
    share = numbers.percent(found.flips.value)
    return f"order changed {share} of verdicts{f' ({between})' if between else ''}"
