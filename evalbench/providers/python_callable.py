"""Any Python function as a model: a retrieval pipeline, a fine-tuned model, a rule."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalbench.core.completion import Completion, Failure, Usage
from evalbench.core.evalset import JsonValue
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.errors import InputError
from evalbench.registry import load_user_module

_OFFERED = ("prompt", "input", "messages", "fields", "params")
_ANSWER_KEYS = {"text", "confidence", "cost_usd", "input_tokens", "output_tokens"}
_RETRYABLE = (ConnectionError, TimeoutError)


@dataclass(frozen=True, slots=True)
class CallableProvider:
    """Calls a user's function with what it asks for, and times it.

    The function may take `prompt` (the last user message as text), `input` (the item's own
    input), `messages`, `fields` (the item's other columns) and `params`, by these names, or
    one argument of any name, which gets the prompt. It returns the answer as text, or a
    mapping with `text` and any of `confidence`, `cost_usd`, `input_tokens`, `output_tokens`.
    It may be a coroutine function. It never sees the target.
    """

    function: Callable[..., Any]
    wanted: tuple[str, ...]
    source_digest: str
    concurrency: int = 1
    version: str = "1"

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        """The function's source and what it reads: an edited pipeline gives new answers."""
        return {
            "source": self.source_digest,
            "input": request.prompt.text,
            "fields": dict(request.prompt.fields),
        }

    def answer(self, request: Request) -> Completion | Failure:
        """One call of the function; an exception is a failure of the machinery, not an answer."""
        arguments = _arguments(self.wanted, request)
        started = time.perf_counter()
        try:
            returned = self.function(*arguments[0], **arguments[1])
            if inspect.iscoroutine(returned):
                returned = asyncio.run(returned)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's function may raise anything at all
            message = f"{type(error).__name__}: {error}"
            return Failure("error", message, retryable=isinstance(error, _RETRYABLE))
        return _completion(returned, time.perf_counter() - started)


def callable_provider(model: Model, folder: Path) -> CallableProvider:
    """The provider for `python/module:function` or `python/file.py:function` found from `folder`."""
    target = model.id.removeprefix("python/")
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise InputError(
            f"{model.id!r} does not name a function",
            "write python/module:function or python/file.py:function.",
        )
    module, path = load_user_module(place, folder, repr(model.id))
    function = getattr(module, name, None)
    if not callable(function):
        raise InputError(
            f"{model.id!r}: {place!r} has no function {name!r}", f"define `def {name}(prompt):` there."
        )
    source = path.read_bytes() if path else place.encode()
    return CallableProvider(
        function,
        _wanted(function, model.id),
        hashlib.sha256(source).hexdigest(),
        concurrency=model.concurrency or 1,
    )


def _wanted(function: Callable[..., Any], model_id: str) -> tuple[str, ...]:
    required = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and (parameter.default is parameter.empty or parameter.name in _OFFERED)
    ]
    names = tuple(parameter.name for parameter in required)
    if len(names) == 1 and names[0] not in _OFFERED:
        return ()
    unknown = [name for name in names if name not in _OFFERED]
    if unknown or not names:
        raise InputError(
            f"{model_id!r} takes {', '.join(names) or 'no argument'}, which evalbench cannot give",
            f"use one argument, or any of: {', '.join(_OFFERED)}.",
        )
    return names


def _arguments(wanted: tuple[str, ...], request: Request) -> tuple[tuple[str, ...], dict[str, Any]]:
    prompt = request.prompt
    last_user = next((turn.content for turn in reversed(prompt.messages) if turn.role == "user"), prompt.text)
    if not wanted:
        return (last_user,), {}
    offered = {
        "prompt": last_user,
        "input": prompt.text,
        "messages": [{"role": turn.role, "content": turn.content} for turn in prompt.messages],
        "fields": dict(prompt.fields),
        "params": dict(request.model.params),
    }
    return (), {name: offered[name] for name in wanted}


def _completion(returned: Any, latency_s: float) -> Completion | Failure:
    if isinstance(returned, str):
        return Completion(returned, latency_s=latency_s)
    if not isinstance(returned, Mapping) or not isinstance(returned.get("text"), str):
        return Failure(
            "bad_return", f"the function returned {type(returned).__name__}, not text or a mapping with text"
        )
    unknown = set(returned) - _ANSWER_KEYS
    if unknown:
        return Failure("bad_return", f"the function returned the unknown keys {sorted(unknown)}")
    numbers = {key: returned.get(key) for key in _ANSWER_KEYS - {"text"}}
    is_sane = all(value is None or _is_amount(value) for value in numbers.values())
    if not is_sane or (numbers["confidence"] or 0) > 1:
        return Failure("bad_return", f"the function returned an impossible number in {numbers}")
    return Completion(
        returned["text"],
        usage=Usage(numbers["input_tokens"], numbers["output_tokens"]),
        cost_usd=numbers["cost_usd"],
        latency_s=latency_s,
        confidence=numbers["confidence"],
    )


def _is_amount(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )
