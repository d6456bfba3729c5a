"""`evalbench init`: start a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalbench.cli import options


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write.", show_default="here")] = Path(),
    *,
    as_json: options.AsJson = False,
) -> None:
    """Write a commented evalbench.yaml and an eval set to edit."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.init import init as init_workflow

    started = init_workflow(folder)
    if as_json:
        terminal.print_json({"config": str(started.config), "evalset": str(started.evalset)})
        return
    print(f"wrote {started.config} and {started.evalset}")
    step = "" if folder == Path() else f"cd {folder} && "
    terminal.advise(f"next: {step}evalbench try evalsets/{started.evalset.name}")
    terminal.advise(f"next: {step}evalbench run")
    terminal.advise("next: evalbench evalsets new your-file.csv   makes an eval set of your own examples")
