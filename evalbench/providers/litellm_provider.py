"""Ask any model that litellm speaks to: Anthropic, Gemini, Azure, Bedrock and a hundred more.

Where litellm's translation fits, only that is used and the call is our own; for the rest, and for
`litellm/` ids, litellm makes the call itself. Either way the answer looks the same.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from typing import Any

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.errors import MissingExtraError
from evalbench.providers.endpoints import VIA_LITELLM, key_variables
from evalbench.providers.http_failures import (
    Caller,
    Refusal,
    outcome_of_refusal,
    refused_parameter,
)
from evalbench.providers.litellm_failures import meant, outcome_of_error
from evalbench.providers.litellm_model import Asking, Library, OpenModel
from evalbench.providers.litellm_reply import Heard, heard_at_once, heard_in_pieces
from evalbench.providers.litellm_translation import Parts, Target, usual_base
from evalbench.providers.openai_body import Manners, outline
from evalbench.providers.openai_http import DEFAULT_CONCURRENCY
from evalbench.providers.protocol import Provider
from evalbench.providers.secrets import Secrets

_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # its price list is otherwise fetched at import
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",  # likewise a list of headers
    "LITELLM_MODE": "PRODUCTION",  # otherwise it loads any .env file above its own folder
}
_PACKAGES = {"bedrock": "boto3", "sagemaker": "boto3", "sagemaker_chat": "boto3", "vertex_ai": "google.auth"}
_INSTALLED_AS = {"google.auth": "google-auth"}
_LOADING = threading.Lock()


def litellm_provider(
    model: Model, key: str | None, secrets: Secrets, concurrency: int | None = None
) -> Provider:
    """The provider of a model by its litellm id; `litellm/PROVIDER/NAME` forces litellm's own call.

    Raises `MissingExtraError` where the provider needs a package that is not installed.
    """
    package = _PACKAGES.get(_bare_id(model).partition("/")[0])
    if package is not None and not _is_installed(package):
        installed_as = _INSTALLED_AS.get(package, package)
        raise MissingExtraError(
            f"{model.id!r} needs the package {installed_as}, which is not installed",
            f"pip install {installed_as}",
        )
    return _LitellmProvider(model, key, secrets, concurrency)


class _LitellmProvider:
    """One model behind litellm.

    What the model is found not to take is left out from then on; an answer's detail says so,
    and holds what litellm thinks the answer cost as `litellm_cost_usd`.
    """

    version = "litellm/1"
    replays = False

    def __init__(self, model: Model, key: str | None, secrets: Secrets, concurrency: int | None) -> None:
        self.concurrency = concurrency or model.concurrency or DEFAULT_CONCURRENCY
        self._model = model
        self._key = key
        self._redact = secrets.redact
        self._manners = Manners()
        self._asking: Asking | None = None
        self._open: OpenModel | None = None

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """Nothing beyond model, prompt and parameters."""
        del request
        return {}

    async def start(self) -> None:
        """Load litellm, which takes seconds, without holding up other tiers."""
        library = await asyncio.to_thread(_library)
        place = library.place(_bare_id(self._model), self._model.api_base)
        if place is None:
            return
        provider, name = place
        target = Target(provider, name, usual_base(provider, self._model.api_base), self._key)
        self._open = OpenModel(library, target, self._caller(target))
        library.users += 1
        if not self._open.takes_schema:
            self._manners = Manners(left_out=frozenset({"response_format"}))

    async def close(self) -> None:
        """Let go of connections; litellm's own are shared, so the last provider closes them."""
        opened, self._open = self._open, None
        if opened is not None:
            await opened.transport.close()
            await opened.shared.let_go()

    async def complete(self, request: Request) -> Completion | Failure:
        """One attempt, repeated at once where the model does not take a parameter.

        That ends, since each finding leaves one parameter less to be refused.
        """
        opened = self._open
        if opened is None:
            message = f"litellm knows no provider for {self._model.id!r}"
            return Failure("unknown_model", message, concerns_all=True)
        while True:
            asking = self._asked(opened, request)
            heard = await self._attempt(opened, asking, request)
            if not isinstance(heard.outcome, Refusal):
                return self._told(opened, heard, heard.outcome, asking)
            refused = refused_parameter(heard.outcome, opened.caller, asking.outline.fixed)
            learned = self._learned(refused, asking.manners)
            if learned is None:
                judged = outcome_of_refusal(meant(heard.outcome), opened.caller, datetime.now(UTC))
                if refused is not None and isinstance(judged, Failure):
                    judged = replace(judged, concerns_all=True)  # Every item is sent these parameters.
                return self._told(opened, heard, judged, asking)
            self._manners = learned

    def _caller(self, target: Target) -> Caller:
        names = (self._model.api_key_env,) if self._model.api_key_env else key_variables(target.provider)
        # Where no address is set, litellm knows it, and the provider's name is what people know.
        url = target.api_base or f"https://{target.provider}"
        holds_key = [name for name in names if os.environ.get(name, "").strip() == self._key]
        key_env = (*holds_key, *names)[0] if names and self._key else None
        return Caller(url.partition("?")[0], target.name, key_env, self._redact)

    def _asked(self, opened: OpenModel, request: Request) -> Asking:
        kept = self._asking
        if (
            kept is None
            or kept.schema is not request.schema
            or kept.tools is not request.tools
            or kept.manners is not self._manners
        ):
            made = outline(
                opened.target.name, self._model.params, request.schema, request.tools, self._manners
            )
            asking = Asking(request.schema, request.tools, self._manners, made)
            kept = self._asking = opened.prepared(asking, is_forced=self._model.id != _bare_id(self._model))
        return kept

    def _learned(self, refused: str | None, manners: Manners) -> Manners | None:
        if refused is None:
            return None
        # Another call may have found the same meanwhile.
        return self._manners if self._manners is not manners else manners.learned(refused)

    async def _attempt(self, opened: OpenModel, asking: Asking, request: Request) -> Heard:
        if asking.problem is not None:
            return Heard(asking.problem)
        messages = [{"role": turn.role, "content": turn.content} for turn in request.prompt.messages]
        if asking.translator is None:
            return await self._called(opened, asking.params, messages)
        return await opened.translated(asking.translator, messages)

    async def _called(
        self, opened: OpenModel, params: Mapping[str, Any], messages: list[dict[str, Any]]
    ) -> Heard:
        started = time.perf_counter()
        try:
            reply = await opened.shared.litellm.acompletion(
                **{
                    **params,
                    "model": _bare_id(self._model),
                    "messages": messages,
                    "api_key": self._key,
                    "api_base": opened.target.api_base,
                    "num_retries": 0,
                    "max_retries": 0,
                    "drop_params": False,
                    "_skip_mcp_handler": True,  # with tools it would want a package that is not there
                }
            )
            if params.get("stream"):
                return await heard_in_pieces(reply, opened.caller, started)
        except opened.shared.stumbles as error:
            return Heard(outcome_of_error(error, opened.caller))
        own_s = (reply.hidden_params.get("litellm_overhead_time_ms") or 0.0) / 1000
        latency_s = max(0.0, time.perf_counter() - started - own_s)
        return heard_at_once(reply, opened.caller, latency_s)

    def _told(
        self, opened: OpenModel, heard: Heard, outcome: Completion | Failure, asking: Asking
    ) -> Completion | Failure:
        if isinstance(outcome, Completion):
            detail = {**outcome.detail, **asking.outline.notes}
            cost_usd = opened.cost_usd(outcome.usage, heard.usage)
            if cost_usd is not None:
                detail["litellm_cost_usd"] = f"{cost_usd:.12g}"
            outcome = replace(
                outcome, latency_s=heard.latency_s, first_token_s=heard.first_token_s, detail=detail
            )
        return opened.caller.clean(outcome)


