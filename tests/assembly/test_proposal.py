from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evalbench.assembly.options import ModelChoice
from evalbench.assembly.proposal import Proposal, propose, size_in_billions
from evalbench.errors import InputError, UnknownNameError
from evalbench.providers.discovery import Key, Place, Server

TODAY = date(2026, 11, 25)
OPENAI = Key("openai", "OPENAI_API_KEY")
GEMINI = Key("gemini", "GEMINI_API_KEY")
OLLAMA = Place("Ollama", 11434, "ollama")


def proposed(
    *keys: Key, served: tuple[str, ...] | None = None, provider: str | None = None, local: bool = False
) -> Proposal:
    servers = [] if served is None else [Server(OLLAMA, served)]
    return propose(keys, servers, ModelChoice(provider, local), TODAY)


def names(proposal: Proposal) -> dict[str, str]:
    return {tier: model.id for tier, model in proposal.tiers.items()}


def test_one_provider_is_proposed_and_the_others_are_kept_as_a_comment() -> None:
    proposal = proposed(GEMINI, OPENAI)

    assert {name.partition("/")[0] for name in names(proposal).values()} == {"openai"}
    assert proposal.key == OPENAI
    assert [ladder.provider for ladder in proposal.others] == ["gemini"]


def test_a_key_that_is_loaded_goes_before_one_that_is_not() -> None:
    proposal = proposed(Key("openai", "OPENAI_API_KEY", Path(".env")), GEMINI)

    assert proposal.key == GEMINI


def test_every_paid_tier_has_a_bounded_answer() -> None:
    assert {model.params["max_tokens"] for model in proposed(OPENAI).tiers.values()} == {4000}


def test_a_provider_that_is_asked_for_is_proposed_without_its_key() -> None:
    proposal = proposed(OPENAI, provider="anthropic")

    assert proposal.key == Key("anthropic", "ANTHROPIC_API_KEY")
    assert any("ANTHROPIC_API_KEY is not set yet" in reason for reason in proposal.why)


def test_a_provider_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        proposed(provider="opnai")


def test_a_provider_without_listed_models_is_refused() -> None:
    with pytest.raises(InputError, match="has no models of 'openrouter'"):
        proposed(provider="openrouter")


def test_a_provider_and_this_machine_exclude_each_other() -> None:
    with pytest.raises(InputError, match="exclude each other"):
        proposed(provider="openai", local=True)


def test_served_models_stand_in_the_order_of_their_sizes() -> None:
    served = ("llama3.3:70b", "nomic-embed-text:latest", "llama3.2:1b", "qwen3:8b", "gemma3:27b")

    proposal = proposed(served=served)

    assert names(proposal) == {
        "small": "ollama/llama3.2:1b",
        "medium": "ollama/gemma3:27b",
        "large": "ollama/llama3.3:70b",
    }
    assert {model.api_base for model in proposal.tiers.values()} == {"http://127.0.0.1:11434/v1"}
    assert any("also served: qwen3:8b" in reason for reason in proposal.why)


def test_served_models_of_unknown_size_are_left_to_the_reader() -> None:
    proposal = proposed(served=("first", "second"))

    assert names(proposal) == {"small": "ollama/first", "large": "ollama/second"}
    assert any("their names tell no sizes" in reason for reason in proposal.why)


def test_a_server_that_only_embeds_proposes_nothing() -> None:
    assert names(proposed(served=("nomic-embed-text",)))["small"] == "local/small"


def test_this_machine_alone_is_proposed_on_request_although_there_is_a_key() -> None:
    assert names(proposed(OPENAI, served=("llama3.2:1b",), local=True)) == {"large": "ollama/llama3.2:1b"}
    assert names(proposed(OPENAI, local=True))["small"] == "local/small"


def test_a_key_without_a_proposal_is_mentioned() -> None:
    proposal = proposed(Key("openrouter", "OPENROUTER_API_KEY"))

    assert names(proposal)["small"] == "local/small"
    assert any("openrouter/MODEL" in reason for reason in proposal.why)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("llama3.2:1b", 1),
        ("Llama-3.3-70B-Instruct", 70),
        ("qwen2.5-0.5b", 0.5),
        ("mixtral:8x7b", 56),
        ("smollm2:135m", 0.135),
        ("qwen3-30b-a3b", 30),
        ("llama3:latest", None),
        ("phi-4", None),
        ("model-q4_k_m.gguf", None),
    ],
)
def test_sizes_are_read_from_names(name: str, size: float | None) -> None:
    assert size_in_billions(name) == size
