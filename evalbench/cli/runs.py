"""`evalbench runs`: what is stored, and its removal."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options


class ListsByDefault(TyperGroup):
    """Lists the runs where no subcommand is named, with the options that listing has."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments as those of `list`, unless they begin with another subcommand."""
        is_named = bool(args) and (args[0] == "--help" or not args[0].startswith("-"))
        parsed: list[str] = super().parse_args(ctx, args if is_named else ["list", *args])
        return parsed


runs = typer.Typer(
    cls=ListsByDefault, help="List stored runs, newest first, or remove them.", rich_markup_mode=None
)


@runs.command("list")
def list_runs(
    *, config: options.Config = None, ledger: options.Ledger = None, as_json: options.AsJson = False
) -> None:
    """List stored runs, newest first."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.runs import list_stored

    found = list_stored(ProjectOptions(config, ledger=ledger))
    if as_json:
        terminal.print_json(found)
    elif not found:
        terminal.advise("no run is stored yet; make one with `evalbench run`, or `evalbench demo`")
    else:
        terminal.show_rows(
            ("run", "state", "items", "tiers", "tasks"),
            [
                (each.id, each.state, f"{each.items:,}", ", ".join(each.tiers), ", ".join(each.tasks))
                for each in found
            ],
        )


@runs.command("rm")
def remove_run(
    run: Annotated[str, typer.Argument(help="A run id, its beginning, or `latest`.")],
    *,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Remove a run with its texts and its reports.

    Answers that other runs use stay.
    """
    from evalbench.cli.screen import terminal
    from evalbench.workflows.runs import remove

    gone = remove(ProjectOptions(config, ledger=ledger, reports=out), run)
    if as_json:
        terminal.print_json(gone)
    else:
        print(f"removed run {gone.id} and {gone.answers:,} answers")


@runs.command("prune")
def prune_runs(
    *,
    older_than: Annotated[str, typer.Option(help="Remove runs older than this, e.g. 90d.")],
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Remove all old runs."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.runs import prune

    age_s = options.duration_s(older_than, "--older-than") or 0.0
    gone = prune(ProjectOptions(config, ledger=ledger, reports=out), age_s)
    if as_json:
        terminal.print_json(gone)
    else:
        print(f"removed {len(gone)} runs and {sum(each.answers for each in gone):,} answers")
