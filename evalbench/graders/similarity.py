"""Judge answers by how many runs of characters they share with an accepted text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    normalized,
    score_of_likeness,
    text_problems,
    too_long,
)

_SHORTEST, _LONGEST = 3, 5
_DECIMALS = 9


class Similarity:
    """The cosine between answer and accepted text as vectors of their character n-grams.

    N-grams of 3 to 5 characters within words, each weighted 1 + ln(count), vectors of length 1.
    With `threshold` the score becomes 1.0 from there on and 0.0 below. All n-grams weigh alike (an
    inverse document frequency of 1): one learned from the eval set would change an item's score
    whenever another item is added. It sees shared words and word stems, not meaning: a negation
    costs next to nothing and a synonym a lot.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("similarity", options)
        self._threshold = settings.share("threshold", 0.0)
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer: str, item: Item) -> Score:
        """The cosine with the accepted text that is nearest, or what the threshold makes of it."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        reading = normalized(answer)
        likeness = self._likeness(reading, [normalized(text) for text in accepted_texts(item.target)])
        return score_of_likeness(likeness, self._threshold, reading, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text."""
        return text_problems(items)

    def _likeness(self, reading: str, accepted: Sequence[str]) -> float:
        if reading in accepted:
            return 1.0
        own = _weights(reading)
        return max((_cosine(own, _weights(text)) for text in accepted), default=0.0)


def _weights(text: str) -> dict[str, float]:
    """1 + ln(count) of every n-gram; a word has one space on either side, and n-grams stay within it."""
    counts: Counter[str] = Counter()
    for word in text.split():
        padded = f" {word} "
        for size in range(_SHORTEST, _LONGEST + 1):
            counts.update(padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
            if size >= len(padded):
                break  # A word no longer than this counts once, as a whole.
    return {ngram: 1 + math.log(count) for ngram, count in counts.items()}


def _cosine(own: Mapping[str, float], other: Mapping[str, float]) -> float:
    lengths = math.hypot(*own.values()) * math.hypot(*other.values())
    dot = math.fsum(weight * other[ngram] for ngram, weight in own.items() if ngram in other)
    return min(1.0, round(dot / lengths, _DECIMALS)) if lengths else 0.0
