"""Which labels a tier mistakes for which, for tasks that are graded by label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.observations import integers, rows_of, trial_scores
from evalbench.core.estimate import ClassScore, Confusion
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun

OTHER = "(other)"
"""The column of answers that named no known label."""


def confusion_of(run: TaskRun, tier: Tier) -> Confusion | None:
    """What was expected against what was read; None for tasks not graded by label.

    A failure of the model counts under `(other)`; missing answers and items without a target
    are left out. Every repeat counts.
    """
    if not run.has_labels:
        return None
    facts, rows = run.facts, rows_of(run, tier)
    targets = integers(facts.target)[integers(run.figures.item)[rows]]
    judged = rows[(targets >= 0) & ~np.isnan(trial_scores(run)[rows])]
    labels = run.task.labels or tuple(sorted(facts.targets))
    if not len(judged) or not labels:
        return None
    counts = _crossed(run, judged, labels)
    columns = (*labels, OTHER) if counts[:, -1].any() else labels
    return Confusion(
        tier=tier,
        rows=labels,
        columns=columns,
        counts=tuple(tuple(int(count) for count in row[: len(columns)]) for row in counts),
        classes=tuple(_class_score(label, number, counts) for number, label in enumerate(labels)),
    )


def _crossed(run: TaskRun, rows: NDArray[np.int64], labels: Sequence[str]) -> NDArray[np.int64]:
    """Counts by expected and read label number; the last column is `(other)`."""
    numbers, other = {label: number for number, label in enumerate(labels)}, len(labels)
    # A target outside the list has no row; the eval set's check names it.
    expected_of = np.array([numbers.get(target, -1) for target in run.facts.targets])
    expected = expected_of[integers(run.facts.target)[integers(run.figures.item)[rows]]]
    readings = (run.figures.readings[row] for row in rows.tolist())
    read = np.array([other if reading is None else numbers.get(reading, other) for reading in readings])
    has_row = expected >= 0
    size = len(labels) * (other + 1)
    counted = np.bincount(expected[has_row] * (other + 1) + read[has_row], minlength=size)
    return np.asarray(counted.reshape(len(labels), other + 1), dtype=np.int64)


def _class_score(label: str, number: int, counts: NDArray[np.int64]) -> ClassScore:
    right = int(counts[number, number])
    support, predicted = int(counts[number].sum()), int(counts[:, number].sum())
    return ClassScore(
        label=label,
        precision=right / predicted if predicted else None,
        recall=right / support if support else None,
        f1=2 * right / (support + predicted) if support + predicted else None,
        support=support,
        predicted=predicted,
    )
