"""Refuse a spend cap that cannot hold, before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core import money
from evalbench.core.models import Model, Tier
from evalbench.core.plan import Plan
from evalbench.errors import IncompleteRunError, InputError
from evalbench.pricing.bounds import sent_limit

_SHORT_ANSWER = 512
_WITHOUT = "or run without a cap: neither --max-spend nor `max_spend_usd:`."


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has spent of its cap in USD before it is gone on with."""

    run: str
    cap_usd: float
    usd: float


def check_cap(
    plan: Plan,
    cap_usd: float,
    models: Mapping[Tier, Model],
    judge: Model | None,
    spent: Spent | None = None,
) -> None:
    """Stop unless every tier's calls can be bounded, and at least one of them fits the cap.

    Of a resumed run `cap_usd` is what is left, and `spent` what is gone.
    """
    for tier in plan.tiers:
        if not tier.calls:
            continue
        if tier.worst_usd is None:
            raise unbounded(tier.tier, tier.gap, is_judge=tier.is_judge)
        if tier.smallest_call_usd is None or tier.smallest_call_usd <= cap_usd:
            continue
        if spent is not None and tier.smallest_call_usd <= spent.cap_usd:
            raise used_up(tier.tier, tier.smallest_call_usd, spent, _enough_usd(plan))
        raise too_dear(
            tier.tier,
            tier.smallest_call_usd,
            cap_usd if spent is None else spent.cap_usd,
            judge if tier.is_judge else models.get(tier.tier),
            is_judge=tier.is_judge,
            enough_usd=_enough_usd(plan),
        )


def _enough_usd(plan: Plan) -> float:
    """A cap that lets every call of the plan be made; of what nobody can bound one call, as it is refused."""
    known = [plan.worst_usd or 0.0, *(tier.smallest_call_usd or 0.0 for tier in plan.tiers)]
    return max(known)


def cap_words(plan: Plan, cap_usd: float) -> tuple[str, ...]:
    """Whether a cap in USD may stop the calls of a plan before they are done; nothing where it cannot."""
    if plan.worst_usd is None or plan.worst_usd <= cap_usd:
        return ()
    cap, most = money.stated(cap_usd), money.price(plan.worst_usd)
    if plan.expected_usd is not None and plan.expected_usd > cap_usd:
        likely = money.price(plan.expected_usd)
        more = f"allow more with --max-spend ({likely} is likely), or ask fewer items with --limit"
        return (f"the spend cap of {cap} will probably stop this run before it is done: {more}",)
    return (f"a run can cost up to {most}, but stops before the spend cap of {cap}, and can be resumed",)


def unbounded(tier: Tier, gap: str | None, *, is_judge: bool = False) -> InputError:
    """What to say of a tier whose calls nobody can bound; `gap` is what is not known of it."""
    place = _place(tier, is_judge=is_judge)
    problem = f"nobody knows what a call of {tier!r} costs at most, so a spend cap cannot hold"
    if gap == "output limit":
        return InputError(
            f"{problem}: its answers have no limit",
            f"give {place} `params: {{max_tokens: 512}}` in evalbench.yaml, {_WITHOUT}",
        )
    return InputError(
        f"{problem}: it has no price",
        f"give {place} a `price:` in evalbench.yaml, {_WITHOUT}",
    )


def used_up(tier: Tier, call_usd: float, spent: Spent, enough_usd: float) -> IncompleteRunError:
    """What to say of a resumed run whose cap has no room left for a call; `enough_usd` is room for all."""
    return IncompleteRunError(
        f"run {spent.run} has spent {money.price(spent.usd)} of its cap of {money.stated(spent.cap_usd)}, "
        f"and one call of tier {tier!r} can cost up to {money.price(call_usd)}",
        f"allow so much more: evalbench run --resume {spent.run} --max-spend {money.rounded_up(enough_usd)}",
    )


def too_dear(
    tier: Tier,
    call_usd: float,
    cap_usd: float,
    model: Model | None,
    *,
    enough_usd: float,
    is_judge: bool = False,
) -> InputError:
    """What to say of a tier of which not even one call fits the cap; one of `enough_usd` lets all be made."""
    less = "" if model is None else _cheaper(model, _place(tier, is_judge=is_judge))
    return InputError(
        f"one call of tier {tier!r} can cost up to {money.price(call_usd)}, "
        f"more than the cap of {money.stated(cap_usd)}",
        f"raise the cap with --max-spend {money.rounded_up(enough_usd)}{less}",
    )


def _cheaper(model: Model, place: str) -> str:
    """Which setting makes a call cheaper, where one does."""
    # Paid by the hour, a call is bounded by its deadline alone.
    if model.price is not None and model.price.per_hour is not None:
        return ", or set a shorter `timeout_s:` in evalbench.yaml"
    limit = sent_limit(model)
    if limit is not None and limit <= _SHORT_ANSWER:
        return ""
    return f", or give {place} `params: {{max_tokens: {_SHORT_ANSWER}}}` in evalbench.yaml"


def _place(tier: Tier, *, is_judge: bool) -> str:
    """Where in the project file the model is named."""
    return "`judge:`" if is_judge else f"tier {tier}"
