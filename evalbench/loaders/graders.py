"""Which grader judges a task and by which metric: what was said, checked, else what suits its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from evalbench.core.evalset import COMBINATIONS, PAIRWISE, GraderSpec, Item, TaskKind
from evalbench.core.score import NET_WIN_RATE, TRANSLATION_METRICS
from evalbench.errors import nearest
from evalbench.loaders.inference import GRADERS, LABELLED_KINDS, METRICS, is_number
from evalbench.registry import known

_COUNTING: Mapping[str, Sequence[str]] = {
    "macro_f1": ("label", "labels"),
    "micro_f1": ("label", "labels", "json_fields"),
    **{name: (name,) for name in TRANSLATION_METRICS},
    NET_WIN_RATE: (PAIRWISE,),
}
"""The graders whose scores carry what a metric is summed from."""

_TELLING = 1_000  # items that show whether there are lists; of a large set, each is read from a file

LABEL_GRADERS = frozenset({"label", "labels"})
"""Graders that need the list of all labels."""


def grader_problem(spec: GraderSpec, folder: Path) -> tuple[str, str] | None:
    """Why no such grader can be had, and what to do; None when all its parts are there."""
    if spec.name in COMBINATIONS and not spec.parts:
        return (
            f"the grader {spec.name!r} combines others and has none",
            f"say `grader: {{{spec.name}: [exact]}}`.",
        )
    for single in spec.singles:
        file_name, is_file, _ = single.name.partition(".py:")
        if is_file and not (folder / f"{file_name}.py").is_file():
            return (
                f"there is no file '{file_name}.py' for the grader {single.name!r}",
                f"put it into {folder}, or mend `grader:`.",
            )
        if ":" not in single.name and single.name not in known("graders"):
            nearest_name = nearest(single.name, known("graders"))
            return (
                f"there is no grader named {single.name!r}; {nearest_name}",
                f"say `grader:` {_any_grader()}",
            )
    return None


def default_grader(kind: TaskKind, metric: str | None, items: Sequence[Item]) -> GraderSpec | None:
    """The grader that suits a kind of task, or that its metric needs; None where there is none.

    `items` are those with a target: numbers alone are judged by their value, lists of labels as such.
    """
    if metric in TRANSLATION_METRICS and kind not in LABELLED_KINDS:
        return GraderSpec(metric)
    name = GRADERS.get(kind)
    if kind in LABELLED_KINDS and any(isinstance(each.target, list) for each in islice(items, _TELLING)):
        return GraderSpec("labels")
    if kind is TaskKind.REASONING and items:
        is_numeric = all(isinstance(item.target, str) and is_number(item.target) for item in items)
        name = "numeric" if is_numeric else name
    return None if name is None else GraderSpec(name)


def no_grader(kind: TaskKind) -> tuple[str, str]:
    """What is wrong, and what to do, where a kind of task has no grader by default."""
    return f"{kind} has no grader by default in this version", (
        f"say `grader:` {_any_grader()}; texts that may be good in many ways want judge or pairwise"
    )


def default_metric(kind: TaskKind, grader: GraderSpec) -> str:
    """The metric that suits a kind of task and its grader."""
    if grader.name in TRANSLATION_METRICS:
        return grader.name
    if grader.name == PAIRWISE:
        return NET_WIN_RATE
    return "accuracy" if kind in LABELLED_KINDS and grader.name != "labels" else "mean"


def metric_problem(metric: str, grader: GraderSpec) -> tuple[str, str] | None:
    """Why a metric cannot be computed from a grader's scores, and what to do; None when it can."""
    if metric not in METRICS:
        return (
            f"this version has no metric {metric!r}; {nearest(metric, METRICS)}",
            f"say `metric:` one of {', '.join(METRICS)}",
        )
    if grader.name == PAIRWISE and metric != NET_WIN_RATE:
        return f"the grader 'pairwise' only says who won, so {metric} cannot be told", "leave out `metric:`"
    counting = _COUNTING.get(metric, (grader.name,))
    if grader.name in counting:
        return None
    return f"{metric} needs the grader {' or '.join(counting)}, not {grader.name!r}", "say `metric: mean`"


def _any_grader() -> str:
    combined = ", ".join(f"{{{name}: […]}}" for name in COMBINATIONS[:2])
    return f"one of {', '.join(sorted(known('graders')))}, {combined}, or FILE.py:FUNCTION"
