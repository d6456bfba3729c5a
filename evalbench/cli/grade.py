"""`evalbench grade`: judge stored answers again."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import ExitCode, InputError


def grade(
    run: options.RunReference = "latest",
    *,
    grader: options.GraderName = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="An option of --grader, e.g. tolerance=0.01.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a judge would be asked, and stop.")
    ] = False,
    max_spend: options.MaxSpend = None,
    env_file: options.EnvFile = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Grade stored answers again, as a new run; no model is called unless the grader is a judge."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.grade import Regraded, Spend
    from evalbench.workflows.grade import grade as grade_workflow

    project = ProjectOptions(config, ledger=ledger, reports=out, env_file=env_file)
    regraded = grade_workflow(project, run, grader, _settings(option or []), Spend(max_spend, dry_run))
    if not isinstance(regraded, Regraded):
        terminal.show_plan(regraded, as_json=as_json)
        if not regraded.tiers:
            terminal.advise("no model would be called")
        return
    run_id = regraded.concluded.run.manifest.id
    changed = ", ".join(f"{task}: {number:,} scores changed" for task, number in regraded.changed.items())
    terminal.advise(f"run {regraded.source} graded again as run {run_id}; {changed}")
    terminal.show_concluded(regraded.concluded, as_json=as_json, flags=options.whereabouts(config, ledger))
    terminal.advise(f"report: {regraded.page}")
    if regraded.ungraded:
        terminal.advise(f"error: {regraded.ungraded:,} answers could not be graded; see the notes above")
        terminal.advise("  fix: mend what is said there, and give the same command again")
        raise typer.Exit(ExitCode.INCOMPLETE)


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise InputError(f"--option {pair!r} is not NAME=VALUE", "write e.g. --option tolerance=0.01.")
        settings[name] = value
    return settings
