"""Judge summaries by the word sequences they share with a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from rapidfuzz.distance import LCSseq

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.stemmer import stem
from evalbench.graders.summary_level import words_in_common
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    shown,
    storable,
    text_problems,
    too_long,
)
from evalbench.graders.words import tokens

_VARIANTS = ("L", "Lsum", "1", "2", "3", "4")
_MOST_PAIRS = 100_000
"""Pairs of sentences up to which summaries are compared."""


class Rouge:
    """ROUGE-L, ROUGE-Lsum or ROUGE-N of the answer against the accepted text that fits best (Lin 2004).

    `variant: L` counts the longest common subsequence of words, `Lsum` those of sentences, each on a
    line of its own, `1` to `4` the word n-grams in common; `score` is their F-measure
    2 P R / (P + R), or `recall` or `precision` alone. With `stem: true` English words count without
    their endings. Nothing but letters and digits counts, and signs of scripts without spaces count
    one by one. Texts too short for one n-gram score 0 unless they are equal. It measures
    wording: a faithful summary in other words scores low, and a fluent untruth may not.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("rouge", options)
        self._variant = settings.choice("variant", _VARIANTS)
        self._score = settings.choice("score", ("f1", "recall", "precision"))
        self._is_stemming = settings.flag("stem")
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """The chosen measure, with the reference that gives the most."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        sentences, targets = self._sentences(answer), list(map(self._sentences, accepted_texts(item.target)))
        pairs = len(sentences) * max(map(len, targets), default=0)
        if pairs > _MOST_PAIRS:
            reason = f"the answer has {len(sentences):,} lines, too many to compare with each of the target"
            return Score(0.0, None, reason, is_valid=False)
        value = max((self._value(sentences, target) for target in targets), default=0.0)
        explanation = "" if value == 1 else f"expected {shown(item.target)}"
        return Score(value, storable(answer.strip()), explanation)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets without words to compare with."""
        return text_problems(items) + [
            Problem(item.id, f"the target {shown(item.target)} holds no words to compare with")
            for item in items
            if item.target is not None and any(not tokens(text) for text in accepted_texts(item.target))
        ]

    def _sentences(self, text: str) -> list[list[str]]:
        """The words of each line, or of the whole as one line where lines make no difference."""
        lines = text.split("\n") if self._variant == "Lsum" else [text]
        found = [words for words in map(tokens, lines) if words]
        return [list(map(stem, words)) for words in found] if self._is_stemming else found

    def _value(self, answer: Sequence[list[str]], target: Sequence[list[str]]) -> float:
        own, other = (list(chain.from_iterable(sentences)) for sentences in (answer, target))
        given, wanted = len(own), len(other)
        if self._variant == "Lsum":
            common = words_in_common(answer, target)
        elif self._variant == "L":
            common = _common_subsequence(own, other)
        else:
            length = int(self._variant)
            counted, expected = _ngrams(own, length), _ngrams(other, length)
            common, given, wanted = (counted & expected).total(), counted.total(), expected.total()
        if not given or not wanted:
            return float(bool(own) and own == other)
        if self._score == "recall":
            return common / wanted
        return common / given if self._score == "precision" else 2 * common / (given + wanted)


def _common_subsequence(answer: Sequence[str], target: Sequence[str]) -> int:
    numbers: dict[str, int] = {}
    # Numbers, because hashes of texts differ from process to process, and might coincide.
    own, other = ([numbers.setdefault(word, len(numbers)) for word in words] for words in (answer, target))
    return int(LCSseq.similarity(own, other))


def _ngrams(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(length)), strict=False))
