"""`evalbench grade`: judge stored answers again."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import InputError


def grade(
    run: options.RunReference = "latest",
    *,
    grader: options.GraderName = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="An option of --grader, e.g. tolerance=0.01.", show_default=False),
    ] = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Grade stored answers again, as a new run; no model is called."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.grade import grade as grade_workflow

    regraded = grade_workflow(
        ProjectOptions(config, ledger=ledger, reports=out), run, grader, _settings(option or [])
    )
    run_id = regraded.concluded.run.manifest.id
    changed = ", ".join(f"{task}: {number:,} scores changed" for task, number in regraded.changed.items())
    terminal.advise(f"run {regraded.source} graded again as run {run_id}; {changed}")
    terminal.show_concluded(regraded.concluded, as_json=as_json, flags=options.whereabouts(config, ledger))
    terminal.advise(f"report: {regraded.page}")


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise InputError(f"--option {pair!r} is not NAME=VALUE", "write e.g. --option tolerance=0.01.")
        settings[name] = value
    return settings
