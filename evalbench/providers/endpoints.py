"""Which model ids are called directly, where they live, and which variables hold their keys."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from evalbench.core.models import Model
from evalbench.errors import InputError

VIA_LITELLM = "litellm"
"""The prefix that sends a model through litellm although it could be called directly."""

_FIREWORKS_ROUTERS = frozenset({"auto", "auto-instant", "firerouter"})
_OLLAMA = "http://127.0.0.1:11434/v1"

_DIRECT: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "cerebras": ("https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    "dashscope": ("https://dashscope.aliyuncs.com/compatible-mode/v1", ("DASHSCOPE_API_KEY",)),
    "deepinfra": ("https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",)),
    "deepseek": ("https://api.deepseek.com/beta", ("DEEPSEEK_API_KEY",)),
    "featherless_ai": (
        "https://api.featherless.ai/v1",
        ("FEATHERLESS_AI_API_KEY", "FEATHERLESS_API_KEY"),
    ),
    "fireworks_ai": (
        "https://api.fireworks.ai/inference/v1",
        ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"),
    ),
    "groq": ("https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
    "hosted_vllm": (None, ("HOSTED_VLLM_API_KEY",)),
    "hyperbolic": ("https://api.hyperbolic.xyz/v1", ("HYPERBOLIC_API_KEY",)),
    "lambda_ai": ("https://api.lambda.ai/v1", ("LAMBDA_API_KEY",)),
    "llamafile": ("http://127.0.0.1:8080/v1", ()),
    "lm_studio": ("http://127.0.0.1:1234/v1", ()),
    "mistral": ("https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
    "moonshot": ("https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    "nebius": ("https://api.studio.nebius.ai/v1", ("NEBIUS_API_KEY",)),
    "novita": ("https://api.novita.ai/v3/openai", ("NOVITA_API_KEY",)),
    "nvidia_nim": ("https://integrate.api.nvidia.com/v1", ("NVIDIA_NIM_API_KEY",)),
    "ollama": (_OLLAMA, ()),
    "ollama_chat": (_OLLAMA, ()),
    "openai": ("https://api.openai.com/v1", ("OPENAI_API_KEY",)),
    "openrouter": ("https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY", "OR_API_KEY")),
    "perplexity": ("https://api.perplexity.ai", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY")),
    "sambanova": ("https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",)),
    "together_ai": (
        "https://api.together.ai/v1",
        ("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"),
    ),
    "xai": ("https://api.x.ai/v1", ("XAI_API_KEY",)),
    "zai": ("https://api.z.ai/api/paas/v4", ("ZAI_API_KEY",)),
}

_TRANSLATED: Mapping[str, tuple[str, ...]] = {
    "ai21": ("AI21_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "azure": ("AZURE_API_KEY", "AZURE_OPENAI_API_KEY"),
    "azure_ai": ("AZURE_AI_API_KEY",),
    "baseten": ("BASETEN_API_KEY",),
    "cloudflare": ("CLOUDFLARE_API_KEY",),
    "codestral": ("CODESTRAL_API_KEY",),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "cohere_chat": ("COHERE_API_KEY", "CO_API_KEY"),
    "friendliai": ("FRIENDLIAI_API_KEY", "FRIENDLI_TOKEN"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "github": ("GITHUB_API_KEY",),
    "huggingface": ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
    "meta_llama": ("LLAMA_API_KEY",),
    "replicate": ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
    "volcengine": ("VOLCENGINE_API_KEY",),
    "watsonx": ("WATSONX_API_KEY", "WX_API_KEY"),
}

# These sign their calls with credentials of their own, which come from more than one place.
_SIGNED = frozenset({"bedrock", "databricks", "sagemaker", "vertex_ai"})

_FAMILIES: tuple[tuple[str, str], ...] = (
    (r"gpt-|chatgpt|o[1-9]\b", "openai"),
    (r"claude", "anthropic"),
    (r"gemini|gemma", "gemini"),
    (r"deepseek", "deepseek"),
    (r"mistral|ministral|magistral|codestral|open-mi", "mistral"),
    (r"grok", "xai"),
    (r"command", "cohere"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint and a model's name there.

    `base` is what `/chat/completions` is added to. `key_env` names the variable that holds
    the key; a key is sent when it is set, and `needs_key` says that nothing works without.
    """

    base: str
    model: str
    key_env: str | None
    needs_key: bool

    @property
    def url(self) -> str:
        """Where chat requests go."""
        path, mark, query = self.base.partition("?")
        return f"{path.rstrip('/')}/chat/completions{mark}{query}"


def direct_endpoint(model: Model) -> Endpoint | None:
    """Where a model is called directly, or None where litellm has to translate."""
    provider, _, name = model.id.partition("/")
    if provider not in _DIRECT or not name or name.startswith("responses/"):
        return None
    default, variables = _DIRECT[provider]
    base = model.api_base or default
    if base is None:
        raise InputError(
            f"{model.id!r} does not say where it lives",
            "add api_base: http://127.0.0.1:8000/v1 (its own address) to this tier in evalbench.yaml.",
        )
    _check_address(base)
    if model.api_key_env is not None:
        key_env, needs_key = model.api_key_env, True
    elif is_loopback(base):
        # A key of a paid service is nothing to hand to whatever listens here.
        key_env, needs_key = None, False
    else:
        key_env = variables[0] if variables else None
        needs_key = default is not None and bool(variables)
    return Endpoint(_base(provider, base), _name(provider, name), key_env, needs_key)


def key_variables(provider: str) -> tuple[str, ...]:
    """The variables a provider's key may stand in, the usual one first; none where no key is used."""
    if provider in _DIRECT:
        return _DIRECT[provider][1]
    return _TRANSLATED.get(provider, ())


def known_providers() -> tuple[str, ...]:
    """Providers whose name before the slash is known here; litellm knows more."""
    return tuple(sorted({*_DIRECT, *_TRANSLATED, *_SIGNED}))


def likely_id(name: str) -> str | None:
    """The full id that a bare name such as `gpt-5` probably means, or None."""
    for pattern, provider in _FAMILIES:
        if re.match(pattern, name):
            return f"{provider}/{name}"
    return None


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise InputError(f"api_base {address!r} is no address", "write it like http://127.0.0.1:8000/v1")
    before, mark, after = address.partition("#")
    if mark:
        # What follows a question mark may be a key.
        shown = before.partition("?")[0]
        raise InputError(
            f"api_base {shown!r} goes on with {mark + after!r}, which no server would be sent",
            "leave out the # and what follows it; a # that is part of the address is written %23.",
        )


def _base(provider: str, address: str) -> str:
    path, mark, query = address.partition("?")
    path = path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    if provider.startswith("ollama") and not path.endswith("/v1"):
        path += "/v1"
    return f"{path}{mark}{query}"


def _name(provider: str, name: str) -> str:
    if provider != "fireworks_ai" or name.startswith("accounts/") or "#" in name:
        return name
    if name.startswith(("models/", "routers/")):
        return f"accounts/fireworks/{name}"
    kind = "routers" if name.endswith("-fast") or name in _FIREWORKS_ROUTERS else "models"
    return f"accounts/fireworks/{kind}/{name}"
