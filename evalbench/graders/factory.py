"""Make the grader that an eval set asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from evalbench.core.evalset import COMBINATIONS, GraderSpec, Task
from evalbench.core.score import AnyGrader, Grader, PairGrader
from evalbench.errors import GraderOptionError, InputError
from evalbench.graders.asking import Assessor
from evalbench.graders.combination import Combination, Part
from evalbench.graders.user_function import UserFunction
from evalbench.registry import load


def make_grader(
    spec: GraderSpec, task: Task, folder: Path, assessor: Callable[[], Assessor] | None = None
) -> Grader:
    """The grader named by `spec`, as `make_any_grader` makes it, where answers are judged one by one."""
    grader = make_any_grader(spec, task, folder, assessor)
    if isinstance(grader, PairGrader):
        raise InputError(
            f"grader {spec.name!r} compares two answers, and there is no score of one alone",
            f"make it the only grader of an eval set: `grader: {{name: {spec.name}, rubric: …}}`.",
        )
    return grader


def make_any_grader(
    spec: GraderSpec, task: Task, folder: Path, assessor: Callable[[], Assessor] | None = None
) -> AnyGrader:
    """The grader named by `spec`: a known name, a combination, or a function as `file.py:name` in `folder`.

    `assessor` gives the model that judges, and is only asked for it by graders that need one.
    """
    if ":" in spec.name:
        return UserFunction(spec.name, spec.options, folder)
    if spec.name in COMBINATIONS:
        return Combination(spec, list(_parts(spec, task, folder, assessor)))
    make = load("graders", spec.name)
    # Few graders read files of their own, which lie beside the eval set, or ask a model.
    more: tuple[object, ...] = (folder,) if getattr(make, "reads_files", False) else ()
    if getattr(make, "asks_a_model", False):
        if assessor is None:
            raise InputError(
                f"grader {spec.name!r} asks a model, which this command does not",
                "bring the answers in with --trust-scores, then judge them: evalbench grade RUN",
            )
        more = (*more, assessor())
    grader: AnyGrader = make(spec.options, task, *more)
    return grader


def _parts(
    spec: GraderSpec, task: Task, folder: Path, assessor: Callable[[], Assessor] | None
) -> Iterator[Part]:
    for number, (part, weight) in enumerate(spec.weighted_parts):
        try:
            yield Part(part.name, make_grader(part, task, folder, assessor), weight)
        except GraderOptionError as error:
            # The settings have a part of `weighted` beside its weight, and that of others as it is.
            below = ("grader",) if spec.name == "weighted" else ()
            raise error.within(spec.name, number, *below) from error
