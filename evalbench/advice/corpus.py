"""Metrics of a whole task: what they are computed by, and what a failed answer counts as."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evalbench.core.evalset import Item, Task
from evalbench.core.score import TRANSLATION_METRICS
from evalbench.errors import InputError
from evalbench.graders.text import accepted_texts
from evalbench.graders.translation import GRADERS, NgramCounts
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import Metric, macro_f1, micro_f1

_F1: Mapping[str, Metric] = {"macro_f1": macro_f1, "micro_f1": micro_f1}


def corpus_metric(task: Task) -> Metric | None:
    """The function from summed counts to the task's metric; None where it is a mean over items."""
    if task.metric not in TRANSLATION_METRICS:
        return _F1.get(task.metric)
    grader = _counting(task)
    return lambda sums: grader.corpus_score(sums.tolist())


def empty_counts(task: Task) -> Callable[[Item], Floats]:
    """What an answer without a single word counts as, by item: all there was to say is missing."""
    grader = _counting(task)
    return lambda item: np.array(grader.counts("", accepted_texts(item.target)), dtype=np.float64)


def _counting(task: Task) -> NgramCounts:
    if task.grader.name != task.metric:
        raise InputError(
            f"{task.name}: the metric {task.metric!r} needs the counts of the grader {task.metric!r}, "
            f"which {task.grader.name!r} does not give",
            f"set `metric: mean`, or grade the answers with {task.metric}.",
        )
    return GRADERS[task.metric](task.grader.options, task)
