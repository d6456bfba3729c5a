from __future__ import annotations

import pytest

from evalbench.core.models import Model, ModelPool, Price
from evalbench.pricing.repricing import PriceBook, batched, repriced

NEW = Price(input=9.0, output=9.0)


def book(name: str) -> PriceBook:
    return PriceBook("prices.yaml", "2026-12-01", {name: NEW})


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("openai/gpt-5", "openai/gpt-5"),
        ("gpt-5", "openai/gpt-5"),
        ("gpt-5", "recorded/answers.jsonl#gpt-5"),
        ("openai/gpt-5", "recorded/answers.jsonl#openai/gpt-5"),
        ("python/pipeline.py:answer", "python/pipeline.py:answer"),
    ],
)
def test_a_model_is_found_by_its_id_or_its_name(name: str, model_id: str) -> None:
    assert book(name).price_for(Model(model_id)) == NEW


def test_another_model_keeps_its_price() -> None:
    pool = ModelPool(
        {"small": Model("a/x", price=Price(input=1.0, output=1.0)), "large": Model("a/y")}, "large"
    )

    found = repriced(pool, book("y"))

    assert found.models["small"] == pool.models["small"]
    assert found.models["large"].price == NEW


def test_work_that_can_wait_gets_batch_prices_where_there_are_any() -> None:
    both = Price(input=1.0, output=1.0, batch=NEW)
    pool = ModelPool({"small": Model("a/x", price=both), "large": Model("a/y", price=NEW)}, "large")

    assert [model.price for model in batched(pool).models.values()] == [NEW, NEW]
