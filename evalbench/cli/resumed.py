"""What may be said beside `--resume`: a run that is gone on with keeps what it measures."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from evalbench.errors import InputError

_APPLIES = frozenset({
    "config", "concurrency", "max_spend", "dry_run", "resume", "gate", "env_file", "out", "ledger", "engine",
    "strict", "quiet", "as_json",
})  # fmt: skip


def said_here(context: typer.Context) -> Mapping[str, str]:
    """The flags of the command line itself, not of the environment, by the names of their parameters."""
    return {
        parameter.name: "EVALSETS" if parameter.param_type_name == "argument" else parameter.opts[-1]
        for parameter in context.command.params
        if parameter.name and _is_typed(context, parameter.name)
    }


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def refuse_other(said: Mapping[str, str], resume: str) -> None:
    """Stop where something was said that a stored run has settled, and that would have no effect."""
    others = [flag for name, flag in said.items() if name not in _APPLIES]
    if others:
        raise InputError(
            f"--resume goes on with what the run was asked for, so it cannot take {', '.join(others)}",
            f"evalbench run --resume {resume}, or leave --resume out: stored answers are used again.",
        )
