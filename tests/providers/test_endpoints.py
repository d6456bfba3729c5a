from __future__ import annotations

import pytest

from evalbench.core.models import Model
from evalbench.errors import InputError
from evalbench.providers.endpoints import Endpoint, direct_endpoint, is_loopback, key_variables, likely_id

LOCAL = "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("model", "endpoint"),
    [
        (Model("openai/gpt-5"), ("https://api.openai.com/v1", "gpt-5", "OPENAI_API_KEY", True)),
        (
            Model("openrouter/meta-llama/llama-3"),
            ("https://openrouter.ai/api/v1", "meta-llama/llama-3", "OPENROUTER_API_KEY", True),
        ),
        (Model("ollama/llama3:8b"), ("http://127.0.0.1:11434/v1", "llama3:8b", None, False)),
        (Model("lm_studio/m"), ("http://127.0.0.1:1234/v1", "m", None, False)),
        (Model("llamafile/m"), ("http://127.0.0.1:8080/v1", "m", None, False)),
        (
            Model("fireworks_ai/llama-3"),
            (
                "https://api.fireworks.ai/inference/v1",
                "accounts/fireworks/models/llama-3",
                "FIREWORKS_API_KEY",
                True,
            ),
        ),
        (Model("hosted_vllm/m", api_base=LOCAL), (LOCAL, "m", None, False)),
        (
            Model("hosted_vllm/m", api_base="https://vllm.test/v1/"),
            ("https://vllm.test/v1", "m", "HOSTED_VLLM_API_KEY", False),
        ),
        (Model("openai/m", api_base=LOCAL), (LOCAL, "m", None, False)),
        (Model("openai/m", api_base=LOCAL, api_key_env="MINE"), (LOCAL, "m", "MINE", True)),
        (
            Model("openai/m", api_base="https://gateway.test/v1"),
            ("https://gateway.test/v1", "m", "OPENAI_API_KEY", True),
        ),
        (
            Model("ollama_chat/m", api_base="http://localhost:11434/"),
            ("http://localhost:11434/v1", "m", None, False),
        ),
        (
            Model("openai/m", api_base="http://localhost:1/v1/chat/completions"),
            ("http://localhost:1/v1", "m", None, False),
        ),
    ],
)
def test_a_model_lives_where_its_id_and_address_say(
    model: Model, endpoint: tuple[str, str, str | None, bool]
) -> None:
    base, name, key_env, needs_key = endpoint

    assert direct_endpoint(model) == Endpoint(base, name, key_env, needs_key)


@pytest.mark.parametrize(
    "model_id",
    ["anthropic/claude-haiku-4-5", "litellm/openai/gpt-5", "openai/responses/o1-pro", "bedrock/x", "gpt-5"],
)
def test_what_needs_translation_does_not_go_direct(model_id: str) -> None:
    assert direct_endpoint(Model(model_id)) is None


def test_an_endpoint_of_ones_own_needs_an_address() -> None:
    with pytest.raises(InputError) as raised:
        direct_endpoint(Model("hosted_vllm/m"))

    assert "api_base" in raised.value.fix


@pytest.mark.parametrize("address", ["http://", "http://[::1", "ftp://x.test", "http://x.test:99999"])
def test_an_impossible_address_is_an_error(address: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        direct_endpoint(Model("openai/m", api_base=address))


def test_a_query_stays_behind_the_path() -> None:
    endpoint = direct_endpoint(Model("openai/m", api_base="https://x.test/v1?version=2"))

    assert endpoint is not None
    assert endpoint.url == "https://x.test/v1/chat/completions?version=2"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/chat/completions", "/v1/chat/completions/"])
@pytest.mark.parametrize("query", ["", "?version=2", "?next=/chat/completions"])
def test_an_address_of_chats_is_asked_as_it_stands(path: str, query: str) -> None:
    endpoint = direct_endpoint(Model("openai/m", api_base=f"https://x.test{path}{query}"))

    assert endpoint is not None
    assert endpoint.url == f"https://x.test/v1/chat/completions{query}"


def test_an_address_with_a_mark_that_is_never_sent_is_an_error() -> None:
    with pytest.raises(InputError) as raised:
        direct_endpoint(Model("openai/m", api_base="https://x.test/v1?key=secret#part"))

    assert raised.value.problem == (
        "api_base 'https://x.test/v1' goes on with '#part', which no server would be sent"
    )


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost", True),
        ("http://0.0.0.0:8000", True),
        ("http://localhost.test", False),
        ("http://10.0.0.1", False),
        ("https://api.openai.com/v1", False),
    ],
)
def test_only_this_machine_is_a_loopback(address: str, *, is_here: bool) -> None:
    assert is_loopback(address) is is_here


def test_keys_of_translated_providers_are_known() -> None:
    assert key_variables("anthropic") == ("ANTHROPIC_API_KEY",)
    assert key_variables("gemini") == ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    assert key_variables("ollama") == ()
    assert key_variables("bedrock") == ()


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("gpt-5", "openai/gpt-5"),
        ("o3", "openai/o3"),
        ("claude-opus-4", "anthropic/claude-opus-4"),
        ("oddly-named", None),
    ],
)
def test_a_bare_name_suggests_its_provider(name: str, full: str | None) -> None:
    assert likely_id(name) == full
