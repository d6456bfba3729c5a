"""The key under which an answer is stored for good: what makes an answer the same answer."""

from __future__ import annotations

import hashlib

import orjson

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
    return hashlib.sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)).digest()
