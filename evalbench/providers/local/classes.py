"""Choose one of several labels for a text, at three levels of effort."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.learned import Answer, Constant, Learned
from evalbench.providers.local.ngrams import (
    Columns,
    Floats,
    Vectors,
    hashed_counts,
    sparse_matrix,
    weighted,
    word_pairs,
    word_parts,
    words,
)
from evalbench.providers.local.reading import accepted_texts, field_marks, full_text

BUCKETS = 2**15
_NEIGHBOURS = 15
STEEPNESS = 4.0  # turns margins around 1 into probabilities of about the size of the regression's
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class HashedBayes:
    """Naive Bayes on hashed words: a table look-up for each word (McCallum and Nigam 1998)."""

    labels: tuple[str, ...]
    table: Floats
    prior: Floats

    def answer(self, prompt: Prompt) -> Answer:
        """The label under which these words are the least surprising."""
        buckets, counts = hashed_counts(marked_terms(prompt), BUCKETS)
        scores = self.prior + weighted(self.table, np.array(buckets, np.int32), np.array(counts, np.float32))
        return _most_likely(self.labels, _shares(scores))


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """Multinomial logistic regression on words, pairs of words and word parts."""

    labels: tuple[str, ...]
    vectors: Vectors
    weights: Floats
    intercept: Floats

    def answer(self, prompt: Prompt) -> Answer:
        """The most probable label."""
        return _most_likely(self.labels, self.shares(*self.vectors.row(marked_text(prompt))))

    def shares(self, columns: Columns, values: Floats) -> Floats:
        """The probability of each label for a text already cut into terms."""
        return _shares(self.intercept + weighted(self.weights, columns, values))


@dataclass(frozen=True, slots=True)
class Vote:
    """Logistic regression, support vectors (Cortes and Vapnik 1995) and nearest neighbours vote."""

    linear: LinearClassifier
    margins: Floats
    offsets: Floats
    known: Any
    known_labels: Columns

    def answer(self, prompt: Prompt) -> Answer:
        """The label with the most of all votes."""
        columns, values = self.linear.vectors.row(marked_text(prompt))
        regression = self.linear.shares(columns, values)
        vectors = _shares(STEEPNESS * (self.offsets + weighted(self.margins, columns, values)))
        near = self._neighbours(columns, values)
        votes = np.log(regression + _SMALLEST) / 2 + np.log(vectors + _SMALLEST)
        shares = _shares(votes + 0.15 * np.log(near + 0.02))
        best = int(shares.argmax())
        found = _most_likely(self.linear.labels, shares)
        return Answer(found.text, (*found.evidence, float(regression[best]), float(near[best])))

    def _neighbours(self, columns: Columns, values: Floats) -> Floats:
        places, weights = nearest(self.known, columns, values)
        votes = np.zeros(len(self.linear.labels), np.float32)
        np.add.at(votes, self.known_labels[places], weights)
        total = float(votes.sum())
        return votes / total if total > 0 else votes


def learn_bayes(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The small classifier."""
    labels, known = _labelled(items)
    if len(labels) == 1:
        return Constant(labels[0])
    from sklearn.naive_bayes import MultinomialNB

    rows = [hashed_counts(marked_terms(item.prompt), BUCKETS) for item in items]
    model = MultinomialNB(alpha=0.02).fit(sparse_matrix(rows, BUCKETS), known)
    return HashedBayes(labels, by_column(model.feature_log_prob_), model.class_log_prior_.astype(np.float32))


def learn_linear(items: Sequence[Item], seed: int) -> Learned:
    """The medium classifier, and the linear one."""
    labels, known = _labelled(items)
    if len(labels) == 1:
        return Constant(labels[0])
    return _linear(items, labels, known, seed, tolerance=2e-3)[0]


def learn_vote(items: Sequence[Item], seed: int) -> Learned:
    """The large classifier."""
    labels, known = _labelled(items)
    if len(labels) == 1:
        return Constant(labels[0])
    from sklearn.svm import LinearSVC

    linear, matrix = _linear(items, labels, known, seed, tolerance=5e-4)
    model = LinearSVC(C=0.3, max_iter=10_000, random_state=seed).fit(matrix, known)
    margins, offsets = _for_each_label(model, len(labels))
    return Vote(linear, margins, offsets, matrix, known)


def _linear(
    items: Sequence[Item], labels: tuple[str, ...], known: Columns, seed: int, *, tolerance: float
) -> tuple[LinearClassifier, Any]:
    from sklearn.linear_model import LogisticRegression

    vectors, matrix = Vectors.learn([marked_text(item.prompt) for item in items], (word_pairs, word_parts))
    model = LogisticRegression(C=10.0, tol=tolerance, max_iter=1_000, random_state=seed).fit(matrix, known)
    return LinearClassifier(labels, vectors, *_for_each_label(model, len(labels))), matrix


def _for_each_label(model: Any, labels: int) -> tuple[Floats, Floats]:
    weights, offsets = np.asarray(model.coef_, np.float32), np.asarray(model.intercept_, np.float32)
    if labels == 2:  # noqa: PLR2004 - two labels share one row of weights
        weights = np.vstack((-weights / 2, weights / 2)).astype(np.float32)
        offsets = np.concatenate((-offsets / 2, offsets / 2)).astype(np.float32)
    return by_column(weights), offsets


def _labelled(items: Sequence[Item]) -> tuple[tuple[str, ...], Columns]:
    named = [accepted_texts(item.target)[0] for item in items]
    labels = tuple(sorted(set(named)))
    number = {label: index for index, label in enumerate(labels)}
    return labels, np.array([number[name] for name in named], np.int32)


def nearest(known: Any, columns: Columns, values: Floats) -> tuple[Columns, Floats]:
    """The rows of `known` that are most like a text cut into terms, and how much the voice of each counts."""
    query = np.zeros(known.shape[1], np.float32)
    query[columns] = values
    nearness = known @ query
    count = min(_NEIGHBOURS, len(nearness))
    places = np.argpartition(nearness, len(nearness) - count)[-count:].astype(np.int32)
    voices: Floats = nearness[places] ** 4
    return places, voices


def marked_text(prompt: Prompt) -> str:
    """A prompt's text with one word for each short field."""
    marks = field_marks(prompt.fields)
    return f"{full_text(prompt)}\n{' '.join(marks)}" if marks else full_text(prompt)


def marked_terms(prompt: Prompt) -> list[str]:
    """The words of a prompt, and one for each short field."""
    return words(full_text(prompt)) + field_marks(prompt.fields)


def by_column(weights: Any) -> Floats:
    """A row of weights for each label as a row for each term."""
    return np.ascontiguousarray(weights.T, np.float32)


def _shares(scores: Floats) -> Floats:
    risen = np.exp(scores - scores.max())
    found: Floats = risen / risen.sum()
    return found


def _most_likely(labels: tuple[str, ...], shares: Floats) -> Answer:
    best = int(shares.argmax())
    first = float(shares[best])
    second = float(np.partition(shares, -2)[-2])
    odds = math.log((first + _SMALLEST) / (1 - first + _SMALLEST))
    lead = math.log((first + _SMALLEST) / (second + _SMALLEST))
    return Answer(labels[best], (odds, lead))
