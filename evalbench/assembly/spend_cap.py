"""Refuse a spend cap that cannot hold, before anything is spent."""

from __future__ import annotations

from evalbench.core import money
from evalbench.core.plan import Plan, TierPlan
from evalbench.errors import InputError


def check_cap(plan: Plan, cap_usd: float) -> None:
    """Stop unless every tier's calls can be bounded, and at least one of them fits the cap."""
    for tier in plan.tiers:
        if not tier.calls:
            continue
        if tier.worst_usd is None:
            raise _unbounded(tier)
        if tier.smallest_call_usd is not None and tier.smallest_call_usd > cap_usd:
            raise _too_dear(tier, tier.smallest_call_usd, cap_usd)


def _unbounded(tier: TierPlan) -> InputError:
    if tier.gap == "output limit":
        return InputError(
            f"nobody knows how long an answer of tier {tier.tier!r} can get, so a spend cap cannot hold",
            f"give tier {tier.tier} `params: {{max_tokens: 512}}` in evalbench.yaml, or run without a cap.",
        )
    return InputError(
        f"the price of tier {tier.tier!r} is not known, so a spend cap cannot hold",
        f"give tier {tier.tier} a `price:` in evalbench.yaml, or run without a cap.",
    )


def _too_dear(tier: TierPlan, call_usd: float, cap_usd: float) -> InputError:
    less = f"give tier {tier.tier} `params: {{max_tokens: 512}}`"
    if tier.input_tokens is None:  # paid by the hour, so the deadline is what bounds a call
        less = "set a shorter `timeout_s:`"
    return InputError(
        f"one call of tier {tier.tier!r} can cost up to {money.price(call_usd)}, "
        f"more than the cap of {money.stated(cap_usd)}",
        f"raise the cap, or {less} in evalbench.yaml.",
    )
