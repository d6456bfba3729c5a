"""Judge answers by how alike they are to an accepted text: in runs of characters, or in meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalbench.core.evalset import Item, JsonValue, Task
from evalbench.core.score import Problem, Score
from evalbench.graders.options import GraderOptions
from evalbench.graders.sentence_model import MODEL, MOST_PIECES, SentenceModel, sentence_model
from evalbench.graders.text import (
    MOST_COMPARED,
    NO_TARGET,
    accepted_texts,
    normalized,
    score_of_likeness,
    shown,
    text_problems,
    too_long,
)

_SHORTEST, _LONGEST = 3, 5
_DECIMALS = 9
_MODEL_DECIMALS = 4
"""What processors agree on when they add up the same numbers in another order."""

_UNKNOWN_TEXT = f"holds too little that {MODEL} knows, which is English"


class Similarity:
    """The cosine between answer and accepted text, each as a vector.

    `method: ngrams`: n-grams of 3 to 5 characters within words, each weighted 1 + ln(count), vectors of
    length 1. All n-grams weigh alike (an inverse document frequency of 1): one learned from the eval set
    would change an item's score whenever another item is added. It sees shared words and word stems,
    not meaning: a negation costs next to nothing and a synonym a lot.

    `method: minilm`: what a small sentence model, for English, makes of both. Synonyms are near, and
    negations still are too. It reads 256 word pieces and says where a text is longer. A cosine
    below 0 scores 0. The model is a package of its own, without which the grader cannot be made.

    With `threshold` the score becomes 1.0 from there on and 0.0 below.
    """

    def __init__(self, options: Mapping[str, JsonValue], task: Task) -> None:  # noqa: ARG002 - all graders are made alike
        settings = GraderOptions("similarity", options)
        self._threshold = settings.share("threshold", 0.0)
        self.is_slow = settings.choice("method", ("ngrams", "minilm")) == "minilm"
        self.accepts_truncated = settings.flag("accept_truncated")
        signed = settings.sign(version=1)
        self._model = sentence_model() if self.is_slow else None
        self.signature = f"{signed}+{MODEL}" if self.is_slow else signed

    def grade(self, answer: str, item: Item) -> Score:
        """The cosine with the accepted text that is nearest, or what the threshold makes of it."""
        if item.target is None:
            return NO_TARGET
        if len(answer) > MOST_COMPARED:
            return too_long(answer)
        reading, texts = normalized(answer), accepted_texts(item.target)
        accepted = [normalized(text) for text in texts]
        if reading in accepted:
            return score_of_likeness(1.0, self._threshold, reading, item)
        if self._model is not None:
            return self._by_meaning(self._model, answer, texts, item)
        own = _weights(reading)
        likeness = max((_cosine(own, _weights(text)) for text in accepted), default=0.0)
        return score_of_likeness(likeness, self._threshold, reading, item)

    def check(self, items: Sequence[Item]) -> list[Problem]:
        """Targets that are no text, or that mean nothing to the model."""
        found = text_problems(items)
        if self._model is None:
            return found
        bad = {problem.item_id for problem in found}
        return found + [
            Problem(item.id, f"the target {shown(text)} {_UNKNOWN_TEXT}")
            for item in items
            if item.target is not None and item.id not in bad
            for text in accepted_texts(item.target)
            if text and not self._model.pieces(text).is_known
        ]

    def _by_meaning(self, model: SentenceModel, answer: str, texts: Sequence[str], item: Item) -> Score:
        own, others = model.pieces(answer), [model.pieces(text) for text in texts]
        if not own.is_known:
            return Score(0.0, None, f"the answer {shown(answer)} {_UNKNOWN_TEXT}", is_valid=False)
        vector = model.vector(own)
        cosines = [float(vector @ model.vector(other)) for other in others if other.is_known]
        likeness = min(1.0, max(0.0, round(max(cosines, default=0.0), _MODEL_DECIMALS)))
        score = score_of_likeness(likeness, self._threshold, answer[: own.characters].strip(), item)
        cuts = [f"the first {own.characters:,} characters of the answer"] if own.is_cut else []
        cuts += ["the beginning of the target"] if any(other.is_cut for other in others) else []
        if not cuts:
            return score
        said = f"the model reads {MOST_PIECES} word pieces: only {' and '.join(cuts)}"
        return replace(score, explanation="; ".join(filter(None, (score.explanation, said))))


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
