"""What can be said of a tier before it is asked: its key, its endpoint, its model's name and its price."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evalbench.advice.money import retirement
from evalbench.assembly.starter import price_words, source_words
from evalbench.core import money
from evalbench.core.models import Model, ModelPool, Price, Tier
from evalbench.errors import InputError, nearest
from evalbench.providers.discovery import Served, objection_to, served_models
from evalbench.providers.endpoints import VIA_LITELLM, direct_endpoint, is_loopback, key_variables
from evalbench.providers.live import check_id, live_provider
from evalbench.registry import known


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `fix` is set where it would stop a run.

    `is_skipped` marks a question that was not asked, because it might not have fitted the spend cap;
    `most_usd` is the most that a question could cost.
    """

    name: str
    detail: str
    fix: str | None = None
    is_skipped: bool = False
    most_usd: float | None = None

    @property
    def is_good(self) -> bool:
        """Whether a run could go past this."""
        return self.fix is None


def tier_checks(pool: ModelPool, environ: Mapping[str, str]) -> dict[Tier, list[Check]]:
    """Every tier's checks; their endpoints are looked at all at once."""
    found = {tier: list(_standing(tier, model, environ)) for tier, model in pool.models.items()}
    reachable = asyncio.run(_endpoints(pool, environ))
    for tier, check in reachable.items():
        found[tier].append(check)
    for tier, model in pool.models.items():
        role = ", in use today" if tier == pool.current else ""
        kind = ", a classical model, not a language model" if model.is_classical else ""
        about = f"{model.id}{kind}{role}; {_price_words(model)}"
        found[tier].insert(0, Check(f"tier {tier}", about))
    return found


def _is_live(model: Model) -> bool:
    return model.id.partition("/")[0] not in known("providers")


def _standing(tier: Tier, model: Model, environ: Mapping[str, str]) -> Iterator[Check]:
    if not _is_live(model):
        return
    what = "model"
    try:
        check_id(model)
        what = "key"
        live_provider(model, environ)
    except InputError as error:
        yield Check(f"{what} of {tier}", error.problem, error.fix)
        return
    variable = _key_variable(model, environ)
    if variable is not None:
        yield Check(f"key of {tier}", f"{variable} is set")


def _key_variable(model: Model, environ: Mapping[str, str]) -> str | None:
    """The variable whose key is sent along, or None where none is."""
    if model.api_key_env is not None:
        return model.api_key_env
    base = _base(model)
    if base is not None and is_loopback(base):
        return None
    names = key_variables(model.id.removeprefix(f"{VIA_LITELLM}/").partition("/")[0])
    return next((name for name in names if environ.get(name, "").strip()), None)


def _base(model: Model) -> str | None:
    """The address a model is asked at, where that is known."""
    try:
        endpoint = direct_endpoint(model)
    except InputError:
        return None
    return model.api_base if endpoint is None else endpoint.base


async def _endpoints(pool: ModelPool, environ: Mapping[str, str]) -> dict[Tier, Check]:
    """Looks at addresses that somebody wrote down, and at those of this machine."""
    looked = {
        tier: (model, base)
        for tier, model in pool.models.items()
        if _is_live(model) and (base := _base(model)) and (model.api_base or is_loopback(base))
    }
    checks = await asyncio.gather(
        *(_endpoint(tier, model, base, environ) for tier, (model, base) in looked.items())
    )
    return dict(zip(looked, checks, strict=True))


async def _endpoint(tier: Tier, model: Model, base: str, environ: Mapping[str, str]) -> Check:
    name = f"endpoint of {tier}"
    objection = await objection_to(base)
    if objection is not None:
        return Check(name, f"{base}: {objection}", f"start the server, or correct api_base of tier {tier}.")
    if not is_loopback(base):
        return Check(name, f"{base} accepts connections")
    key = environ.get(model.api_key_env, "").strip() if model.api_key_env else ""
    served = await served_models(base, key=key or None)
    if served is None:
        return Check(name, f"{base} accepts connections, and does not say which models it has")
    return _served_check(name, model, base, served)


def _served_check(name: str, model: Model, base: str, served: Served) -> Check:
    endpoint = direct_endpoint(model)
    wanted = model.label if endpoint is None else endpoint.model
    if served.has(wanted):
        return Check(name, f"{base} answers and has this model")
    if not served.models:
        return Check(name, f"{base} answers, but has no model", f"load {wanted!r} there.")
    if served.takes_any_name:
        return Check(name, f"{base} answers every name with its model {served.models[0]!r}")
    return Check(name, f"{base} answers, but has no model named {wanted!r}", nearest(wanted, served.models))


def _price_words(model: Model) -> str:
    price = model.price
    if price is None:
        return "price unknown, give it a `price:` to compare costs"
    words = price.source if price.is_assumed else f"{_amount_words(price)} ({source_words(price)})"
    warning = retirement(model, datetime.now(UTC).date())
    return f"{words}; warning: {warning}" if warning else words


def _amount_words(price: Price) -> str:
    if price.per_hour is not None:
        return f"price {money.stated(price.per_hour)} per busy hour"
    if price.per_month is not None:
        return f"price {money.stated(price.per_month)} a month"
    return f"price {price_words(price)} per million tokens"
