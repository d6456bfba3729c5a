"""`evalbench export`: the answers of a stored run leave again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import InputError, UnknownNameError


def export(
    run: options.RunReference = "latest",
    *,
    form: Annotated[str, typer.Option("--format", help="The format: recordings.")] = "recordings",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to this file; - is standard output.", show_default=False),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Only this task.", show_default=False)] = None,
    tiers: Annotated[
        str | None,
        typer.Option("--tiers", "--tier", help="Only these tiers, e.g. small,large.", show_default=False),
    ] = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    as_json: options.AsJson = False,
) -> None:
    """Write every answer of a stored run as one line, for `evalbench import` or any other program.

    Prompts, answers and right answers are in it. A missing answer is a line that says so.
    """
    from evalbench.cli.screen import exported, terminal
    from evalbench.workflows import export_run as workflow

    if form not in workflow.FORMATS:
        raise UnknownNameError("format", form, workflow.FORMATS)
    file = None if output == Path("-") else output
    if as_json and file is None:
        raise InputError(
            "--json describes the file that was written, and standard output is taken by the answers",
            "add -o FILE, or leave --json out.",
        )
    project, choice = ProjectOptions(config, ledger=ledger), workflow.Choice(task, options.split(tiers))
    if file is None:
        found = workflow.export(project, run, choice, _print_line)
    else:
        found = workflow.export_to_file(project, run, choice, file)
    flags = options.whereabouts(config, ledger)
    if as_json:
        terminal.print_json(exported.exported_json(found, form, file, flags))
        return
    for line in exported.exported_lines(found, file, flags):
        terminal.advise(line)


def _print_line(line: str) -> None:
    # The format is UTF-8, whatever the terminal speaks.
    sys.stdout.buffer.write(line.encode())
