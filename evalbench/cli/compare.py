"""`evalbench compare`: two stored runs, pair by pair."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options


def compare(
    first: Annotated[
        str, typer.Argument(metavar="RUN", help="A run id, its beginning, or `latest`.", show_default=False)
    ],
    second: Annotated[
        str, typer.Argument(metavar="RUN", help="The run to compare it with.", show_default=False)
    ],
    *,
    task: Annotated[str | None, typer.Option(help="Only this task.", show_default=False)] = None,
    tiers: Annotated[
        str | None,
        typer.Option("--tiers", "--tier", help="Only these tiers, e.g. small,large.", show_default=False),
    ] = None,
    no_texts: options.NoTexts = False,
    config: options.Config = None,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare two stored runs on the items they share; no model is called.

    Says for every task and tier whether the newer run is better, worse, or shows no difference,
    what was set up otherwise, and which items changed. Whatever it finds, it ends with 0.
    """
    from evalbench.cli.screen import changes, changes_json, terminal
    from evalbench.workflows import compare as workflow

    compared = workflow.compare(
        ProjectOptions(config, ledger=ledger),
        first,
        second,
        workflow.Choice(
            task=task,
            tiers=options.split(tiers),
            most=None if as_json else changes.MOST,
            with_texts=not no_texts,
        ),
    )
    if as_json:
        terminal.print_json(changes_json.compared_json(compared))
        return
    terminal.show_lines(changes.compared_lines(compared))
    terminal.advise(f"next: {changes.next_command(compared)}{options.whereabouts(config, ledger)}")
