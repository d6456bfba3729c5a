"""`evalbench doctor`: what would stop a run."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import ExitCode


def doctor(
    *,
    call: Annotated[bool, typer.Option("--call", help="Ask every tier for one answer.")] = False,
    config: options.Config = None,
    models: options.Models = None,
    ledger: options.Ledger = None,
    env_file: options.EnvFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Check configuration, eval sets, tiers and ledger; leaves with 2 if a run would stop."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.doctor import doctor as doctor_workflow

    project = ProjectOptions(config, options.split(models), ledger=ledger, env_file=env_file)
    checks = doctor_workflow(project, call=call)
    if as_json:
        terminal.print_json(checks)
    else:
        for check in checks:
            print(f"{'ok ' if check.is_good else 'BAD'} {check.name}: {check.detail}")
            if check.fix is not None:
                print(f"      fix: {check.fix}")
    if not all(check.is_good for check in checks):
        raise typer.Exit(ExitCode.BAD_INPUT)
