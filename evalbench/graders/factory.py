"""Make the grader that an eval set asks for."""

from __future__ import annotations

from pathlib import Path

from evalbench.core.evalset import GraderSpec, Task
from evalbench.core.score import Grader
from evalbench.graders.user_function import UserFunction
from evalbench.registry import load


def make_grader(spec: GraderSpec, task: Task, folder: Path) -> Grader:
    """The grader named by `spec`: a known name, or a function as `file.py:name` in `folder`."""
    if ":" in spec.name:
        return UserFunction(spec.name, spec.options, folder)
    make = load("graders", spec.name)
    # Few graders read files of their own, which lie beside the eval set.
    more = (folder,) if getattr(make, "reads_files", False) else ()
    grader: Grader = make(spec.options, task, *more)
    return grader
