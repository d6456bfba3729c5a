"""Logistic regression on clues that are present or absent, quick for one case at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.providers.local.ngrams import sparse_matrix


@dataclass(frozen=True, slots=True)
class Indicators:
    """The weight of each clue for one yes-or-no question."""

    weights: dict[str, float]
    intercept: float

    def logit(self, clues: Sequence[str]) -> float:
        """The log odds of yes."""
        weights = self.weights
        return self.intercept + math.fsum([weights[clue] for clue in clues if clue in weights])


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answer; `weight` counts the like cases that were left out."""

    clues: Sequence[str]
    outcome: bool
    weight: float = 1.0


def learn_indicators(cases: Sequence[Case], seed: int) -> Indicators:
    """Fit the weights; clues seen once are left out, since they would only be learned by heart."""
    yes = sum(case.outcome for case in cases)
    if not 0 < yes < len(cases):
        return Indicators({}, math.log((yes + 1) / (len(cases) - yes + 1)))
    from sklearn.linear_model import LogisticRegression

    frequency: Counter[str] = Counter()
    for case in cases:
        frequency.update(case.clues)
    kept = [clue for clue, count in frequency.items() if count > 1]
    columns = {clue: column for column, clue in enumerate(kept)}
    rows = []
    for case in cases:
        found = [columns[clue] for clue in case.clues if clue in columns]
        rows.append((found, [1.0] * len(found)))
    model = LogisticRegression(C=1.0, solver="liblinear", tol=1e-3, random_state=seed)
    model.fit(
        sparse_matrix(rows, max(1, len(columns))),
        [case.outcome for case in cases],
        sample_weight=[case.weight for case in cases],
    )
    weights = model.coef_[0].tolist()
    return Indicators(dict(zip(kept, weights, strict=True)), float(model.intercept_[0]))
