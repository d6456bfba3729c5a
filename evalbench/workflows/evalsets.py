"""Eval sets as files: make one, list them, check them, look at one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import any_grader_of
from evalbench.assembly.project import load_sets, overrides_of, refuse_several, settle
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.completion import Failure
from evalbench.core.evalset import EvalSet
from evalbench.core.models import Model
from evalbench.errors import EvalbenchError, EvalSetError
from evalbench.graders.asking import Assessor
from evalbench.loaders.check import CheckResult, check_paths
from evalbench.loaders.create import Created, create_evalset, labels_of
from evalbench.loaders.find import SETTINGS_NAME, find_evalsets, shipped_folder
from evalbench.loaders.load import load_evalset
from evalbench.loaders.settings import Overrides


@dataclass(frozen=True, slots=True)
class Listed:
    """An eval set in one line; `problem` is set where it cannot be used."""

    name: str
    place: str
    kind: str | None
    items: int
    train: int
    is_shipped: bool
    problem: str | None = None


def create(file: Path, folder: Path | None, options: SetOptions) -> Created:
    """Make an eval set from a file of rows: `evalsets/NAME` unless a folder is given."""
    return create_evalset(file, folder or Path("evalsets") / file.stem, overrides_of(options))


def list_sets(options: ProjectOptions) -> list[Listed]:
    """The project's eval sets, and the shipped ones that can be run by name."""
    setting = settle(options)
    try:
        own = find_evalsets(setting.patterns, setting.folder)
    except EvalSetError:
        own = []  # A project without eval sets of its own still has the shipped ones.
    shipped = sorted(path.parent for path in shipped_folder().glob(f"*/{SETTINGS_NAME}"))
    seen = {path.resolve() for path in own}
    return [
        *(_listed(path, is_shipped=path.resolve() in {each.resolve() for each in shipped}) for path in own),
        *(_listed(path, is_shipped=True) for path in shipped if path.resolve() not in seen),
    ]


def _listed(path: Path, *, is_shipped: bool) -> Listed:
    try:
        found = load_evalset(path, read_settings=read_evalset_file)
    except EvalbenchError as error:
        return Listed(path.name, str(path), None, 0, 0, is_shipped, error.problem)
    return Listed(
        found.name, str(path), found.task.kind.value, len(found.items), len(found.train), is_shipped
    )


def check(project: ProjectOptions, options: SetOptions) -> list[CheckResult]:
    """All problems and warnings of each set, its grader's doubts about targets included."""
    setting = settle(project)
    overrides = overrides_of(options)
    paths = (
        find_evalsets(options.evalsets, Path())
        if options.evalsets
        else find_evalsets(setting.patterns, setting.folder)
    )
    if overrides != Overrides():
        refuse_several(paths, are_named=bool(options.evalsets))
    results = check_paths(paths, overrides, read_settings=read_evalset_file)
    return [_with_grader(result, overrides) for result in results]


def _with_grader(result: CheckResult, overrides: Overrides) -> CheckResult:
    if result.problems:
        return result
    try:
        any_grader_of(load_evalset(result.path, overrides, read_settings=read_evalset_file), _whoever_judges)
    except EvalbenchError as error:
        problems = (error.problem, *getattr(error, "problems", ()))
        return replace(result, problems=problems, fix=error.fix)
    return result


def _whoever_judges() -> Assessor:
    """Rubric and options are checked here; which model judges is the project's affair."""
    return Assessor(Model("judge"), lambda _: Failure("judge", "this command asks no judge"))


@dataclass(frozen=True, slots=True)
class Described:
    """One eval set, and how its answers are spread."""

    evalset: EvalSet
    balance: tuple[tuple[str, int], ...]


def describe(project: ProjectOptions, options: SetOptions) -> Described:
    """The one eval set that is asked for, by name or place."""
    (evalset,) = load_sets(settle(project), options)
    counted = Counter(label for item in evalset.items for label in labels_of(item.target))
    return Described(evalset, tuple(counted.most_common()) if evalset.task.labels else ())
