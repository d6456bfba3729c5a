"""Print what a gate accepted, found, or knows of its own noise."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import typer

from evalbench.assembly.checking import Checked
from evalbench.assembly.outputs import summary_of
from evalbench.assembly.result import RunResult
from evalbench.cli.screen import terminal
from evalbench.cli.screen.gate_json import gate_json
from evalbench.errors import ExitCode
from evalbench.reports import numbers
from evalbench.reports.gate_words import gate_lines, github_annotations, plain, title
from evalbench.workflows.gate import Accepted
from evalbench.workflows.gated_run import GatedRun


def show_accepted(accepted: Accepted, *, as_json: bool, flags: str) -> None:
    """What was written, and how to use it."""
    baseline = accepted.baseline
    if as_json:
        terminal.print_json(
            {
                "schema": "evalbench.accepted/1",
                "baseline": baseline.source,
                "run": baseline.run,
                "guarded": dict(accepted.guarded),
                "notes": list(accepted.notes),
            }
        )
        return
    lines = [f"{baseline.source}: run {baseline.run} is the bar now"]
    for name, tier in accepted.guarded.items():
        task = baseline.tasks[name]
        repeats = task.tiers[tier].repeats
        asked = "asked once" if repeats == 1 else f"asked {repeats} times"
        items = numbers.plural(len(task.yardstick.items), "item")
        lines.append(f"  {plain(name)}: guards {plain(tier)}, {items} {asked}")
    terminal.show_lines(lines)
    for note in accepted.notes:
        terminal.advise(f"warning: {note}")
    quoted = shlex.quote(baseline.source)
    terminal.advise(
        "note: the answers just accepted test nothing until they are 12 hours old; --refresh asks anew"
    )
    terminal.advise(f"next: git add {quoted}")
    terminal.advise(f"next: evalbench run --gate {quoted} --max-age 12h{flags}")


def finish_check(checked: Checked, *, as_json: bool, flags: str) -> None:
    """What a check found; leaves with its exit code."""
    if as_json:
        terminal.print_json(gate_json(checked.result))
    else:
        terminal.show_lines(gate_lines(checked.result))
    _tell(checked, as_json=as_json)
    if checked.result.exit_code is ExitCode.INCOMPLETE and checked.to_resume:
        terminal.advise(f"  fix: evalbench run --resume {checked.to_resume}{flags}")
    raise typer.Exit(checked.result.exit_code)


def finish_gated_run(found: GatedRun, baseline: Path, *, as_json: bool, flags: str) -> None:
    """The verdicts of a run, then what the gate found; leaves with the gate's exit code.

    With 3 as well where the spend cap left answers out that no gate needed.
    """
    concluded, checked = found.result.concluded, found.checked
    if concluded is None or checked is None:
        terminal.finish_run(found.result, as_json=as_json, flags=flags)
        return
    if as_json:
        terminal.print_json({**summary_of(concluded), "gate": gate_json(checked.result)})
    else:
        terminal.show_concluded(concluded, as_json=False, flags=flags, is_complete=not found.result.missing)
        terminal.show_lines(["", *gate_lines(checked.result)])
    terminal.advise(f"report: {found.result.page}")
    _tell(checked, as_json=as_json)
    if found.result.missing:
        _tell_missing(found.result, checked.result.run, f" --gate {shlex.quote(str(baseline))}{flags}")
    elif found.result.ungraded:
        ungraded = numbers.plural(found.result.ungraded, "answer")
        terminal.advise(f"warning: {ungraded} could not be graded, and so are missing")
        terminal.advise(f"  fix: evalbench grade {checked.result.run}{flags}, then check again")
    code = checked.result.exit_code
    if code is ExitCode.OK and found.result.over_budget:
        code = ExitCode.INCOMPLETE
    raise typer.Exit(code)


def _tell_missing(result: RunResult, run_id: str, flags: str) -> None:
    unpaid = result.over_budget
    reason = f" ({unpaid:,} did not fit the spend cap)" if unpaid else ""
    why = "".join(f"; {stopped}" for stopped in result.stopped)
    terminal.advise(f"warning: {result.missing:,} answers are missing{reason}{why}")
    more = terminal.more_to_spend(result)
    terminal.advise(f"  fix: evalbench run --resume {run_id}{more}{flags}")


def _tell(checked: Checked, *, as_json: bool) -> None:
    result = checked.result
    for note in result.notes:
        terminal.advise(f"note: {note}")
    if os.environ.get("GITHUB_ACTIONS") == "true" and not as_json:
        for command in github_annotations(result):
            print(command)
    terminal.advise(f"{title(result).lower()}; {checked.markdown} and {checked.junit.name}")
