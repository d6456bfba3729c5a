"""Eval sets as files: make one, list them, check them, look at one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.assembly.preparing import grader_of
from evalbench.assembly.project import load_sets, settle
from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet
from evalbench.errors import EvalbenchError, EvalSetError
from evalbench.loaders.check import CheckResult, check_paths
from evalbench.loaders.create import Created, create_evalset
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
    overrides = Overrides(
        input=options.input,
        target=options.target,
        prompt=options.prompt,
        id=options.id,
        group=options.group,
        grader=options.grader,
        task=options.task,
        max_drop=options.max_drop,
    )
    return create_evalset(file, folder or Path("evalsets") / file.stem, overrides)


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


def check(options: ProjectOptions, places: Sequence[str]) -> list[CheckResult]:
    """All problems and warnings of each set, its grader's doubts about targets included."""
    setting = settle(options)
    paths = find_evalsets(places, Path()) if places else find_evalsets(setting.patterns, setting.folder)
    return [_with_grader(result) for result in check_paths(paths, read_settings=read_evalset_file)]


def _with_grader(result: CheckResult) -> CheckResult:
    if result.problems:
        return result
    try:
        grader_of(load_evalset(result.path, read_settings=read_evalset_file))
    except EvalbenchError as error:
        problems = (error.problem, *getattr(error, "problems", ()))
        return replace(result, problems=problems, fix=error.fix)
    return result


@dataclass(frozen=True, slots=True)
class Described:
    """One eval set, and how its answers are spread."""

    evalset: EvalSet
    balance: tuple[tuple[str, int], ...]


def describe(options: ProjectOptions, name: str) -> Described:
    """The eval set of this name or place."""
    (evalset,) = load_sets(settle(options), SetOptions(evalsets=(name,)))
    counted = Counter(str(item.target) for item in evalset.items if item.target is not None)
    return Described(evalset, tuple(counted.most_common()) if evalset.task.labels else ())
