"""Which providers litellm knows, read from its installed files, since its import takes seconds."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import orjson

_MEMBER = re.compile(r'^    [A-Z0-9_]+ = "([^"]+)"', re.MULTILINE)
_TYPES = Path("types", "utils.py")
_CLASS = "\nclass LlmProviders("
_COMPATIBLE = Path("llms", "openai_like", "providers.json")
_ENDPOINTS = Path("provider_endpoints_support_backup.json")


@cache
def litellm_providers() -> frozenset[str]:
    """Every provider that the installed litellm can call; none where its files do not say."""
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return frozenset()
    folder = Path(next(iter(spec.submodule_search_locations)))
    try:
        _, is_there, after = (folder / _TYPES).read_text("utf-8").partition(_CLASS)
        compatible = orjson.loads((folder / _COMPATIBLE).read_bytes())
        endpoints = orjson.loads((folder / _ENDPOINTS).read_bytes())["providers"]
    except (OSError, KeyError, ValueError):
        return frozenset()
    members = _MEMBER.findall(after.partition("\nclass ")[0])
    return frozenset((*members, *compatible, *endpoints)) if is_there else frozenset()
