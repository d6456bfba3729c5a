"""The key under which an answer is stored for good: what makes an answer the same answer."""

from __future__ import annotations

import hashlib
import json

import orjson

from evalbench.core.evalset import JsonValue
from evalbench.core.plan import Request
from evalbench.providers.protocol import Provider


def answer_key(request: Request, provider: Provider) -> bytes:
    """The sha256 of everything that could make the answer another one, as canonical JSON."""
    model = request.model
    identity = {
        "provider": model.id.partition("/")[0],
        "adapter": provider.version,
        "api_base": model.api_base,
        "model": model.id,
        "messages": [[turn.role, turn.content] for turn in request.prompt.messages],
        "params": dict(model.params),
        "schema": request.schema,
        "tools": request.tools,
        "repeat": request.repeat,
        "also": provider.identity(request),
    }
    return hashlib.sha256(_canonical(identity)).digest()


def _canonical(identity: JsonValue) -> bytes:
    try:
        return orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number beyond 64 bits, which the fast writer refuses
        return json.dumps(identity, sort_keys=True, ensure_ascii=False).encode()
