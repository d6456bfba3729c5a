"""`evalbench show`: one item of a stored run."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options


def show(
    run: options.RunReference,
    item: Annotated[str, typer.Argument(help="The id of an item.")],
    *,
    task: Annotated[
        str | None, typer.Option(help="The task, where several have such an item.", show_default=False)
    ] = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one item with every prompt, answer, score and cost."""
    from evalbench.cli.screen import items, terminal
    from evalbench.workflows.show import show as show_workflow

    shown = show_workflow(ProjectOptions(config, ledger=ledger), run, item, task)
    if as_json:
        terminal.print_json(items.item_json(shown))
        return
    for line in items.item_lines(shown):
        print(line)
