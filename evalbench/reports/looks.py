"""Which look at its question a task is, for the facts and the method of a page, and for scripts."""

from __future__ import annotations

from typing import Any

from evalbench.core.looks import LookTaken, ordinal
from evalbench.core.recommendation import Finding
from evalbench.reports import numbers


def look_fact(taken: LookTaken) -> str:
    """Which look it is: `first`, `2 of 3`, or at how many of the items planned; a run for the gate is none."""
    if taken.looks.is_gate:
        return "none: a run for the gate"
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
    if taken.looks.is_gate:
        return f"run for the gate, no look of its own, tested at {allowed.used:.3g} of {allowed.alpha:.3g}"
    opening = f"{ordinal(taken.looks.number)} look"
    if plan is None:
        each = "which used all of alpha" if taken.looks.number == 1 else "each of which used all of alpha"
        return f"{opening}, {each} ({allowed.alpha:.3g})"
    how = f"{plan.planned} looks planned"
    if plan.items is not None:
        how = f"bounds of the {plan.spending} kind, up to {numbers.count(plan.items)} items"
    return f"{opening}, tested at {allowed.used:.3g} of {allowed.alpha:.3g} ({how})"


def looks_value(found: LookTaken | None) -> dict[str, Any] | None:
    """Which look at its question this is, and how much of the risk it used; the next may use `alpha_left`."""
    if found is None:
        return None
    plan, allowed = found.plan, found.allowance
    return {
        "count": found.looks.number,
        "gate": found.looks.is_gate,
        "planned": None if plan is None else plan.planned,
        "planned_items": None if plan is None else plan.items,
        "spending": None if plan is None or plan.items is None else plan.spending,
        "alpha": allowed.alpha,
        "alpha_used": allowed.used,
        "alpha_left": allowed.left,
        "earlier": [
            {
                "run": look.run,
                "created": look.created,
                "look": look.number,
                "items": look.items,
                "max_drop": look.max_drop,
                "confidence": look.confidence,
            }
            for look in found.looks.before
        ],
    }
