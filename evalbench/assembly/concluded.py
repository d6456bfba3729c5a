"""A run with all that follows from it, as commands hand it on."""

from __future__ import annotations

from dataclasses import dataclass

from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.core.run import Run
from evalbench.pricing.repricing import PriceBook


@dataclass(frozen=True, slots=True)
class Concluded:
    """A run with what follows from it: the pure part of every command that shows results.

    `prices` is set where the run is shown at other prices than its own.
    """

    run: Run
    findings: tuple[Finding, ...]
    monthly: MonthlyBill | None
    prices: PriceBook | None = None
