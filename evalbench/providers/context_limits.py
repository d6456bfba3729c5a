"""Tell a prompt that is too long for a model from room for the answer that was asked too large."""

from __future__ import annotations

import re

_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|context_window_exceeded|maximum context length|"
    r"context (?:size|length|window) (?:has been |is |was )?exceeded|exceeds? (?:the |its )?(?:available |"
    r"model'?s? |maximum )*(?:context|prompt length)|(?:prompt|input) is too long|maximum prompt length|"
    r"reduce the length of (?:the|your) (?:messages|prompt|input)|too many (?:input )?tokens",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"max_(?:completion_|output_|new_)?tokens['\"`]? (?:or .{0,40} )?is too large", re.IGNORECASE
)
_LIMIT = re.compile(r"context length (?:is|of) (\d{1,9})\b", re.IGNORECASE)
_TOTAL = re.compile(r"requested (?:about |a total of )?(\d{1,9}) tokens", re.IGNORECASE)
_OUTPUT = re.compile(
    r"(\d{1,9}) (?:tokens )?(?:in|for|of) the (?:completion|output)|requested (\d{1,9}) output tokens",
    re.IGNORECASE,
)
_INPUT = re.compile(r"prompt contains (\d{1,9}) (?:input )?tokens", re.IGNORECASE)
_SUM = re.compile(r"(\d{1,9}) \+ (\d{1,9}) > (\d{1,9})\b")


def is_overflow(said: str) -> bool:
    """Whether these words of a refusal are about a full context."""
    return bool(_OVERFLOW.search(said))


def asks_too_much_room(said: str) -> bool:
    """Whether it is `max_tokens` that does not fit, while the prompt alone would."""
    if _SAYS_SO.search(said):
        return True
    limit, tokens, output = _numbers(said)
    if limit is None:
        return False
    return (output is not None and output >= limit) or (tokens is not None and tokens < limit)


def _numbers(said: str) -> tuple[int | None, int | None, int | None]:
    """The limit of tokens, those of the prompt, and those kept free for the answer, where they are told."""
    added = _SUM.search(said)
    if added is not None:
        return int(added[3]), int(added[1]), int(added[2])
    limit, output = _number(_LIMIT, said), _number(_OUTPUT, said)
    total = _number(_TOTAL, said)
    if total is not None and output is not None:
        return limit, total - output, output
    return limit, _number(_INPUT, said), output


def _number(pattern: re.Pattern[str], said: str) -> int | None:
    found = pattern.search(said)
    return int(next(each for each in found.groups() if each)) if found else None
