"""Put other prices on the models of a stored run: the same answers, at what they would cost then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evalbench.core.completion import Completion
from evalbench.core.models import Model, ModelPool, Price


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices by model, as somebody wrote them down for a day; `name` is the file they came from."""

    name: str
    as_of: str
    prices: Mapping[str, Price]

    def price_for(self, model: Model) -> Price | None:
        """The price of a model by its whole id, or by its name without recording or provider."""
        return next((self.prices[name] for name in names_of(model) if name in self.prices), None)

    def names_any(self, pool: ModelPool) -> bool:
        """Whether the book has a price for a model of the pool."""
        return any(self.price_for(model) is not None for model in pool.models.values())


def names_of(model: Model) -> tuple[str, ...]:
    """What a model may be called in a price file, the most exact name first."""
    plain = model.id.rsplit("#", 1)[-1]
    return (model.id, plain, plain.partition("/")[2] or plain)


def repriced(pool: ModelPool, book: PriceBook | None) -> ModelPool:
    """The pool at the prices of a book; models that it does not name keep theirs."""
    if book is None:
        return pool
    return replace(
        pool,
        models={
            tier: model if (price := book.price_for(model)) is None else replace(model, price=price)
            for tier, model in pool.models.items()
        },
    )


def batched(pool: ModelPool) -> ModelPool:
    """The pool at the prices of work that can wait, where a provider has such prices."""
    return replace(
        pool,
        models={
            tier: model
            if model.price is None or model.price.batch is None
            else replace(model, price=model.price.batch)
            for tier, model in pool.models.items()
        },
    )


def without_stated_cost(completion: Completion) -> Completion:
    """The answer as if nobody had said what it cost, so that another price can apply."""
    return completion if completion.cost_usd is None else replace(completion, cost_usd=None)
