"""A plan in words: what the items can prove, what will be asked, and what that costs."""

from __future__ import annotations

from evalbench.advice.words import price, roughly
from evalbench.core.plan import ItemsWanted, Plan, TierPlan
from evalbench.reports import numbers


def plan_lines(plan: Plan) -> list[str]:
    """What the items can prove, and what each tier will be asked and cost."""
    lines = [*plan.proofs, *(tier_line(tier) for tier in plan.tiers)]
    gaps = [tier.gap for tier in plan.tiers if tier.gap]
    if sum(tier.calls > 0 and not tier.is_classical for tier in plan.tiers) > 1:
        lines.append(f"in all: {_expected_words(plan)}{_most_words(plan.worst_usd, next(iter(gaps), None))}")
    return lines


def wanted_lines(plan: Plan) -> list[str]:
    """How many items would settle each task, by how much worse a cheaper tier is in truth."""
    lines = []
    for task in dict.fromkeys(row.task for row in plan.wanted):
        rows = [row for row in plan.wanted if row.task == task]
        lines.append(f"{task}: items wanted to show a cheaper tier good enough")
        for true_drop in dict.fromkeys(row.true_drop for row in rows):
            truth = f"is {numbers.drop(true_drop)} worse" if true_drop else "is as good"
            counts = [
                f"{_counted(row)} with {row.power * 100:.0f} % power"
                for row in rows
                if row.true_drop == true_drop
            ]
            lines.append(f"  if it {truth}: about {', '.join(counts)}")
    return lines


def _counted(row: ItemsWanted) -> str:
    if row.most_items is None or row.most_items == row.items:
        return roughly(row.items)
    return f"{roughly(row.items)} to {roughly(row.most_items)}"


def tier_line(tier: TierPlan) -> str:
    """One tier of a plan in words."""
    parts = [f"{tier.calls:,} calls"]
    if tier.stored:
        parts.append(f"{tier.stored:,} stored answers used again")
    if tier.duplicates:
        parts.append(f"{tier.duplicates:,} share the answer of an equal prompt")
    has_tokens = tier.input_tokens is not None and tier.output_tokens is not None
    if tier.input_tokens is not None and tier.output_tokens is not None:
        parts.append(f"about {roughly(tier.input_tokens)} tokens in and {roughly(tier.output_tokens)} out")
    if tier.calls and tier.is_classical:
        parts.append("answered in this process: no bill")
    elif tier.calls:
        by_time = ", were each call to take its whole deadline" if tier.worst_usd and not has_tokens else ""
        basis = f" ({tier.basis})" if tier.basis and tier.worst_usd != 0 else ""
        parts.append(f"{_expected_words(tier)}{_most_words(tier.worst_usd, tier.gap)}{by_time}{basis}")
    return f"{tier.task} {tier.tier}: {', '.join(parts)}"


def _expected_words(costs: Plan | TierPlan) -> str:
    if costs.expected_usd is None or costs.low_usd is None or costs.worst_usd == 0:
        return ""
    low, expected = price(costs.low_usd), price(costs.expected_usd)
    return f"{expected} expected, " if low == expected else f"{low} to {expected} expected, "


def _most_words(worst_usd: float | None, gap: str | None) -> str:
    if worst_usd is None:
        return _GAPS.get(gap or "", "cost unknown beforehand")
    return f"{price(worst_usd)} at most" if worst_usd else "nothing to pay"


_GAPS = {
    "price": "cost unknown beforehand: no `price:`",
    "output limit": "no upper bound: no `max_tokens`",
}
