"""`evalbench evalsets`: eval sets as files."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from evalbench.assembly.options import ProjectOptions, SetOptions
from evalbench.cli import options
from evalbench.errors import ExitCode

evalsets = typer.Typer(help="Make, list, check and show eval sets.", rich_markup_mode=None)


@evalsets.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    options.help_without_command(context)


@evalsets.command("new")
def new_set(
    file: Annotated[Path, typer.Argument(help="A .csv, .jsonl or .parquet file with your examples.")],
    folder: Annotated[
        Path | None, typer.Argument(help="Where to write.", show_default="evalsets/NAME")
    ] = None,
    *,
    input_column: options.InputColumn = None,
    target: options.Target = None,
    prompt: options.PromptText = None,
    id_column: options.IdColumn = None,
    group: options.GroupColumn = None,
    grader: options.GraderName = None,
    task: options.TaskKindName = None,
    as_json: options.AsJson = False,
) -> None:
    """Make an eval set from a file, and say what was guessed."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.evalsets import create

    said = SetOptions((str(file),), input_column, target, prompt, None, id_column, group, grader, task)
    made = create(file, folder, said)
    if as_json:
        terminal.print_json(
            {
                "folder": str(made.folder),
                "files": [str(path) for path in made.files],
                "task": made.kind.value,
                "items": made.items,
                "train": made.train,
                "balance": made.balance,
                "notes": made.notes,
            }
        )
        return
    print(f"wrote {made.folder}: {made.items:,} items to measure on, {made.train:,} to learn from")
    for note in made.notes:
        print(f"  {note}")
    for label, count in made.balance.items():
        print(f"  {count:6,}  {label}")
    terminal.advise(f"next: look at {made.folder}/evalset.yaml, then")
    place = shlex.quote(str(made.folder))
    terminal.advise(f"next: evalbench try {place}")
    terminal.advise(f"next: evalbench run {place}")


@evalsets.command("list")
def list_sets(*, config: options.Config = None, as_json: options.AsJson = False) -> None:
    """List the eval sets of this project, and those that are shipped."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.evalsets import list_sets as list_workflow

    found = list_workflow(ProjectOptions(config))
    if as_json:
        terminal.print_json(found)
        return
    terminal.show_rows(
        ("name", "task", "items", "to learn from", "from"),
        [
            (
                each.name,
                each.kind or f"cannot be used: {each.problem}",
                f"{each.items:,}",
                f"{each.train:,}",
                "shipped" if each.is_shipped else each.place,
            )
            for each in found
        ],
    )


@evalsets.command("check")
def check_sets(
    places: Annotated[
        list[str] | None,
        typer.Argument(help="Folders, files or globs. Default: those of evalbench.yaml.", show_default=False),
    ] = None,
    *,
    config: options.Config = None,
    input_column: options.InputColumn = None,
    target: options.Target = None,
    prompt: options.PromptText = None,
    train: options.Train = None,
    id_column: options.IdColumn = None,
    group: options.GroupColumn = None,
    grader: options.GraderName = None,
    task: options.TaskKindName = None,
    strict: options.Strict = False,
    as_json: options.AsJson = False,
) -> None:
    """Find every problem, leakage and duplicate.

    Leaves with 2 if there are problems.
    """
    from evalbench.cli.screen import terminal
    from evalbench.workflows.evalsets import check

    said = SetOptions(
        tuple(places or ()), input_column, target, prompt, train, id_column, group, grader, task
    )
    results = check(ProjectOptions(config), said)
    if as_json:
        terminal.print_json(results)
    for result in () if as_json else results:
        print(f"{result.path}: {result.items:,} items, {result.train:,} to learn from")
        for kind, findings in (
            ("problem", result.problems),
            ("warning", result.warnings),
            ("note", result.notes),
        ):
            for finding in findings:
                print(f"  {kind}: {finding}")
        if result.problems and result.fix:
            print(f"  fix: {result.fix}")
    unusable = sum(not result.is_usable(strict=strict) for result in results)
    if unusable:
        warned = " (--strict counts warnings as problems)" if strict else ""
        terminal.advise(f"{unusable:,} of {len(results):,} eval sets cannot be used{warned}")
        raise typer.Exit(ExitCode.BAD_INPUT)


@evalsets.command("show")
def show_set(
    name: Annotated[str, typer.Argument(help="Folder, file or name of an eval set.")],
    *,
    config: options.Config = None,
    input_column: options.InputColumn = None,
    target: options.Target = None,
    prompt: options.PromptText = None,
    train: options.Train = None,
    id_column: options.IdColumn = None,
    group: options.GroupColumn = None,
    grader: options.GraderName = None,
    task: options.TaskKindName = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what an eval set asks, how it is judged, and its first items."""
    from evalbench.cli.screen import terminal
    from evalbench.workflows.evalsets import describe

    said = SetOptions((name,), input_column, target, prompt, train, id_column, group, grader, task)
    described = describe(ProjectOptions(config), said)
    evalset = described.evalset
    if as_json:
        terminal.print_json(
            {
                "task": evalset.task,
                "items": len(evalset.items),
                "train": len(evalset.train),
                "balance": dict(described.balance),
            }
        )
        return
    for line in terminal.set_lines(evalset, described.balance):
        print(line)
