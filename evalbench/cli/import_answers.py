"""`evalbench import`: answers of any origin become a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions
from evalbench.cli import options
from evalbench.errors import InputError, UnknownNameError

FORMATS = ("recordings",)


def import_answers(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="The format: recordings.")],
    files: Annotated[list[Path], typer.Argument(help="Files to read.")],
    *,
    tiers: Annotated[
        str | None,
        typer.Option(
            help="Which model stands at which tier, cheapest first: small=gpt-j,large=gpt-4.",
            show_default=False,
        ),
    ] = None,
    current: options.Current = None,
    max_drop: Annotated[
        float | None,
        typer.Option(
            help="How much worse is still good enough. Default: what the eval set says, else 0.05.",
            min=0,
            max=1,
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            help="How sure to be. Default: what the eval set says, else 0.95.",
            min=0.5,
            max=0.9999,
            show_default=False,
        ),
    ] = None,
    evalset: Annotated[
        Path | None,
        typer.Option(
            help="Eval set with the items and terms; its grader judges the answers, unless --trust-scores.",
            show_default=False,
        ),
    ] = None,
    trust_scores: Annotated[bool, typer.Option("--trust-scores", help="Use the scores in the file.")] = False,
    config: options.Config = None,
    ledger: options.Ledger = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Make a run of recorded answers of real models; nothing is called."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.import_recordings import ImportOptions, import_recordings

    if form not in FORMATS:
        raise UnknownNameError("format", form, FORMATS)
    asked = ImportOptions(
        files=tuple(files),
        tiers=_tiers(tiers or ""),
        current=current,
        max_drop=max_drop,
        confidence=confidence,
        evalset=evalset,
        trust_scores=trust_scores,
    )
    concluded, page = import_recordings(asked, ProjectOptions(config, ledger=ledger, reports=out))
    for note in concluded.run.notes:
        terminal.advise(f"note: {note}")
    terminal.show_concluded(concluded, as_json=as_json, flags=options.whereabouts(config, ledger))
    terminal.advise(f"run: {concluded.run.manifest.id}")
    terminal.advise(f"report: {page}")


def _tiers(listed: str) -> dict[str, str]:
    tiers: dict[str, str] = {}
    for pair in options.split(listed):
        tier, mark, model = pair.partition("=")
        if not (mark and tier and model) or tier in tiers:
            raise InputError(
                f"--tiers {listed!r}: {pair!r} is not TIER=MODEL, or comes twice",
                "write --tiers small=gpt-j,large=gpt-4.",
            )
        tiers[tier] = model
    return tiers
