"""Check eval sets without running anything: all problems and warnings of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.loaders.item_file import labelled
from evalbench.loaders.load import NOTHING_SAID, assemble
from evalbench.loaders.problems import Problems
from evalbench.loaders.settings import Overrides, ReadSettings


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one eval set holds, and everything that was found in it.

    `name` and `kind` are None when the set is too broken to tell. `fix` is for the first problem.
    """

    path: Path
    name: str | None
    kind: str | None
    items: int
    train: int
    unlabelled: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    inferred: tuple[str, ...]
    fix: str | None

    def is_usable(self, *, strict: bool = False) -> bool:
        """Whether a run would accept the set."""
        return not self.problems and not (strict and self.warnings)


def check_paths(
    paths: Sequence[Path], overrides: Overrides = NOTHING_SAID, *, read_settings: ReadSettings
) -> list[CheckResult]:
    """One result per path, in order; a set that cannot be read is a result too."""
    return [_check(path, overrides, read_settings) for path in paths]


def _check(path: Path, overrides: Overrides, read_settings: ReadSettings) -> CheckResult:
    problems = Problems()
    evalset = assemble(path, overrides, read_settings, problems)
    return CheckResult(
        path=path,
        name=evalset.name if evalset else None,
        kind=evalset.task.kind.value if evalset else None,
        items=len(evalset.items) if evalset else 0,
        train=len(evalset.train) if evalset else 0,
        unlabelled=len(evalset.items) - len(labelled(evalset.items)) if evalset else 0,
        problems=tuple(problems.found),
        warnings=tuple(problems.warnings),
        notes=tuple(problems.notes),
        inferred=evalset.task.inferred if evalset else (),
        fix=problems.remedy if problems.found else None,
    )
