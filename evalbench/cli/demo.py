"""`evalbench demo`: the main job on the shipped eval sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalbench.cli import options


def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write.", show_default="here")] = Path(),
    *,
    limit: Annotated[
        int | None, typer.Option(help="Only this many items of each set.", min=1, show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and stop.")] = False,
    max_spend: Annotated[
        float | None,
        typer.Option(
            help="Stop before more than this could be spent, at the price assumed for this machine.",
            min=0,
            show_default=False,
        ),
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Run some of the shipped eval sets on classical models, offline, ending in a report."""
    from evalbench.cli.screen import live
    from evalbench.cli.screen.first_look import finish_demo
    from evalbench.workflows.demo import demo as demo_workflow
    from evalbench.workflows.demo import ledger_in

    result = demo_workflow(
        folder, live.listener(quiet=quiet), limit=limit, max_spend_usd=max_spend, dry_run=dry_run
    )
    flags = options.whereabouts(None, None if folder == Path() else ledger_in(folder))
    finish_demo(result, as_json=as_json, flags=flags)
