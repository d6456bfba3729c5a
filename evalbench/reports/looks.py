"""Which look at its question a task is, for the facts and the method of a page."""

from __future__ import annotations

from evalbench.core.looks import LookTaken, ordinal
from evalbench.core.recommendation import Finding
from evalbench.reports import numbers


def look_fact(taken: LookTaken) -> str:
    """Which look it is: `first`, `2 of 3`, or at how many of the items planned."""
    which, plan = ordinal(taken.looks.number), taken.plan
    if plan is None:
        return which
    if plan.planned is not None:
        return f"{which} of {plan.planned} planned"
    return f"{which}, up to {numbers.count(plan.items)} items planned"


def looks_words(finding: Finding) -> str:
    """How much of alpha this look used, in the method's own terms; empty where nothing is known of it."""
    taken = finding.look
    if taken is None:
        return ""
    allowed, plan = taken.allowance, taken.plan
    opening = f"{ordinal(taken.looks.number)} look"
    if plan is None:
        each = "which used all of alpha" if taken.looks.number == 1 else "each of which used all of alpha"
        return f"{opening}, {each} ({allowed.alpha:.3g})"
    how = f"{plan.planned} looks planned"
    if plan.items is not None:
        how = f"bounds of the {plan.spending} kind, up to {numbers.count(plan.items)} items"
    return f"{opening}, tested at {allowed.used:.3g} of {allowed.alpha:.3g} ({how})"
