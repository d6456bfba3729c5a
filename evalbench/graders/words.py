"""Take texts apart into words and sentences, in any script."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]  # the package has no type information

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts written without spaces: each of their signs stands for itself."""

_TOKEN = regex.compile(rf"[{_UNSPACED}]|[[^\W_]--[{_UNSPACED}]]+", regex.V1)
_WORD = regex.compile(
    rf"[{_UNSPACED}]|[[^\W_]--[{_UNSPACED}]]+(?:['\u2019\-][[^\W_]--[{_UNSPACED}]]+)*", regex.V1
)
_SENTENCE_END = regex.compile(
    r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s+[^\s\p{Ll}]|\s*$)|[\u3002\uff01\uff1f]+"
    r"|\n\s*\n|\n\s*(?=[-*\u2022]\s|\d{1,3}[.)]\s)",
    regex.V1,
)


def tokens(text: str) -> list[str]:
    """The runs of letters and digits of `text` in lower case; a sign of Chinese or Thai is one by itself.

    For texts in ASCII these are the tokens that ROUGE is defined on.
    """
    found: list[str] = _TOKEN.findall(text.lower())
    return found


def word_count(text: str) -> int:
    """How many words a reader would count: `don't` and `well-known` are one."""
    return sum(1 for _ in _WORD.finditer(text))


def sentence_count(text: str) -> int:
    """About how many sentences `text` has; list entries and paragraphs count as sentences.

    An approximation: an abbreviation before a capital, as in `Dr. Smith`, ends a sentence here.
    """
    return sum(1 for part in _SENTENCE_END.split(text) if part and _TOKEN.search(part))
