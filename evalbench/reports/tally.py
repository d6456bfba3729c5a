"""Wins and losses for scripts: counts where items are right or wrong, sums where their scores are graded."""

from __future__ import annotations


def tally(total: float) -> float:
    """Summed differences of items as JSON has them: whole ones as an integer, others as they are."""
    return int(total) if float(total).is_integer() else total
