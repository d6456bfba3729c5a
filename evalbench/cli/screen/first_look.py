"""Show what a demo came to on one screen: the verdicts, one table for all tasks, and where the rest is."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evalbench.assembly.result import RunResult
from evalbench.cli.screen import terminal
from evalbench.core.estimate import Estimate
from evalbench.core.recommendation import Finding
from evalbench.loaders.find import SETTINGS_NAME, shipped_folder
from evalbench.reports import numbers
from evalbench.reports.plain_text import one_line
from evalbench.reports.verdict import verdict_lines

_CLASSICAL = "classical models that learned from each set's training split just now, no language models"


def finish_demo(result: RunResult, *, as_json: bool, flags: str = "") -> None:
    """The verdicts in short; all that a run shows where there is none, or where answers are missing."""
    if as_json or result.concluded is None or result.missing:
        terminal.finish_run(result, as_json=as_json, flags=flags)
        return
    findings = result.concluded.findings
    console = Console(highlight=False, soft_wrap=True, width=terminal.line_width())
    for line in verdict_lines(findings, most_evidence=1):
        terminal.print_prose(console, line, "" if line.startswith(" ") else "bold")
    console.print()
    console.print(score_table(findings))
    terminal.print_prose(console, f"small, medium and large are {_CLASSICAL}", "dim")
    shipped = len(list(shipped_folder().glob(f"*/{SETTINGS_NAME}")))
    others = (
        f"shown: {len(findings)} of {shipped} shipped eval sets, on which such models are worth a look; "
        "most of the others want a language model"
    )
    terminal.print_prose(console, others, "dim")
    terminal.advise(f"next: evalbench report latest --open{flags}")
    terminal.advise("next: evalbench evalsets list")
    terminal.advise("next: evalbench init")
    if result.page is not None:
        terminal.advise(f"report: {result.page}")


def score_table(findings: Sequence[Finding]) -> Table:
    """The score of every tier with its interval below, one task a row."""
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title="scores of 100, each with its 95 % interval",
        title_justify="left",
    )
    table.add_column("task", overflow="fold")
    table.add_column("items", justify="right", no_wrap=True)
    tiers = list(dict.fromkeys(estimate.tier for finding in findings for estimate in finding.estimates))
    for tier in tiers:
        table.add_column(one_line(tier), justify="right")
    for finding in findings:
        scores = {estimate.tier: _score(estimate.score) for estimate in finding.estimates}
        items = f"{len(finding.run.items):,}"
        table.add_row(one_line(finding.run.task.name), items, *(scores.get(tier, "") for tier in tiers))
    return table


def _score(found: Estimate | None) -> Text | str:
    if found is None:
        return numbers.UNKNOWN
    span = numbers.span(found.low, found.high, numbers.score)
    return Text.assemble(numbers.score(found.value), (f"\n{span}", "dim"))
