"""`evalbench run`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions, RunOptions, SetOptions
from evalbench.cli import gated, options, resumed
from evalbench.errors import InputError


def run(
    context: typer.Context,
    evalsets: options.EvalSets = None,
    *,
    config: options.Config = None,
    models: options.Models = None,
    tiers: options.Tiers = None,
    current: options.Current = None,
    input_column: options.InputColumn = None,
    target: options.Target = None,
    prompt: options.PromptText = None,
    train: options.Train = None,
    id_column: options.IdColumn = None,
    group: options.GroupColumn = None,
    grader: options.GraderName = None,
    task: options.TaskKindName = None,
    max_drop: options.MaxDrop = None,
    limit: Annotated[
        int | None,
        typer.Option(
            help="Measure on a seeded draw of this many items.",
            min=1,
            envvar="EVALBENCH_LIMIT",
            show_default=False,
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            help="How often each item is asked.", min=1, envvar="EVALBENCH_REPEATS", show_default=False
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            help="Calls at once for each model.", min=1, envvar="EVALBENCH_CONCURRENCY", show_default=False
        ),
    ] = None,
    max_spend: Annotated[
        float | None,
        typer.Option(
            help="Stop before more USD than this could be spent; with --resume, by this command alone.",
            min=0,
            envvar="EVALBENCH_MAX_SPEND",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and stop.")] = False,
    resume: Annotated[
        str | None,
        typer.Option(
            help="Go on with an unfinished run as it was asked for, within its cap: its id, or `latest`.",
            show_default=False,
        ),
    ] = None,
    early_stop: Annotated[
        bool,
        typer.Option(
            "--early-stop",
            help="Ask item by item, and stop paying for a tier once its verdict is settled.",
            envvar="EVALBENCH_EARLY_STOP",
        ),
    ] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again, whatever is stored.")] = False,
    max_age: Annotated[
        str | None,
        typer.Option(
            help="Ask again where the stored answer is older, e.g. 12h.",
            envvar="EVALBENCH_MAX_AGE",
            show_default=False,
        ),
    ] = None,
    gate: Annotated[
        Path | None,
        typer.Option(
            help="Then check the run against this baseline; with --strict it fails where it cannot tell.",
            show_default=False,
        ),
    ] = None,
    env_file: options.EnvFile = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Decides every draw.", min=0, envvar="EVALBENCH_SEED", show_default=False),
    ] = None,
    out: options.Out = None,
    ledger: options.Ledger = None,
    engine: Annotated[str, typer.Option(help="Where the calls are made from: local.")] = "local",
    strict: options.Strict = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Measure every tier on your items, and say which one is good enough."""
    from evalbench.cli.screen import live
    from evalbench.workflows.run import run as run_workflow

    if engine != "local":
        raise InputError(f"there is no engine named {engine!r}", "use --engine local.")
    said = resumed.said_here(context)
    if resume is not None:
        resumed.refuse_other(said, resume)
    asked = RunOptions(
        project=ProjectOptions(
            config=config,
            models=options.split(models),
            tiers=options.split(tiers),
            current=current,
            env_file=env_file,
            ledger=ledger,
            reports=out,
        ),
        sets=SetOptions(
            evalsets=tuple(evalsets or ()),
            input=input_column,
            target=target,
            prompt=prompt,
            train=train,
            id=id_column,
            group=group,
            grader=grader,
            task=task,
            max_drop=max_drop,
            strict=strict,
        ),
        limit=limit,
        repeats=repeats,
        concurrency=concurrency,
        seed=seed,
        max_spend_usd=max_spend,
        refresh=refresh,
        max_age_s=options.duration_s(max_age, "--max-age"),
        dry_run=dry_run,
        early_stop=early_stop,
        is_allowance="max_spend" in said,
    )
    if gate is not None:
        gated.run_and_check(asked, gate, resume=resume, strict=strict, quiet=quiet, as_json=as_json)
        return
    result = run_workflow(asked, live.listener(quiet=quiet), resume=resume)
    from evalbench.cli.screen import terminal  # It shows results, and loads all that makes them.

    terminal.finish_run(result, as_json=as_json, flags=options.whereabouts(config, ledger))
