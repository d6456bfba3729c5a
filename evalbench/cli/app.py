"""The `evalbench` command: every subcommand put in its place, and every ending given its exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from evalbench import __version__
from evalbench.cli.demo import demo
from evalbench.cli.doctor import doctor
from evalbench.cli.evalsets import evalsets
from evalbench.cli.grade import grade
from evalbench.cli.import_answers import import_answers
from evalbench.cli.init import init
from evalbench.cli.report import report
from evalbench.cli.run import run
from evalbench.cli.runs import runs
from evalbench.cli.show import show
from evalbench.cli.try_items import try_items
from evalbench.errors import EvalbenchError, ExitCode
from evalbench.providers.secrets import Secrets

FIRST = ("init", "demo", "try", "run", "report", "doctor")
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
                formatter.write_dl([(name, self.commands[name].get_short_help_str(80)) for name in names])


app = typer.Typer(
    cls=Commands,
    help="Which model tier is good enough for each task, what that saves, and is it still true today?",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag
    if value:
        print(f"evalbench {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version


app.command()(init)
app.command()(demo)
app.command("try")(try_items)
app.command()(run)
app.command()(report)
app.command()(doctor)
app.add_typer(evalsets, name="evalsets")
app.add_typer(runs, name="runs")
app.command()(show)
app.command()(grade)
app.command("import")(import_answers)


def main() -> None:
    """Run the command line; an error ends with its own exit code, a bug with 70."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app(prog_name="evalbench")
    except EvalbenchError as error:
        _tell(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted; what is stored is kept", file=sys.stderr)
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing is left to say to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except Exception:  # noqa: BLE001 - whatever is left is a bug, and must not look like a regression
        print(_without_keys(traceback.format_exc()), file=sys.stderr)
        print(f"This is a bug in evalbench {__version__}; stored answers are kept.", file=sys.stderr)
        sys.exit(ExitCode.BUG)


def _terminated(number: int, frame: object) -> None:
    del number, frame
    sys.exit(ExitCode.TERMINATED)


def _tell(error: EvalbenchError) -> None:
    lines = [f"error: {error.problem}", *(f"  {problem}" for problem in getattr(error, "problems", ()))]
    print(_without_keys("\n".join([*lines, f"  fix: {error.fix}"])), file=sys.stderr)


def _without_keys(text: str) -> str:
    return Secrets.from_environment(os.environ).redact(text)
