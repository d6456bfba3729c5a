"""Find who answers for a model that is called live, and miss its key before the first call."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from dotenv import dotenv_values

from evalbench.core.models import Model
from evalbench.errors import InputError
from evalbench.providers.endpoints import (
    VIA_LITELLM,
    Endpoint,
    direct_endpoint,
    is_loopback,
    key_variables,
    known_providers,
    likely_id,
)
from evalbench.providers.litellm_names import litellm_providers
from evalbench.providers.openai_http import OpenAIProvider
from evalbench.providers.protocol import Provider
from evalbench.providers.secrets import Secrets
from evalbench.registry import known

_ENV_FILE = Path(".env")
_OBVIOUS = 0.8
_SIMILAR = 0.6


def live_provider(model: Model, environ: Mapping[str, str], *, concurrency: int | None = None) -> Provider:
    """The provider for a model id as litellm spells it, directly where that is possible.

    `concurrency` is the command's; the model's own limit comes before it. An unknown id or a
    missing key is an error here, so that no call is made in vain.
    """
    check_id(model)
    secrets = Secrets.from_variables(environ, _key_names(model))
    concurrency = model.concurrency or concurrency
    endpoint = direct_endpoint(model)
    if endpoint is not None:
        key_env, key = _direct_key(model, endpoint, environ)
        return OpenAIProvider(model, replace(endpoint, key_env=key_env), key, secrets, concurrency)
    _, key = _found_key(_key_names(model), environ, is_needed=_needs_key(model))
    # It knows litellm, which is loaded only where a model cannot be called without.
    module = import_module("evalbench.providers.litellm_provider")
    provider: Provider = module.litellm_provider(model, key, secrets, concurrency)
    return provider


def check_id(model: Model) -> None:
    """Refuse an id that names no provider, or one that is obviously a slip."""
    provider, mark, name = model.id.removeprefix(f"{VIA_LITELLM}/").partition("/")
    if not mark or not name:
        likely = likely_id(provider)
        fix = f"did you mean {likely!r}?" if likely else "write PROVIDER/NAME, for example openai/gpt-5."
        raise InputError(f"{model.id!r} does not say which provider has this model", fix)
    names = {*known_providers(), *known("providers")}
    if provider in names or provider in litellm_providers():
        return
    # Where litellm's files do not say whom it knows, only an obvious slip is refused.
    cutoff = _SIMILAR if litellm_providers() else _OBVIOUS
    close = difflib.get_close_matches(provider, sorted(names), n=1, cutoff=cutoff)
    if close or litellm_providers():
        fix = (
            f"did you mean {close[0]!r}?"
            if close
            else f"use a provider that litellm knows, or openai/{name} with the `api_base:` of an endpoint "
            "that speaks its protocol."
        )
        raise InputError(f"there is no provider named {provider!r}", fix)


def _direct_key(
    model: Model, endpoint: Endpoint, environ: Mapping[str, str]
) -> tuple[str | None, str | None]:
    if endpoint.key_env is None:
        return None, None
    return _found_key(_key_names(model), environ, is_needed=endpoint.needs_key)


def _needs_key(model: Model) -> bool:
    return model.api_key_env is not None or not (model.api_base and is_loopback(model.api_base))


def _key_names(model: Model) -> tuple[str, ...]:
    if model.api_key_env is not None:
        return (model.api_key_env,)
    return key_variables(model.id.removeprefix(f"{VIA_LITELLM}/").partition("/")[0])


def _found_key(
    names: tuple[str, ...], environ: Mapping[str, str], *, is_needed: bool
) -> tuple[str | None, str | None]:
    """The variable that holds a key, and the key."""
    found = next((name for name in names if environ.get(name, "").strip()), None)
    if found is not None:
        return found, _sendable(found, environ[found].strip())
    if is_needed and names:
        raise _missing(names)
    return None, None


def _sendable(name: str, key: str) -> str:
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InputError(
            f"{name} holds characters that no key has (value not shown)", f"set {name} to the key alone."
        )
    return key


def _missing(names: tuple[str, ...]) -> InputError:
    if _ENV_FILE.is_file():
        in_file = dotenv_values(_ENV_FILE, interpolate=False)
        loadable = next((name for name in names if in_file.get(name)), None)
        if loadable is not None:
            return InputError(f"{loadable} is set in ./.env but not loaded", "add --env-file .env")
    return InputError(
        f"{names[0]} is not set",
        f"export {names[0]}=..., or put it in a file and add --env-file .env",
    )
