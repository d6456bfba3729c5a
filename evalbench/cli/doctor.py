"""`evalbench doctor`: what would stop a run."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.core import money
from evalbench.errors import ExitCode, InputError


def doctor(
    *,
    call: Annotated[bool, typer.Option("--call", help="Ask every tier for one small answer.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --call: say what would be asked, ask nobody.")
    ] = False,
    max_spend: options.MaxSpend = None,
    config: options.Config = None,
    models: options.Models = None,
    ledger: options.Ledger = None,
    env_file: options.EnvFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Check configuration, keys, endpoints, prices, eval sets and ledger; leaves with 2 if a run would stop.

    Keys are never shown. Without --call no model is asked anything: only addresses in the
    configuration are tried, and servers on this machine are asked for the names of their models.
    """
    from evalbench.cli.screen import terminal
    from evalbench.workflows.doctor import Call
    from evalbench.workflows.doctor import doctor as doctor_workflow

    if dry_run and not call:
        raise InputError("--dry-run says what --call would ask", "add --call, or leave --dry-run out.")
    project = ProjectOptions(config, options.split(models), ledger=ledger, env_file=env_file)
    checks = doctor_workflow(project, Call(dry_run, max_spend) if call else None)
    if as_json:
        terminal.print_json(checks)
    else:
        for check in checks:
            mark = "BAD" if not check.is_good else "-- " if check.is_skipped else "ok "
            print(f"{mark} {check.name}: {check.detail}")
            if check.fix is not None:
                print(f"      fix: {check.fix}")
    if not all(check.is_good for check in checks):
        raise typer.Exit(ExitCode.BAD_INPUT)
    left_out = sum(check.is_skipped for check in checks)
    if left_out:
        terminal.advise(f"error: {left_out:,} tiers were not asked: they could have gone over the spend cap")
        enough = money.rounded_up(sum(check.most_usd or 0.0 for check in checks))
        terminal.advise(f"  fix: raise the cap with --max-spend {enough}")
        raise typer.Exit(ExitCode.INCOMPLETE)
