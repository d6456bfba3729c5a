from __future__ import annotations

import json

import pytest

from evalbench.core.evalset import Item, JsonValue, Prompt
from evalbench.core.models import Listing, Model, ModelPool, Price, PriceStep
from evalbench.store import coding

STEPPED = Price(
    input=1.0,
    output=2.0,
    steps=(PriceStep(200_000, 2.0, 4.0),),
    batch=Price(input=0.5, output=1.0, steps=(PriceStep(200_000, 1.0),)),
    digest="d" * 64,
)


def test_a_price_comes_back_with_its_steps_and_its_batch_price() -> None:
    listing = Listing(1_000, 100, ("reasoning",), "2027-01-01")
    pool = ModelPool({"small": Model("a/b", price=STEPPED, listing=listing), "large": Model("c/d")}, "large")

    assert coding.pool_from(json.loads(coding.to_text(coding.pool_value(pool)))) == pool


def test_a_pool_of_an_older_version_is_still_read() -> None:
    price = {"input": 1.0, "output": 2.0, "source": "evalbench.yaml", "as_of": None, "is_assumed": False}
    old = {"current": "small", "models": [["small", {"id": "a/b", "params": {}, "price": price}]]}

    assert coding.pool_from(old).models["small"] == Model("a/b", price=Price(input=1.0, output=2.0))


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**64) - 1, 10**30, 1e30, 0.1, 2**53 + 1, "9" * 30, [{"deep": 2**80}], float("inf")],
)
def test_an_item_comes_back_to_the_last_digit(value: JsonValue) -> None:
    item = Item("i1", Prompt("text", fields={"number": value}), target=value)

    found = coding.item_from(coding.item_body(item))

    assert found == item
    assert type(found.target) is type(value)