def _library() -> Library:
    # Types that litellm declares read-only are still being built at its first calls; pydantic says
    # of each that it does not enforce it, which concerns nobody who only reads answers.
    warnings.filterwarnings("ignore", ".*using the `ReadOnly` qualifier", UserWarning)
    # A call that is cancelled while litellm prepares it in a thread leaves this behind.
    warnings.filterwarnings("ignore", "coroutine '.*completion.*' was never awaited", RuntimeWarning)
    # Several tiers start at once, each in a thread, and share one library.
    with _LOADING:
        return _loaded_library()


@cache
def _loaded_library() -> Library:
    os.environ.update(_ENVIRONMENT)
    import litellm
    from litellm.anthropic_beta_headers_manager import update_request_with_filtered_beta
    from litellm.exceptions import ModelNotMappedError
    from litellm.llms.base_llm.chat.transformation import BaseLLMException
    from litellm.llms.vertex_ai.common_utils import get_gemini_url
    from litellm.llms.vertex_ai.gemini.transformation import transform_request_body
    from litellm.types.utils import LlmProviders, ModelResponse
    from litellm.utils import ProviderConfigManager

    _quieten(litellm)
    # Its types are built at first use, for half a second; answers under way should not wait for that.
    litellm.utils.get_optional_params(model="none", custom_llm_provider="openai", max_tokens=1)
    ModelResponse(usage=litellm.Usage(prompt_tokens=1, completion_tokens=1, total_tokens=2))

    def parts(target: Target) -> Parts:
        config = ProviderConfigManager.get_provider_chat_config(target.name, LlmProviders(target.provider))
        return Parts(
            config, ModelResponse, transform_request_body, get_gemini_url, update_request_with_filtered_beta
        )

    errors = (*litellm.LITELLM_EXCEPTION_TYPES, BaseLLMException, ModelNotMappedError, ImportError)
    return Library(litellm, parts, errors)


def _quieten(litellm: Any) -> None:
    litellm.disable_hf_tokenizer_download = True  # it counts some models' tokens by a downloaded list
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.turn_off_message_logging = True
    litellm.drop_params = False
    litellm.num_retries = 0
    litellm.max_retries = 0
    litellm.cache = None
    for callbacks in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        setattr(litellm, callbacks, [])
    for logger in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        # What goes wrong is in the answer; its log would show prompts and keys on the terminal.
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)


def _bare_id(model: Model) -> str:
    return model.id.removeprefix(f"{VIA_LITELLM}/")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # a part of a package that is missing as a whole
        return False
