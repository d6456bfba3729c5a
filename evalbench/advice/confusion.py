"""Which labels a tier mistakes for which, for tasks that are graded by label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.observations import trial_score
from evalbench.core.estimate import ClassScore, Confusion
from evalbench.core.evalset import Item, JsonValue
from evalbench.core.models import Tier
from evalbench.core.run import TaskRun
from evalbench.core.trial import Trial

OTHER = "(other)"
"""The column of answers that named no known label."""


def confusion_of(run: TaskRun, tier: Tier, trials: Sequence[Trial]) -> Confusion | None:
    """What was expected against what was read; None for tasks not graded by label.

    A failure of the model counts under `(other)`; missing answers and items without a target
    are left out. Every repeat counts.
    """
    if not run.grader.startswith("label@"):
        return None
    items = {item.id: item for item in run.items if item.target is not None}
    judged = [trial for trial in trials if trial.item_id in items and trial_score(trial) is not None]
    labels = run.task.labels or tuple(sorted({_label(item) for item in items.values()}))
    if not judged or not labels:
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    pairs = [_pair(items[trial.item_id], trial, numbers) for trial in judged]
    counts = _crossed([pair for pair in pairs if pair is not None], len(labels))
    columns = (*labels, OTHER) if counts[:, -1].any() else labels
    return Confusion(
        tier=tier,
        rows=labels,
        columns=columns,
        counts=tuple(tuple(int(count) for count in row[: len(columns)]) for row in counts),
        classes=tuple(_class_score(label, number, counts) for number, label in enumerate(labels)),
    )


def _pair(item: Item, trial: Trial, numbers: dict[str, int]) -> tuple[int, int] | None:
    expected = numbers.get(_label(item))
    if expected is None:  # A target outside the list has no row; the eval set's check names it.
        return None
    other = len(numbers)
    reading = trial.score.reading if trial.score else None
    return expected, other if reading is None else numbers.get(reading, other)


def _label(item: Item) -> str:
    target: JsonValue = item.target
    return target if isinstance(target, str) else str(target)


def _crossed(pairs: Sequence[tuple[int, int]], size: int) -> NDArray[np.int64]:
    """Counts by expected and read label number; the last column is `(other)`."""
    import pandas as pd

    # Numbers instead of labels: a label such as `NA` must stay a label.
    frame = pd.DataFrame(pairs, columns=["expected", "read"])
    table = pd.crosstab(frame["expected"], frame["read"])
    filled = table.reindex(index=range(size), columns=range(size + 1), fill_value=0)
    counts: NDArray[np.int64] = filled.to_numpy(dtype=np.int64)
    return counts


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
