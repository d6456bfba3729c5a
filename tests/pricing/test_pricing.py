from __future__ import annotations

import subprocess
import sys

import pytest

from evalbench.core.completion import Completion, Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model, Price
from evalbench.pricing.cost import ceiling_usd, cost_usd, priced
from evalbench.pricing.sources import LOCAL_USD_PER_HOUR, list_price, with_price

NO_TRAFFIC = Traffic()


def test_the_four_token_classes_are_priced_apart() -> None:
    price = Price(input=1.0, output=10.0, cache_read=0.1, cache_write=1.25)

    cost = cost_usd(Usage(1_000_000, 100_000, 2_000_000, 400_000, 50_000), None, price, NO_TRAFFIC)

    assert cost == pytest.approx(1.0 + 1.0 + 0.2 + 0.5)


def test_cached_tokens_without_a_price_of_their_own_are_billed_as_input() -> None:
    cost = cost_usd(Usage(0, 0, 1_000_000), None, Price(input=2.0, output=1.0), NO_TRAFFIC)

    assert cost == pytest.approx(2.0)


def test_unknown_tokens_have_an_unknown_cost_and_not_a_cost_of_zero() -> None:
    assert cost_usd(Usage(None, 5), None, Price(input=1.0, output=1.0), NO_TRAFFIC) is None
    assert cost_usd(Usage(5, 5), None, Price(input=1.0), NO_TRAFFIC) is None


def test_an_hourly_price_is_paid_for_busy_time() -> None:
    assert cost_usd(Usage(), 36.0, Price(per_hour=2.5), NO_TRAFFIC) == pytest.approx(0.025)
    assert cost_usd(Usage(), None, Price(per_hour=2.5), NO_TRAFFIC) is None


def test_a_monthly_price_is_shared_by_the_stated_traffic() -> None:
    price = Price(per_month=1800, max_rps=12)

    assert cost_usd(Usage(), None, price, Traffic(requests=1_000_000)) == pytest.approx(0.0018)
    assert cost_usd(Usage(), None, price, NO_TRAFFIC) is None


def test_a_cost_that_was_recorded_is_kept() -> None:
    answer = Completion("x", usage=Usage(1, 1), cost_usd=0.5)

    assert priced(answer, Price(input=1.0, output=1.0), NO_TRAFFIC).cost_usd == 0.5


def test_an_hourly_price_bounds_a_call_by_its_deadline() -> None:
    assert ceiling_usd(Price(per_hour=3.6), 60.0) == pytest.approx(0.06)
    assert ceiling_usd(Price(input=1.0, output=1.0), 60.0) is None
    assert ceiling_usd(None, 60.0) is None


def test_a_price_in_the_configuration_wins() -> None:
    model = Model("gpt-4o-mini", price=Price(input=9.0, output=9.0))

    assert with_price(model) == model


def test_classical_models_get_a_declared_default_that_is_marked_as_assumed() -> None:
    price = with_price(Model("local/small")).price

    assert price is not None
    assert (price.per_hour, price.is_assumed) == (LOCAL_USD_PER_HOUR, True)


def test_a_recorded_model_is_found_in_the_price_list_by_its_own_name() -> None:
    price = with_price(Model("recorded/answers.jsonl#gpt-4o-mini")).price

    assert price == list_price("gpt-4o-mini")
    assert price is not None
    assert (price.input, price.output, price.cache_read) == pytest.approx((0.15, 0.6, 0.075))


def test_a_model_that_no_list_knows_has_no_price() -> None:
    assert list_price("python/pipeline.py:answer") is None


def test_the_price_list_is_read_without_importing_the_package_that_brings_it() -> None:
    script = (
        "import sys; from evalbench.pricing.sources import list_price; "
        "list_price('gpt-4o'); print('litellm' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
