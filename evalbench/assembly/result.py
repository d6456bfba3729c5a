"""What a run came to, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evalbench.assembly.concluded import Concluded
from evalbench.core.plan import Plan


@dataclass(frozen=True, slots=True)
class RunResult:
    """Its plan only after a dry run, otherwise all that follows from it.

    `missing` counts trials without an answer, `over_budget` those that the spend cap left out,
    `stopped` tells which endpoints were given up and why. `ungraded` counts answers that are
    there and that the grader could not judge.
    """

    plan: Plan
    concluded: Concluded | None = None
    page: Path | None = None
    over_budget: int = 0
    missing: int = 0
    stopped: tuple[str, ...] = ()
    ungraded: int = 0
