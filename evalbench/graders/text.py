"""Bring answers and targets into one form, so that only what they say is compared."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

from evalbench.core.evalset import Item, JsonValue
from evalbench.core.score import Problem, Score

NO_TARGET = Score(0.0, explanation="the item has no target")

MOST_COMPARED = 100_000
"""Characters up to which an answer is compared piece by piece; no longer answer is judged at all."""

_PAIRS = {'"': '"', "'": "'", "`": "`", "*": "*", "_": "_", "«": "»", "„": '"', "(": ")"}
_CLOSING = frozenset(".,;:!?…。，！？")  # noqa: RUF001 - sentence ends of other scripts, as meant
_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("‘’‛", "'"),  # noqa: RUF001 - curly quotes, as meant
        **dict.fromkeys("“”‟", '"'),
        **dict.fromkeys("−‐‑", "-"),  # noqa: RUF001 - the minus sign and the two hyphens, as meant
        **dict.fromkeys("\ufeff\u200b\u2060\u00ad", None),
    }
)
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^\n`]*\n(.*?)\n?[ \t]*\1\s*", re.DOTALL)
_LONGEST_READING = 2_000


def tidied(text: str) -> str:
    """Unicode NFKC, plain quotes and hyphens, single spaces; upper and lower case stay."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHIC)).translate(_TYPOGRAPHIC)
    return " ".join(text.split())


def folded(text: str) -> str:
    """`text` without differences of case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text.casefold())


def bare(text: str) -> str:
    """`text` without the quotes, brackets and emphasis around it, and without its full stop.

    Only pairs are removed, so that `-5`, `C++` and `$20` stay what they are. A text that
    consists of nothing else is left alone.
    """
    start, end = 0, len(text)
    while start < end:
        first, last = text[start], text[end - 1]
        if last in _CLOSING or last.isspace():
            end -= 1
        elif first.isspace():
            start += 1
        elif end - start > 1 and _PAIRS.get(first) == last:
            start, end = start + 1, end - 1
        else:
            break
    return text[start:end] or text


def normalized(text: str) -> str:
    """The form in which two texts that say the same are equal; articles and words all stay."""
    return folded(bare(tidied(without_fence(text))))


def without_fence(text: str) -> str:
    """The inside of a code fence that holds the whole of `text`; otherwise `text` itself."""
    if "```" not in text and "~~~" not in text:
        return text
    found = _FENCE.fullmatch(text)
    return found[2] if found else text


def accepted_texts(target: JsonValue) -> tuple[str, ...]:
    """The answers a target accepts: each entry of a list, or the one value. Numbers become text."""
    entries = target if isinstance(target, list) else [target]
    return tuple(entry if isinstance(entry, str) else json.dumps(entry) for entry in entries)


def too_long(answer: str, statistics: tuple[float, ...] = ()) -> Score:
    """The judgement of an answer beyond `MOST_COMPARED`: part of it would be another answer."""
    reason = f"the answer has {len(answer):,} characters; more than {MOST_COMPARED:,} are not compared"
    return Score(0.0, None, reason, is_valid=False, statistics=statistics)


def text_problems(items: Iterable[Item]) -> list[Problem]:
    """Targets that hold no text to compare with."""
    found = []
    for item in items:
        entries: Sequence[JsonValue] = item.target if isinstance(item.target, list) else [item.target]
        if not entries:
            found.append(Problem(item.id, "the target is an empty list, so no answer could be right"))
        elif item.target is not None and any(entry is None or _is_structure(entry) for entry in entries):
            found.append(
                Problem(item.id, f"the target {shown(item.target)} is neither text nor a list of texts")
            )
    return found


def shown(value: JsonValue, longest: int = 60) -> str:
    """`value` in short, for a message."""
    if isinstance(value, str):
        value = value[: longest + 1]  # The rest would be cut off below.
    text = json.dumps(value, ensure_ascii=False, default=str)
    return storable(text if len(text) <= longest else f"{text[: longest - 1]}…")


def storable(text: str, longest: int = _LONGEST_READING) -> str:
    """`text` cut to `longest` characters, with half surrogates replaced, which no file can hold."""
    if len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _is_structure(value: JsonValue) -> bool:
    return isinstance(value, dict | list)


def score_of_likeness(likeness: float, threshold: float, reading: str, item: Item) -> Score:
    """The likeness itself, or with a threshold 1.0 from there on and 0.0 below."""
    value = float(likeness >= threshold) if threshold else likeness
    explanation = "" if value == 1 else f"{likeness:.0%} like {shown(item.target)}"
    return Score(value, storable(reading), explanation)
