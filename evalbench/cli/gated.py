"""`evalbench run --gate FILE`: a run with a check behind it."""

from __future__ import annotations

from pathlib import Path

from evalbench.assembly.options import GateOptions, RunOptions
from evalbench.cli import options


def run_and_check(
    asked: RunOptions, baseline: Path, *, resume: str | None, strict: bool, quiet: bool, as_json: bool
) -> None:
    """Run, then check against `baseline`; leaves with the gate's exit code."""
    from evalbench.cli.screen import gate as screen
    from evalbench.cli.screen import live
    from evalbench.workflows.gated_run import gated_run

    check = GateOptions(baseline, strict=strict)
    found = gated_run(asked, live.listener(quiet=quiet), check, resume=resume)
    project = asked.project
    screen.finish_gated_run(
        found, baseline, as_json=as_json, flags=options.whereabouts(project.config, project.ledger)
    )
