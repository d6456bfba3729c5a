"""No call costs more than what is reserved for it, at any listed price and however its tokens fall."""

from __future__ import annotations

import random

import orjson
import pytest

from evalbench.core.completion import Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model
from evalbench.pricing.bounds import ceiling_usd, most_output_tokens
from evalbench.pricing.cost import cost_usd
from evalbench.pricing.price_list import price_file
from evalbench.pricing.sources import with_price


def listed() -> list[Model]:
    path = price_file()
    names = orjson.loads(path.read_bytes()) if path else {}
    return [model for name in names if (model := with_price(Model(name))).price is not None]


def split(draw: random.Random, tokens: int) -> tuple[int, int, int]:
    first, second = sorted(draw.randint(0, tokens) for _ in range(2))
    return first, second - first, tokens - second


@pytest.mark.parametrize("most_input", [50, 130_000, 300_000])
def test_no_way_of_billing_a_call_exceeds_its_bound(most_input: int) -> None:
    draw = random.Random(7)
    bounded = 0

    for model in listed():
        bound, longest = ceiling_usd(model, most_input, 60.0), most_output_tokens(model)
        if bound is None or longest is None or model.price is None:
            continue
        bounded += 1
        fresh, read, written = split(draw, draw.choice([most_input, draw.randint(0, most_input)]))
        output = draw.choice([longest, draw.randint(0, longest)])
        usage = Usage(fresh, output, read, written, draw.randint(0, output))
        cost = cost_usd(usage, None, model.price, Traffic())

        assert cost is not None
        assert cost <= bound * (1 + 1e-9), (model.id, usage)

    assert bounded > 1_000
