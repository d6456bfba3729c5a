"""Refuse a spend cap that cannot hold, before anything is spent."""

from __future__ import annotations

from evalbench.core import money
from evalbench.core.models import Tier
from evalbench.core.plan import Plan
from evalbench.errors import InputError


def check_cap(plan: Plan, cap_usd: float) -> None:
    """Stop unless every tier's calls can be bounded, and at least one of them fits the cap."""
    for tier in plan.tiers:
        if not tier.calls:
            continue
        if tier.worst_usd is None:
            raise unbounded(tier.tier, tier.gap, is_judge=tier.is_judge)
        if tier.smallest_call_usd is not None and tier.smallest_call_usd > cap_usd:
            raise too_dear(
                tier.tier,
                tier.smallest_call_usd,
                cap_usd,
                is_timed=tier.input_tokens is None,
                is_judge=tier.is_judge,
            )


def unbounded(tier: Tier, gap: str | None, *, is_judge: bool = False) -> InputError:
    """What to say of a tier whose calls nobody can bound; `gap` is what is not known of it."""
    place = _place(tier, is_judge=is_judge)
    problem = f"nobody knows what a call of {tier!r} costs at most, so a spend cap cannot hold"
    if gap == "output limit":
        return InputError(
            f"{problem}: its answers have no limit",
            f"give {place} `params: {{max_tokens: 512}}` in evalbench.yaml, or run without a cap.",
        )
    return InputError(
        f"{problem}: it has no price",
        f"give {place} a `price:` in evalbench.yaml, or run without a cap.",
    )


def too_dear(
    tier: Tier, call_usd: float, cap_usd: float, *, is_timed: bool, is_judge: bool = False
) -> InputError:
    """What to say of a tier of which not even one call fits the cap.

    `is_timed` says that it is paid by the hour, so that the deadline is what bounds a call.
    """
    place = _place(tier, is_judge=is_judge)
    less = "set a shorter `timeout_s:`" if is_timed else f"give {place} `params: {{max_tokens: 512}}`"
    return InputError(
        f"one call of tier {tier!r} can cost up to {money.price(call_usd)}, "
        f"more than the cap of {money.stated(cap_usd)}",
        f"raise the cap, or {less} in evalbench.yaml.",
    )


def _place(tier: Tier, *, is_judge: bool) -> str:
    """Where in the project file the model is named."""
    return "`judge:`" if is_judge else f"tier {tier}"
