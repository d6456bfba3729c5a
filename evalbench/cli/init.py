"""`evalbench init`: start a project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ModelChoice
from evalbench.cli import options


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write.", show_default="here")] = Path(),
    *,
    provider: Annotated[
        str | None,
        typer.Option(help="Propose models of this provider, e.g. anthropic.", show_default=False),
    ] = None,
    local: Annotated[
        bool,
        typer.Option("--local", help="Propose only what answers on this machine, else classical models."),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Write a commented evalbench.yaml and an eval set to edit, with models that are within reach.

    It looks for key variables by name, never at their values, and for model servers on this
    machine. Nothing is asked, overwritten or sent elsewhere.
    """
    from evalbench.cli.screen import terminal
    from evalbench.workflows.init import Surroundings
    from evalbench.workflows.init import init as init_workflow

    started = init_workflow(folder, ModelChoice(provider, local), Surroundings(os.environ))
    if as_json:
        terminal.print_json(
            {
                "config": str(started.config),
                "evalset": str(started.evalset),
                "tiers": started.tiers,
                "found": started.found,
                "proposed": started.proposed,
                "next": [command for command, _ in started.commands],
            }
        )
        return
    for heading, sentences in (("found", started.found), ("proposed", started.proposed)):
        print(f"{heading}:")
        for sentence in sentences:
            print(f"  {sentence}")
    print(f"wrote {started.config} and {started.evalset}")
    width = max(len(command) for command, _ in started.commands)
    for command, purpose in started.commands:
        terminal.advise(f"next: {command:{width}}   # {purpose}")
