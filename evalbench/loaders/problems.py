"""Collect everything that is wrong with an eval set, so that it is told once and in one go."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evalbench.errors import EvalSetError

_SHOWN = 20


@dataclass(slots=True)
class Problems:
    """What was found so far: problems stop a run, warnings only when asked to, notes never.

    The first fix that can be pasted becomes the fix of the error.
    """

    found: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fix: str | None = None

    def add(self, path: Path | str, line: int | None, message: str, fix: str | None = None) -> None:
        """Note one problem and where it is."""
        place = path.name if isinstance(path, Path) else path
        self.found.append(f"{place}:{line}: {message}" if line else f"{place}: {message}")
        self.fix = self.fix or fix

    def warn(self, message: str) -> None:
        """Note something that makes results doubtful."""
        self.warnings.append(message)

    def note(self, message: str) -> None:
        """Note something that is allowed, but should be known."""
        self.notes.append(message)

    def include(self, error: EvalSetError) -> None:
        """Take over what another check has found."""
        self.found += error.problems or (error.problem,)
        self.fix = self.fix or error.fix

    @property
    def remedy(self) -> str:
        """What to do about the problems."""
        lines = "this line" if len(self.found) == 1 else "these lines"
        return self.fix or f"mend {lines}; nothing is dropped in silence."

    def error(self, name: str) -> EvalSetError:
        """All problems as one error, the first of them spelled out."""
        shown = self.found[:_SHOWN]
        if len(self.found) > _SHOWN:
            shown.append(f"and {len(self.found) - _SHOWN} more")
        plural = "problem" if len(self.found) == 1 else "problems"
        return EvalSetError(f"{len(self.found)} {plural} in {name}", self.remedy, shown)
