from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evalbench.core.completion import Completion, Effort, Usage
from evalbench.core.evalset import Traffic
from evalbench.core.figures import figures_of
from evalbench.core.models import Price, PriceStep
from evalbench.core.trial import Trial
from evalbench.pricing.columns import listed_usd, paid_usd
from evalbench.pricing.cost import cost_usd
from evalbench.pricing.cost import paid_usd as paid_one_usd
from tests.build import make_item

PRICES = {
    "tokens": Price(input=1.0, output=2.0, cache_read=0.1, reasoning=3.0, steps=(PriceStep(50, 2.0),)),
    "hourly": Price(per_hour=3.6),
    "monthly": Price(per_month=100.0, max_rps=0.001),
    "unknown": None,
}
TRAFFIC = Traffic(requests=5_000)
ANSWERS = [
    Completion("a", usage=Usage(40, 5, 20, None, 2), busy_s=0.5),
    Completion("a", usage=Usage(40, 5), busy_s=0.25),
    Completion("a", usage=Usage(40, None)),
    Completion("a", usage=Usage(40, 5), cost_usd=0.75),
    Completion("a", usage=Usage(40, 5), effort=Effort(2, lost=Usage(10, 0))),
]
TRIALS = [
    Trial(f"i{number}", tier, completion=done) for tier in PRICES for number, done in enumerate(ANSWERS)
]
FIGURES = figures_of(TRIALS, [make_item(f"i{number}") for number in range(len(ANSWERS))], tuple(PRICES))


def _numbers(values: list[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def test_answers_priced_at_once_cost_what_each_costs_alone() -> None:
    alone = [
        None if price is None else cost_usd(done.usage, done.busy_s, price, TRAFFIC)
        for price in PRICES.values()
        for done in ANSWERS
    ]

    found = listed_usd(FIGURES, list(PRICES.values()), TRAFFIC)

    assert found.tolist() == pytest.approx(_numbers(alone), nan_ok=True)


def test_stated_costs_are_kept_and_failed_attempts_added() -> None:
    alone = [paid_one_usd(done, price, TRAFFIC) for price in PRICES.values() for done in ANSWERS]

    found = paid_usd(FIGURES, list(PRICES.values()), TRAFFIC)

    assert found.tolist() == pytest.approx(_numbers(alone), nan_ok=True)


def test_a_stated_cost_gives_way_to_another_price_where_one_was_named() -> None:
    price = PRICES["tokens"]
    unstated = [paid_one_usd(replace(done, cost_usd=None), price, TRAFFIC) for done in ANSWERS]

    found = paid_usd(FIGURES, list(PRICES.values()), TRAFFIC, unstated=[0])

    assert found[: len(ANSWERS)].tolist() == pytest.approx(_numbers(unstated), nan_ok=True)
    assert found[len(ANSWERS) + 3] == 0.75
