"""`evalbench report`: a stored run again, in any format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import InputError, UnknownNameError


def report(
    run: options.RunReference = "latest",
    *,
    form: Annotated[
        str | None,
        typer.Option("--format", help="html, md, json, csv, parquet or junit.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to this file; - is standard output.", show_default=False),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    no_texts: options.NoTexts = False,
    prices: Annotated[
        list[Path] | None,
        typer.Option(
            help="Show the same answers at the prices of this file, or of the newest in this folder.",
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Of several price files, use the newest not after this date.",
            metavar="DATE",
            show_default=False,
        ),
    ] = None,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the verdict of a stored run; no model is called."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows import report as workflow

    project = ProjectOptions(config, ledger=ledger, reports=out)
    form, output = _settled(form, output, workflow.FORMATS, as_json=as_json)
    concluded = workflow.read(project, run, prices or (), as_of)
    if open_page:
        terminal.open_page(workflow.to_folder(project, concluded, with_texts=not no_texts))
    if form is None:
        terminal.show_concluded(concluded, as_json=as_json, flags=options.whereabouts(config, ledger))
    elif output is None and form not in workflow.FILE_ONLY:
        print(workflow.as_text(concluded, form, with_texts=not no_texts), end="")
    else:
        terminal.advise(f"wrote {workflow.to_file(concluded, form, output, with_texts=not no_texts)}")


def _settled(
    form: str | None, output: Path | None, known: Sequence[str], *, as_json: bool
) -> tuple[str | None, Path | None]:
    """The one format that the options ask for, and the file; both None for the verdict on the screen."""
    if output == Path("-"):
        output, form = None, form or ("json" if as_json else "html")
    elif form is None and output is not None:
        form = output.suffix.lstrip(".").replace("xml", "junit") or ("json" if as_json else "html")
    if form is not None and form not in known:
        raise UnknownNameError("format", form, known)
    if as_json and form not in {None, "json"}:
        raise InputError(f"--json and the format {form} are two formats for one report", "leave --json out.")
    return form, output
