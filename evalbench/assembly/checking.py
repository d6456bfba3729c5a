"""What a gate answers with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evalbench.assembly.options import GateOptions
from evalbench.core.baseline import GateResult
from evalbench.gate.check import Rules


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and the files it wrote; `to_resume` is the run that can ask for missing answers."""

    result: GateResult
    junit: Path
    markdown: Path
    to_resume: str | None


def rules_of(options: GateOptions) -> Rules:
    """The part of the options that judging needs."""
    return Rules(
        most_missing=options.most_missing,
        max_cost_increase=options.max_cost_increase,
        max_p95_increase=options.max_p95_increase,
        min_effect=options.min_effect,
        strict=options.strict,
    )
