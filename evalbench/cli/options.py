"""Options that several commands share, each spelled and explained once."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from evalbench.errors import ExitCode, InputError

EvalSets: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        help="Folders, files or names of eval sets. Default: those of evalbench.yaml.", show_default=False
    ),
]
RunReference: TypeAlias = Annotated[str, typer.Argument(help="A run id, its beginning, or `latest`.")]
Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        help="Project file. Default: the nearest evalbench.yaml.",
        envvar="EVALBENCH_CONFIG",
        show_default=False,
    ),
]
Models: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Models instead of a project file, cheapest first, e.g. local/small,local/large.",
        envvar="EVALBENCH_MODELS",
        show_default=False,
    ),
]
Tiers: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Only these tiers, e.g. small,large.", envvar="EVALBENCH_TIERS", show_default=False),
]
Current: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="The tier in use today. Default: the last.", envvar="EVALBENCH_CURRENT", show_default=False
    ),
]
EnvFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Load variables such as keys from this file.", envvar="EVALBENCH_ENV_FILE", show_default=False
    ),
]
Ledger: TypeAlias = Annotated[
    Path | None, typer.Option(help="Where answers are kept.", envvar="EVALBENCH_LEDGER", show_default=False)
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Where reports are written.", envvar="EVALBENCH_REPORTS", show_default=False),
]
MaxSpend: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="Stop before more USD than this could be spent.",
        min=0,
        envvar="EVALBENCH_MAX_SPEND",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
NoTexts: TypeAlias = Annotated[bool, typer.Option("--no-texts", help="Leave prompts and answers out.")]

InputColumn: TypeAlias = Annotated[
    str | None, typer.Option("--input", help="Column with the input.", show_default=False)
]
Target: TypeAlias = Annotated[
    str | None, typer.Option(help="Column with the right answer.", show_default=False)
]
PromptText: TypeAlias = Annotated[
    str | None,
    typer.Option("--prompt", help='Prompt template, e.g. "Classify: {{ text }}".', show_default=False),
]
Train: TypeAlias = Annotated[
    str | None, typer.Option(help="File with labelled examples to learn from.", show_default=False)
]
IdColumn: TypeAlias = Annotated[
    str | None, typer.Option("--id", help="Column with the id.", show_default=False)
]
GroupColumn: TypeAlias = Annotated[
    str | None,
    typer.Option("--group", help="Column that names what items belong together.", show_default=False),
]
GraderName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--grader", help="Who judges the answers, e.g. label or my_graders.py:grade.", show_default=False
    ),
]
TaskKindName: TypeAlias = Annotated[
    str | None, typer.Option("--task", help="Kind of task, e.g. classification.", show_default=False)
]
MaxDrop: TypeAlias = Annotated[
    float | None, typer.Option(help="How much worse is still good enough, e.g. 0.05.", show_default=False)
]
Strict: TypeAlias = Annotated[bool, typer.Option(help="Treat warnings about eval sets as errors.")]

_UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


def split(listed: str | None) -> tuple[str, ...]:
    """The parts of a comma-separated option."""
    return tuple(part.strip() for part in (listed or "").split(",") if part.strip())


def whereabouts(config: Path | None, ledger: Path | None) -> str:
    """The flags by which another command finds the same project and the same answers."""
    said = (("--config", config), ("--ledger", ledger))
    return "".join(f" {flag} {shlex.quote(str(path))}" for flag, path in said if path is not None)


def duration_s(text: str | None, flag: str) -> float | None:
    """Seconds of a duration such as `12h`, `90d` or `30m`."""
    if text is None:
        return None
    number, unit = text[:-1], text[-1:].lower()
    try:
        value = float(number) * _UNITS_S[unit]
    except (KeyError, ValueError):
        value = -1.0
    if not value >= 0:
        raise InputError(f"{flag} {text!r} is no duration", f"write a number and s, m, h or d: {flag} 12h.")
    return value
