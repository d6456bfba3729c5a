"""`evalbench try`: a few items before anything is spent."""

from __future__ import annotations

from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.cli import options
from evalbench.core import money
from evalbench.errors import ExitCode


def try_items(
    evalset: Annotated[
        str | None,
        typer.Argument(help="Folder, file or name of an eval set.", metavar="EVALSET", show_default=False),
    ] = None,
    *,
    count: Annotated[int, typer.Option("-n", help="How many items.", min=1)] = 3,
    item: Annotated[str | None, typer.Option(help="Just this item, by its id.", show_default=False)] = None,
    config: options.Config = None,
    models: options.Models = None,
    tiers: options.Tiers = None,
    input_column: options.InputColumn = None,
    target: options.Target = None,
    prompt: options.PromptText = None,
    train: options.Train = None,
    id_column: options.IdColumn = None,
    group: options.GroupColumn = None,
    grader: options.GraderName = None,
    task: options.TaskKindName = None,
    env_file: options.EnvFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the prompts, ask nobody.")] = False,
    max_spend: options.MaxSpend = None,
    strict: options.Strict = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the prompt, the answer, what the grader read, and the score, for a few items."""
    from evalbench.cli.screen import items, live, terminal
    from evalbench.workflows.try_items import Asked
    from evalbench.workflows.try_items import try_items as try_workflow

    shown = try_workflow(
        SetOptions(
            () if evalset is None else (evalset,),
            input_column,
            target,
            prompt,
            train,
            id_column,
            group,
            grader,
            task,
            strict=strict,
        ),
        ProjectOptions(config, options.split(models), options.split(tiers), env_file=env_file),
        live.listener(quiet=as_json),
        Asked(count, item, dry_run, max_spend),
    )
    if as_json:
        terminal.print_json(items.item_json(shown))
    else:
        for line in items.item_lines(shown):
            print(line)
    left_out = sum(each.is_over_budget for each in shown)
    if left_out:
        terminal.advise(
            f"error: {left_out:,} questions were not asked: they could have gone over the spend cap"
        )
        enough = money.rounded_up(sum(each.most_usd or 0.0 for each in shown))
        terminal.advise(f"  fix: try fewer with -n, or raise the cap with --max-spend {enough}")
        raise typer.Exit(ExitCode.INCOMPLETE)
