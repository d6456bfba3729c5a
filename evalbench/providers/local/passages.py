"""A text with its words, lines and candidate values, looked at once and read many times."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from evalbench.core.evalset import Prompt
from evalbench.providers.local.patterns import matches
from evalbench.providers.local.reading import field_marks, full_text

_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)?|[^\w\s]")
_REPEATED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of a passage that may be a value: characters `start` to `end`, and what it looks like."""

    start: int
    end: int
    text: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the values of a field may come from: patterns, and runs of up to `longest` words."""

    patterns: tuple[str, ...]
    longest: int = 0


class Passage:
    """One prompt, cut into words with their places."""

    def __init__(self, prompt: Prompt) -> None:
        self.text = full_text(prompt)
        self.marks = field_marks(prompt.fields)
        found = list(_TOKEN.finditer(self.text))
        self.words = [match.group().lower() for match in found]
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]

    def candidates(self, sources: Sources) -> list[Candidate]:
        """Every piece that may be a value, in the order of the text."""
        found: Mapping[tuple[int, int], tuple[str, ...]] = matches(self.text, sources.patterns)
        spans = dict(found)
        if sources.longest:
            for first in range(len(self.words)):
                for last in range(first, min(first + sources.longest, len(self.words))):
                    spans.setdefault((self.starts[first], self.ends[last]), ())
        return [
            Candidate(start, end, self.text[start:end], names)
            for (start, end), names in sorted(spans.items())
        ]

    def places(self, candidate: Candidate) -> tuple[int, int]:
        """The number of the first word of a candidate, and that of the word after it."""
        return bisect_right(self.ends, candidate.start), bisect_left(self.starts, candidate.end)

    def word(self, place: int) -> str:
        """The word at a place; beyond the ends there is an edge."""
        if 0 <= place < len(self.words):
            return self.words[place]
        return "<start>" if place < 0 else "<end>"

    def line(self, start: int) -> str:
        """What stands before a character in its line."""
        return self.text[self.text.rfind("\n", 0, start) + 1 : start]


class _Looks(dict[int, str]):
    def __missing__(self, sign: int) -> str:
        letter = chr(sign)
        look = "9" if letter.isdigit() else "A" if letter.isupper() else "a" if letter.isalpha() else letter
        self[sign] = look
        return look


_LOOKS = _Looks()


@lru_cache(maxsize=20_000)
def shape(text: str) -> str:
    """The look of a text: `KP.52833.H` is `A.9.A`."""
    return _REPEATED.sub(r"\1", text.translate(_LOOKS))[:24]
