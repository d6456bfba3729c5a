"""Make the grader that an eval set asks for."""

from __future__ import annotations

from pathlib import Path

from evalbench.core.evalset import COMBINATIONS, GraderSpec, Task
from evalbench.core.score import Grader
from evalbench.graders.combination import Combination, Part
from evalbench.graders.user_function import UserFunction
from evalbench.registry import load


def make_grader(spec: GraderSpec, task: Task, folder: Path) -> Grader:
    """The grader of `spec`: a known name, a combination, or a function as `file.py:name` in `folder`."""
    if ":" in spec.name:
        return UserFunction(spec.name, spec.options, folder)
    if spec.name in COMBINATIONS:
        parts = [
            Part(part.name, make_grader(part, task, folder), weight) for part, weight in spec.weighted_parts
        ]
        return Combination(spec, parts)
    grader: Grader = load("graders", spec.name)(spec.options, task)
    return grader
