from __future__ import annotations

from importlib.metadata import version
from typing import Any

from evalbench.core.models import PriceStep
from evalbench.pricing.list_entry import digest_of, listing_of, price_of
from evalbench.pricing.price_list import RELEASED
from evalbench.pricing.sources import list_price


def entry(**changes: Any) -> dict[str, Any]:
    plain = {"input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06, "litellm_provider": "x"}
    return plain | changes


def test_an_entry_gives_its_classes_its_source_its_date_and_its_digest() -> None:
    price = list_price("openai/gpt-5-nano")

    assert price is not None
    assert (price.input, price.output, price.cache_read) == (0.05, 0.4, 0.005)
    assert price.source == f"list price, litellm {version('litellm')}"
    assert price.as_of == RELEASED[version("litellm")]
    assert price.digest is not None
    assert len(price.digest) == 64


def test_another_figure_gives_another_digest() -> None:
    assert digest_of(entry()) == digest_of(dict(reversed(entry().items())))
    assert digest_of(entry()) != digest_of(entry(output_cost_per_token=6e-06))


def test_prices_of_long_prompts_become_steps() -> None:
    price = price_of(
        entry(
            input_cost_per_token_above_200k_tokens=2e-06,
            output_cost_per_token_above_200k_tokens=7e-06,
            input_cost_per_token_above_272k_tokens_priority=9e-06,
        )
    )

    assert price is not None
    assert price.steps == (PriceStep(200_000, 2.0, 7.0),)


def test_one_provider_counts_the_threshold_itself_as_long() -> None:
    price = price_of(entry(litellm_provider="xai", input_cost_per_token_above_200k_tokens=2e-06))

    assert price is not None
    assert price.steps == (PriceStep(199_999, 2.0),)


def test_a_table_by_prompt_length_leaves_nothing_to_the_row_above() -> None:
    rows = [
        {"range": [32_000, 128_000], "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06},
        {
            "range": [0, 32_000],
            "input_cost_per_token": 1e-06,
            "output_cost_per_token": 4e-06,
            "cache_read_input_token_cost": 1e-07,
        },
    ]

    price = price_of({"tiered_pricing": rows})

    assert price is not None
    assert (price.input, price.cache_read, price.cache_write) == (1.0, 0.1, 1.0)
    assert price.steps == (PriceStep(32_000, 2.0, 8.0, cache_read=2.0, cache_write=2.0),)


def test_work_that_can_wait_has_a_price_of_its_own_where_one_is_listed() -> None:
    price = price_of(entry(input_cost_per_token_batches=5e-07, output_cost_per_token_batches=2.5e-06))

    assert price is not None
    assert price.batch is not None
    assert (price.batch.input, price.batch.output) == (0.5, 2.5)
    assert price.batch.source.endswith(", batch")


def test_a_service_tier_has_its_own_rates_or_unknown_ones() -> None:
    listed = entry(input_cost_per_token_flex=5e-07, output_cost_per_token_flex=2e-06)

    flex = price_of(listed, "flex")

    assert flex is not None
    assert (flex.input, flex.output) == (0.5, 2.0)
    assert price_of(listed, "priority") is None
    assert price_of(listed, "auto") == price_of(listed)


def test_a_model_listed_at_nothing_has_an_unknown_price() -> None:
    assert price_of(entry(input_cost_per_token=0.0, output_cost_per_token=0.0)) is None


def test_a_model_that_is_billed_by_more_than_tokens_has_an_unknown_price() -> None:
    assert price_of(entry(input_cost_per_request=0.005)) is None
    assert list_price("perplexity/sonar") is None


def test_the_longest_answer_is_read_from_either_key() -> None:
    assert listing_of(entry(max_output_tokens=100, max_tokens=200)).max_output_tokens == 100
    assert listing_of(entry(max_tokens=200)).max_output_tokens == 200
    assert listing_of(entry()).max_output_tokens is None


def test_the_installed_list_has_a_date() -> None:
    assert version("litellm") in RELEASED, "write down when this version of the list was published"
