"""Answer with what was answered before: the most frequent answer, the nearest item's, or a vote."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.learned import Answer, Constant, Learned
from evalbench.providers.local.ngrams import Vectors, word_pairs, word_parts
from evalbench.providers.local.reading import accepted_texts, full_text

_NEIGHBOURS = 9


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The answers of the training items whose texts are most alike; of several, they vote."""

    vectors: Vectors
    known: Any
    answers: tuple[str, ...]
    count: int

    def answer(self, prompt: Prompt) -> Answer:
        """The answer with the most alike texts behind it."""
        columns, values = self.vectors.row(full_text(prompt))
        query = np.zeros(self.known.shape[1], np.float32)
        query[columns] = values
        alike = self.known @ query / len(self.vectors.weighings)
        nearest = np.argsort(-alike, kind="stable")[: self.count]
        votes: dict[str, float] = {}
        for place in nearest:
            text = self.answers[place]
            votes[text] = votes.get(text, 0.0) + float(alike[place]) ** 2 + 1e-9
        best = max(votes, key=lambda text: votes[text])
        share = votes[best] / math.fsum(votes.values())
        return Answer(best, (float(alike[nearest[0]]), share))


def learn_most_frequent(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The small answerer."""
    return Constant(Counter(accepted_texts(item.target)[0] for item in items).most_common(1)[0][0])


def learn_nearest(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The medium answerer: words and pairs of words, one neighbour."""
    vectors, known = Vectors.learn([full_text(item.prompt) for item in items], (word_pairs,))
    return Neighbours(vectors, known, tuple(accepted_texts(item.target)[0] for item in items), 1)


def learn_voters(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The large answerer: words and word parts, several neighbours."""
    vectors, known = Vectors.learn([full_text(item.prompt) for item in items], (word_pairs, word_parts))
    return Neighbours(vectors, known, tuple(accepted_texts(item.target)[0] for item in items), _NEIGHBOURS)
