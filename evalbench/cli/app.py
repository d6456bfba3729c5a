"""The `evalbench` command: every subcommand put in its place, and every ending given its exit code."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from evalbench import __version__
from evalbench.cli import options
from evalbench.cli.compare import compare
from evalbench.cli.demo import demo
from evalbench.cli.doctor import doctor
from evalbench.cli.evalsets import evalsets
from evalbench.cli.export import export
from evalbench.cli.gate import gate
from evalbench.cli.grade import grade
from evalbench.cli.import_answers import import_answers
from evalbench.cli.init import init
from evalbench.cli.report import report
from evalbench.cli.run import run
from evalbench.cli.runs import runs
from evalbench.cli.show import show
from evalbench.cli.try_items import try_items
from evalbench.cli.usage import usage_error
from evalbench.errors import EvalbenchError, ExitCode, IncompleteRunError
from evalbench.providers.secrets import Secrets, hide_keys

_NEW_OBJECTS = 20_000
FIRST = ("init", "demo", "try", "run", "report", "gate", "doctor")
"""The commands of a first hour, shown in a panel of their own."""


class Commands(TyperGroup):
    """Lists the commands a newcomer needs before all others."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in the order in which they are needed."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the two panels of `--help`."""
        del ctx
        rest = [name for name in self.commands if name not in FIRST]
        for title, names in (("Start here", FIRST), ("More", rest)):
            with formatter.section(title):
                formatter.write_dl([(name, _first_line(self.commands[name].help)) for name in names])


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


app = typer.Typer(
    cls=Commands,
    help="Which model tier is good enough for each task, what that saves, and is it still true today?",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if value:
        print(f"evalbench {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version
    options.help_without_command(context)


app.command()(init)
app.command()(demo)
app.command("try")(try_items)
app.command()(run)
app.command()(report)
app.add_typer(gate, name="gate")
app.command()(doctor)
app.add_typer(evalsets, name="evalsets")
app.add_typer(runs, name="runs")
app.command()(show)
app.command()(compare)
app.command()(grade)
app.command("import")(import_answers)
app.command()(export)


def main() -> None:
    """Run the command line; an error ends with its own exit code, a bug with 70."""
    # Items and answers come and go by the ten thousand, and none of them is part of a cycle.
    gc.set_threshold(_NEW_OBJECTS)
    signal.signal(signal.SIGTERM, _terminated)
    code = _run()
    gc.freeze()  # Nothing is worth finding any more, and to look through it all takes a while.
    sys.exit(code)


def _run() -> int:
    try:
        code = app(prog_name="evalbench", standalone_mode=False)
        sys.stdout.flush()
    except EvalbenchError as error:
        code = _told(error)
    except typer.TyperException as error:
        code = _told(usage_error(error, typer.main.get_command(app), sys.argv[1:]))
    except KeyboardInterrupt:
        print("interrupted; what is stored is kept", file=sys.stderr)
        code = ExitCode.INTERRUPTED
    except SystemExit as left:
        code = _left(left)
    except BrokenPipeError:
        code = _unread()
    except Exception as error:  # noqa: BLE001 - whatever is left must not look like a regression
        code = _told(_NO_ROOM) if _is_full(error) else _bug()
    return int(code or ExitCode.OK)


_NO_ROOM = IncompleteRunError(
    "there is no room left to write to", "make room and give the same command again; what is stored is kept."
)


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _left(left: SystemExit) -> ExitCode:
    """The exit code of whoever left by themselves; 1 is for regressions alone, and nobody else's."""
    if isinstance(left.__context__, BrokenPipeError):
        return _unread()  # typer and rich leave with 1 when nobody reads on.
    if left.code in (None, ExitCode.OK):
        return ExitCode.OK
    return ExitCode.TERMINATED if left.code == ExitCode.TERMINATED else _bug()


def _bug() -> ExitCode:
    print(_without_keys(traceback.format_exc()), file=sys.stderr)
    print(f"This is a bug in evalbench {__version__}; stored answers are kept.", file=sys.stderr)
    return ExitCode.BUG


def _unread() -> ExitCode:
    """Whoever read our output has seen enough; nothing is left to say to them."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _terminated(number: int, frame: object) -> None:
    del number, frame
    sys.exit(ExitCode.TERMINATED)


def _told(error: EvalbenchError) -> ExitCode:
    lines = [f"error: {error.problem}", *(f"  {problem}" for problem in getattr(error, "problems", ()))]
    print(_without_keys("\n".join([*lines, f"  fix: {error.fix}"])), file=sys.stderr)
    return error.exit_code


def _without_keys(text: str) -> str:
    return hide_keys(Secrets.from_environment(os.environ).redact(text))
