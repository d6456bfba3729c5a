from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from evalbench.core.completion import Completion, Effort, Failure, Usage
from evalbench.core.evalset import Traffic
from evalbench.core.models import Model, Price, PriceStep
from evalbench.pricing.cost import billed_usd, cost_usd, lost_usd, priced, unknown_bills
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


def test_failed_attempts_that_were_billed_are_part_of_the_cost() -> None:
    effort = Effort(attempts=2, lost=Usage(2_000_000, 0))
    answer = Completion("x", usage=Usage(1_000_000, 0), effort=effort)

    assert priced(answer, Price(input=1.0, output=1.0), NO_TRAFFIC).cost_usd == pytest.approx(3.0)


def test_lost_tokens_are_added_to_a_cost_that_was_stated() -> None:
    answer = Completion("x", cost_usd=0.5, effort=Effort(lost=Usage(1_000_000, 0)))

    assert priced(answer, Price(input=1.0, output=1.0), NO_TRAFFIC).cost_usd == pytest.approx(1.5)
    assert priced(answer, None, NO_TRAFFIC).cost_usd is None


def test_busy_time_pays_for_failed_attempts_already() -> None:
    effort = Effort(lost=Usage(1_000_000, 0))

    assert lost_usd(effort, Price(per_hour=2.5)) == 0.0
    assert lost_usd(effort, Price(per_month=1800)) == 0.0
    assert lost_usd(Effort(), None) == 0.0


def test_time_in_vain_is_paid_by_the_hour_and_nowhere_else() -> None:
    effort = Effort(unknown_bills=2, busy_s=1.5)

    assert lost_usd(effort, Price(per_hour=3.6)) == pytest.approx(0.0015)
    assert lost_usd(effort, Price(per_month=1800)) == 0.0
    assert lost_usd(effort, Price(input=1.0, output=1.0)) == 0.0
    assert [unknown_bills(effort, price) for price in (None, Price(input=1.0), Price(per_hour=3.6))] == [
        2,
        2,
        0,
    ]


def test_an_attempt_is_billed_by_the_hour_for_its_own_busy_time_whatever_came_of_it() -> None:
    hourly, lost = Price(per_hour=3.6), Failure("timeout", "too late", may_be_billed=True)

    assert billed_usd(Completion("yes"), 2.0, hourly, NO_TRAFFIC) == pytest.approx(0.002)
    assert billed_usd(Completion("yes", busy_s=1.0), 2.0, hourly, NO_TRAFFIC) == pytest.approx(0.001)
    assert billed_usd(Completion("yes", cost_usd=0.5), 2.0, hourly, NO_TRAFFIC) == 0.5
    assert billed_usd(lost, 2.0, hourly, NO_TRAFFIC) == pytest.approx(0.002)


def test_a_failed_attempt_is_billed_by_its_tokens_if_anybody_knows_them() -> None:
    price = Price(input=1.0, output=2.0)
    told = Failure("error", "broken", usage=Usage(1_000_000, 0), may_be_billed=True)

    assert billed_usd(told, 2.0, price, NO_TRAFFIC) == 1.0
    assert billed_usd(replace(told, usage=None), 2.0, price, NO_TRAFFIC) is None
    assert billed_usd(replace(told, usage=None, may_be_billed=False), 2.0, price, NO_TRAFFIC) == 0.0


def test_a_long_prompt_is_billed_at_the_rates_of_its_step() -> None:
    price = Price(input=1.0, output=10.0, cache_read=0.1, steps=(PriceStep(200_000, 2.0, 15.0),))

    short = cost_usd(Usage(100_000, 1_000, 100_000), None, price, NO_TRAFFIC)
    long = cost_usd(Usage(100_001, 1_000, 100_000), None, price, NO_TRAFFIC)

    assert short == pytest.approx(0.1 + 0.01 + 0.01)
    assert long == pytest.approx(0.200002 + 0.015 + 0.01)


def test_reasoning_is_billed_as_output_unless_it_has_a_price_of_its_own() -> None:
    usage = Usage(0, 1_000_000, reasoning_tokens=400_000)

    assert cost_usd(usage, None, Price(input=1.0, output=1.0), NO_TRAFFIC) == pytest.approx(1.0)
    assert cost_usd(usage, None, Price(input=1.0, output=1.0, reasoning=4.0), NO_TRAFFIC) == pytest.approx(
        2.2
    )


def test_a_price_in_the_configuration_wins_and_the_list_still_tells_the_longest_answer() -> None:
    model = with_price(Model("gpt-4o-mini", price=Price(input=9.0, output=9.0)))

    assert model.price == Price(input=9.0, output=9.0)
    assert model.listing is not None
    assert model.listing.max_output_tokens == 16_384


def test_a_listed_name_at_somebody_elses_address_is_an_assumption() -> None:
    price = with_price(Model("openai/gpt-4o-mini", api_base="http://127.0.0.1:8000/v1")).price
    at_home = with_price(Model("openai/gpt-4o-mini", api_base="https://eu.api.openai.com/v1")).price

    assert price is not None
    assert (price.is_assumed, price.source.endswith("though it is asked at 127.0.0.1")) == (True, True)
    assert at_home is not None
    assert not at_home.is_assumed


def test_a_name_is_not_priced_like_another_providers_model_of_that_name() -> None:
    assert list_price("hosted_vllm/gpt-4o-mini") is None
    assert list_price("openai/gpt-4o-mini") == list_price("gpt-4o-mini")


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
