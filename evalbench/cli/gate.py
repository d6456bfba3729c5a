"""`evalbench gate`: accept a run as the bar, check another against it, and learn how steady that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import GateOptions, ProjectOptions
from evalbench.cli import options

gate = typer.Typer(help="Fail a build when a task got worse than what was accepted.", rich_markup_mode=None)

BaselineFile = Annotated[
    Path, typer.Option("--baseline", help="The accepted scores, a file to commit.", show_default=False)
]


@gate.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    options.help_without_command(context)


@gate.command("accept")
def accept_run(
    run: options.RunReference = "latest",
    *,
    baseline: BaselineFile,
    config: options.Config = None,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Write a run's scores to a file that later runs are checked against; no text of it is kept."""
    from evalbench.cli.screen import gate as screen
    from evalbench.workflows.gate import accept

    accepted = accept(ProjectOptions(config, ledger=ledger), run, baseline)
    screen.show_accepted(accepted, as_json=as_json, flags=options.whereabouts(config, ledger))


@gate.command("check")
def check_run(
    run: options.RunReference = "latest",
    *,
    baseline: BaselineFile,
    anchor: Annotated[
        Path | None,
        typer.Option(
            help="A second, frozen baseline, e.g. of the last release: both are tested.", show_default=False
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail also where it cannot be told.")] = False,
    tasks: Annotated[str | None, typer.Option(help="Only these tasks, e.g. a,b.", show_default=False)] = None,
    all_tiers: Annotated[
        bool, typer.Option("--all-tiers", help="Guard every tier, not only the deployed one.")
    ] = False,
    min_mde: Annotated[
        float | None,
        typer.Option(
            help="Refuse a gate that cannot see a drop of this size 4 times in 5, e.g. 0.05.",
            min=0.0001,
            max=1,
            show_default=False,
        ),
    ] = None,
    max_cost_increase: Annotated[
        float | None,
        typer.Option(help="Fail when an item costs more by this share, e.g. 0.2.", min=0, show_default=False),
    ] = None,
    max_p95_increase: Annotated[
        float | None,
        typer.Option(help="Fail when p95 is shown to be longer by this share.", min=0, show_default=False),
    ] = None,
    max_missing: Annotated[
        float, typer.Option(help="Judge nothing where more answers are missing.", min=0, max=1)
    ] = 0.05,
    min_effect: Annotated[
        float, typer.Option(help="Never fail for a smaller drop, however sure.", min=0, max=1)
    ] = 0.0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Folder for junit.xml and gate.md. Default: that of the run.",
            show_default=False,
        ),
    ] = None,
    no_texts: options.NoTexts = False,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare a run with an accepted one.

    Leaves with 1 for a proven regression or a broken limit, 3 where too many answers are missing.
    """
    from evalbench.cli.screen import gate as screen
    from evalbench.workflows.gate import check_run as check

    asked = GateOptions(
        baseline=baseline,
        anchor=anchor,
        tasks=options.split(tasks),
        all_tiers=all_tiers,
        strict=strict,
        most_missing=max_missing,
        max_cost_increase=max_cost_increase,
        max_p95_increase=max_p95_increase,
        min_effect=min_effect,
        min_mde=min_mde,
        out=output,
        with_texts=not no_texts,
    )
    checked = check(ProjectOptions(config, ledger=ledger, reports=out), run, asked)
    screen.finish_check(checked, as_json=as_json, flags=options.whereabouts(config, ledger))


@gate.command("noise")
def gate_noise(
    run: options.RunReference = "latest",
    *,
    baseline: Annotated[
        Path | None,
        typer.Option(help="Look at the tiers that this baseline guards.", show_default=False),
    ] = None,
    tasks: Annotated[str | None, typer.Option(help="Only these tasks, e.g. a,b.", show_default=False)] = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Say how often this gate would flip with nothing changed, and what it can see."""
    from evalbench.cli.screen import gate_noise as screen
    from evalbench.workflows.gate_noise import noise

    found = noise(ProjectOptions(config, ledger=ledger), run, baseline, options.split(tasks))
    screen.show_noise(found, as_json=as_json)
