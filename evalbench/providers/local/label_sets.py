"""Name every label that fits a text, at three levels of effort: for each label a yes or no of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from evalbench.core.evalset import Item, Prompt
from evalbench.providers.local.classes import (
    BUCKETS,
    STEEPNESS,
    by_column,
    marked_terms,
    marked_text,
    nearest,
)
from evalbench.providers.local.confidence import held_out_parts
from evalbench.providers.local.learned import Answer, Constant, Learned
from evalbench.providers.local.ngrams import (
    Floats,
    Vectors,
    hashed_counts,
    sparse_matrix,
    weighted,
    word_pairs,
    word_parts,
)
from evalbench.providers.local.reading import as_json, label_set

_CUTS = tuple(quarter / 4 for quarter in range(-16, 9))

Fits: TypeAlias = npt.NDArray[np.int8]
"""For each item and label 1 where the label fits, else 0."""


class Scorer(Protocol):
    """Scores the labels of a task for a prompt."""

    def log_odds(self, prompt: Prompt) -> Floats:
        """For each label the log odds that it fits."""
        ...


@dataclass(frozen=True, slots=True)
class LabelSets:
    """Names the labels whose log odds are above `cut`, and those that fitted every item in training."""

    labels: tuple[str, ...]
    always: frozenset[str]
    scorer: Scorer
    cut: float = 0.0

    def answer(self, prompt: Prompt) -> Answer:
        """The labels as a JSON list; the surer, the farther all of them are from the cut."""
        odds = self.scorer.log_odds(prompt) - self.cut
        sure = np.abs(odds)
        evidence = float(sure.min()), -float(np.logaddexp(0, -sure).sum())
        return Answer(as_json(sorted(self.named(odds))), evidence)

    def named(self, odds: Floats) -> frozenset[str]:
        """The labels with odds above 0, and those that always fit."""
        return self.always | {label for label, found in zip(self.labels, odds, strict=True) if found > 0}


@dataclass(frozen=True, slots=True)
class BayesScorer:
    """Naive Bayes on hashed words, label by label."""

    table: Floats
    prior: Floats

    def log_odds(self, prompt: Prompt) -> Floats:
        """How much likelier the words are where a label fits than where it does not."""
        buckets, counts = hashed_counts(marked_terms(prompt), BUCKETS)
        return self.prior + weighted(self.table, np.array(buckets, np.int32), np.array(counts, np.float32))


@dataclass(frozen=True, slots=True)
class LinearScorer:
    """Weights of words, pairs of words and word parts, label by label."""

    vectors: Vectors
    weights: Floats
    offsets: Floats

    def log_odds(self, prompt: Prompt) -> Floats:
        """The weights of what is in the text, summed."""
        columns, values = self.vectors.row(marked_text(prompt))
        return self.offsets + weighted(self.weights, columns, values)


@dataclass(frozen=True, slots=True)
class VoteScorer:
    """Weights of the same kind, and what fitted the nearest texts of training."""

    linear: LinearScorer
    known: Any
    known_fits: Floats

    def log_odds(self, prompt: Prompt) -> Floats:
        """The weights, and a smaller voice for the neighbours."""
        columns, values = self.linear.vectors.row(marked_text(prompt))
        odds = self.linear.offsets + weighted(self.linear.weights, columns, values)
        places, voices = nearest(self.known, columns, values)
        near = (weighted(self.known_fits, places, voices) + 0.02) / (voices.sum() + 0.04)
        return np.asarray(odds + 0.15 * np.log(near / (1 - near)), np.float32)


@dataclass(frozen=True, slots=True)
class _Sets:
    """The labels that fit some items of training and not others, those that fit all, and which fits where."""

    labels: tuple[str, ...]
    always: frozenset[str]
    fits: Fits

    @classmethod
    def of(cls, items: Sequence[Item]) -> _Sets:
        found = [label_set(item.target) for item in items]
        always = frozenset.intersection(*found)
        labels = tuple(sorted(frozenset.union(*found) - always))
        return cls(labels, always, np.array([[label in each for label in labels] for each in found], np.int8))

    def model(self, scorer: Scorer) -> LabelSets:
        return LabelSets(self.labels, self.always, scorer)

    @property
    def constant(self) -> Constant:
        """What is left to learn where there is no label to decide on."""
        return Constant(as_json(sorted(self.always)))


def learn_bayes_sets(items: Sequence[Item], seed: int) -> Learned:  # noqa: ARG001 - there is no chance in it
    """The small model."""
    sets = _Sets.of(items)
    if not sets.labels:
        return sets.constant
    from sklearn.naive_bayes import MultinomialNB

    rows = [hashed_counts(marked_terms(item.prompt), BUCKETS) for item in items]
    models = _one_vs_rest(MultinomialNB(alpha=0.02), sparse_matrix(rows, BUCKETS), sets.fits)
    table = np.vstack([np.diff(model.feature_log_prob_, axis=0) for model in models])
    prior = np.concatenate([np.diff(model.class_log_prior_) for model in models])
    return sets.model(BayesScorer(by_column(table), prior.astype(np.float32)))


def learn_linear_sets(items: Sequence[Item], seed: int) -> Learned:
    """The medium model, and the linear one: logistic regressions."""
    sets = _Sets.of(items)
    if not sets.labels:
        return sets.constant
    vectors, matrix = _vectors(items)
    return sets.model(LinearScorer(vectors, *_regressions(matrix, sets.fits, seed, tolerance=2e-3)))


def learn_tuned_sets(items: Sequence[Item], seed: int) -> Learned:
    """The large model: a vote, with the cut that served best on items held out."""
    whole = _learn_vote(items, seed)
    if isinstance(whole, Constant):
        return whole
    tried: list[tuple[LabelSets, list[Floats], list[frozenset[str]]]] = []
    for kept, held_out in held_out_parts(items, seed):
        part = _learn_vote(kept, seed)
        if isinstance(part, LabelSets):
            odds = [part.scorer.log_odds(item.prompt) for item in held_out]
            tried.append((part, odds, [label_set(item.target) for item in held_out]))

    def served(cut: float) -> tuple[float, float]:
        """F1 summed over the items; of equals the cut nearest to even odds."""
        return math.fsum(
            _f1(part.named(odds - cut), wanted)
            for part, found, targets in tried
            for odds, wanted in zip(found, targets, strict=True)
        ), -abs(cut)

    return replace(whole, cut=max(_CUTS, key=served))


def _learn_vote(items: Sequence[Item], seed: int) -> LabelSets | Constant:
    """Logistic regressions, support vectors and nearest neighbours, for each label apart."""
    sets = _Sets.of(items)
    if not sets.labels:
        return sets.constant
    from sklearn.svm import LinearSVC

    vectors, matrix = _vectors(items)
    weights, offsets = _regressions(matrix, sets.fits, seed, tolerance=5e-4)
    model = LinearSVC(C=1.0, max_iter=10_000, class_weight="balanced", random_state=seed)
    margins, places = _weights(_one_vs_rest(model, matrix, sets.fits))
    # Both are weights of the same terms, so their mean is one table.
    linear = LinearScorer(vectors, _mean(weights, margins), _mean(offsets, places))
    return sets.model(VoteScorer(linear, matrix, sets.fits.astype(np.float32)))


def _mean(regressions: Floats, vectors: Floats) -> Floats:
    found: Floats = np.float32(0.5) * (regressions + np.float32(STEEPNESS) * vectors)
    return found


def _vectors(items: Sequence[Item]) -> tuple[Vectors, Any]:
    return Vectors.learn([marked_text(item.prompt) for item in items], (word_pairs, word_parts))


def _regressions(matrix: Any, fits: Fits, seed: int, *, tolerance: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    # Balanced, since most labels fit few items, and a model that names none would look good.
    model = LogisticRegression(
        C=10.0, tol=tolerance, max_iter=1_000, class_weight="balanced", random_state=seed
    )
    return _weights(_one_vs_rest(model, matrix, fits))


def _one_vs_rest(model: Any, matrix: Any, fits: Fits) -> list[Any]:
    from sklearn.multiclass import OneVsRestClassifier

    found: list[Any] = OneVsRestClassifier(model).fit(matrix, fits).estimators_
    return found


def _weights(models: Sequence[Any]) -> tuple[Floats, Floats]:
    weights = np.vstack([model.coef_ for model in models])
    return by_column(weights), np.concatenate([model.intercept_ for model in models]).astype(np.float32)


def _f1(found: frozenset[str], wanted: frozenset[str]) -> float:
    both = len(found) + len(wanted)
    return 2 * len(found & wanted) / both if both else 1.0
