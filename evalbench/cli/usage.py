"""Say in plain words what is wrong with an argument that the command line itself refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from evalbench.errors import InputError

_KINDS = {"float_parsing": "is no number", "int_parsing": "is no whole number"}


def usage_error(error: typer.TyperException, command: Any, said: Sequence[str]) -> InputError:
    """The error as one like any other: what was said, what the option is for, and where all of it is told.

    `command` is the whole command line, and `said` the words that were given to it.
    """
    context = getattr(error, "ctx", None)
    path = _path(command, said) if context is None else context.command_path
    message = _mistaken(error) or str(getattr(error, "format_message", error.__str__)()).rstrip(".")
    purpose = str(getattr(getattr(error, "param", None), "help", None) or "").rstrip(".")
    meant = f" ({_lowered(purpose)})" if purpose else ""
    return InputError(f"{_lowered(message)}{meant}", f"{path} --help")


def _mistaken(error: typer.TyperException) -> str | None:
    """What is wrong with a value, by whoever read it; None where no value was read."""
    faults = getattr(error.__cause__, "errors", None)
    names = getattr(getattr(error, "param", None), "opts", None)
    if faults is None or not names:
        return None
    fault = faults()[0]
    wrong = _KINDS.get(fault["type"], f"is refused: {_lowered(fault['msg'])}")
    return f"{names[-1]} {fault['input']!r} {wrong}"


def _path(command: Any, said: Sequence[str]) -> str:
    """The command that words lead to, for errors that do not know their own."""
    names = ["evalbench"]
    for word in said:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        names.append(word)
    return " ".join(names)


def _lowered(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
