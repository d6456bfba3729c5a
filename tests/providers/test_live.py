from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from evalbench.core.models import Model
from evalbench.errors import InputError
from evalbench.providers.live import live_provider
from evalbench.providers.openai_http import OpenAIProvider

KEY = "sk-0123456789abcdef"


def refused(model: Model, environ: Mapping[str, str]) -> InputError:
    with pytest.raises(InputError) as raised:
        live_provider(model, environ)
    assert KEY not in str(raised.value)
    return raised.value


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Model("openai/gpt-5"), "OPENAI_API_KEY"),
        (Model("anthropic/claude-haiku-4-5"), "ANTHROPIC_API_KEY"),
        (Model("litellm/openai/gpt-5"), "OPENAI_API_KEY"),
        (Model("groq/x", api_key_env="MINE"), "MINE"),
        (Model("openai/x", api_base="http://127.0.0.1:1/v1", api_key_env="MINE"), "MINE"),
    ],
)
def test_a_missing_key_is_found_before_any_call(model: Model, name: str) -> None:
    error = refused(model, {"OPENAI_API_KEY": " "})

    assert error.problem == f"{name} is not set"
    assert error.fix == f"export {name}=..., or put it in a file and add --env-file .env"


def test_a_key_that_lies_in_the_env_file_is_pointed_at(here: Path) -> None:
    (here / ".env").write_text(f"export TOGETHERAI_API_KEY='{KEY}'\n", "utf-8")

    error = refused(Model("together_ai/x"), {})

    assert error.problem == "TOGETHERAI_API_KEY is set in ./.env but not loaded"
    assert error.fix == "add --env-file .env"


@pytest.mark.parametrize(
    ("model_id", "fix"),
    [
        ("gpt-5", "did you mean 'openai/gpt-5'?"),
        ("claude-opus-4", "did you mean 'anthropic/claude-opus-4'?"),
        ("opnai/gpt-5", "did you mean 'openai'?"),
        ("recordd/x#y", "did you mean 'recorded'?"),
        ("nonsense", "write PROVIDER/NAME, for example openai/gpt-5."),
        ("openai/", "write PROVIDER/NAME, for example openai/gpt-5."),
    ],
)
def test_a_slip_in_an_id_gets_the_nearest_one(model_id: str, fix: str) -> None:
    assert refused(Model(model_id), {"OPENAI_API_KEY": KEY}).fix == fix


@pytest.mark.parametrize("key", ["sk-12\n34567890", "two words in it", "schlüssel-123"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    error = refused(Model("openai/gpt-5"), {"OPENAI_API_KEY": key})

    assert "OPENAI_API_KEY" in error.problem
    assert key not in error.problem + error.fix


@pytest.mark.parametrize(
    ("of_model", "of_command", "concurrency"), [(8, 32, 8), (None, 32, 32), (None, None, 64)]
)
def test_the_models_own_limit_comes_first(
    of_model: int | None, of_command: int | None, concurrency: int
) -> None:
    model = Model("openai/gpt-5", concurrency=of_model)

    provider = live_provider(model, {"OPENAI_API_KEY": KEY}, concurrency=of_command)

    assert isinstance(provider, OpenAIProvider)
    assert provider.concurrency == concurrency


def test_a_local_endpoint_needs_no_key() -> None:
    provider = live_provider(Model("ollama/llama3"), {})

    assert isinstance(provider, OpenAIProvider)
