"""Refuse parameters of a model that would replace what evalbench itself sends: whom it asks, and what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalbench.config.settings_file import PlacedError
from evalbench.registry import known

_MODEL = frozenset(
    {"custom_llm_provider", "deployment_id", "fallbacks", "mock_response", "model", "model_list", "models"}
)
_PROMPT = frozenset({"contents", "input", "instructions", "messages", "prompt", "system"})
_ADDRESS = frozenset({"api_base", "base_url"})
_STREAM = frozenset({"stream", "stream_options"})
_USAGE = "stream_options: {include_usage: true}"


def refuse_reserved(model_id: str, params: Mapping[str, Any]) -> None:
    """Refuse names that would have another model answer at this one's price, or another question asked.

    Functions and plugins get their parameters as they are, and do with them what they like.
    """
    if model_id.partition("/")[0] in known("providers"):
        return
    for place, name in _sent(params):
        dotted = ".".join((*place, name))
        if name in _MODEL:
            problem = "which may have another model answer at the price of this one"
            fix = f"take out `{name}:`, and name the model in `model:`, or at a tier of its own."
        elif name in _PROMPT:
            problem = "which would take the place of the items' prompts"
            fix = f"take out `{name}:`, and say `prompt:` and `system:` in evalset.yaml."
        elif name in _ADDRESS:
            problem = "which would send the calls to another address"
            fix = f"take out `{name}:`, and say `api_base:` beside `model:`."
        else:
            continue
        raise PlacedError(f"has `{dotted}`, {problem}", (*place, name), fix)
    _refuse_uncounted(params)


def _refuse_uncounted(params: Mapping[str, Any]) -> None:
    """A stream whose tokens nobody counts has an unknown cost."""
    options = params.get("stream_options")
    if options is not None and not (isinstance(options, Mapping) and options.get("include_usage") is True):
        problem = "has `params.stream_options` without `include_usage: true`, so that no cost is known"
        raise PlacedError(problem, ("params", "stream_options"), f"write `{_USAGE}`, or leave it out.")
    extra = params.get("extra_body")
    hidden = sorted(_STREAM & extra.keys()) if isinstance(extra, Mapping) else []
    if hidden:
        place = ("params", "extra_body", hidden[0])
        problem = f"has `{'.'.join(place)}`, which is asked for beside `extra_body`"
        raise PlacedError(problem, place, "write `params: {stream: true}`.")


def _sent(params: Mapping[str, Any]) -> Iterator[tuple[Sequence[str], str]]:
    """Every parameter that goes out, and the group it stands in."""
    for name, value in params.items():
        if name == "extra_body" and isinstance(value, Mapping):
            yield from ((("params", "extra_body"), inner) for inner in value)
        yield ("params",), name
