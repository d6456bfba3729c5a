"""Print results: verdicts and tables on standard output, advice on standard error."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from evalbench.assembly.concluded import Concluded
from evalbench.assembly.outputs import summary_of
from evalbench.assembly.result import RunResult
from evalbench.cli.screen.planned import plan_lines, wanted_lines
from evalbench.core import money
from evalbench.core.completion import Status
from evalbench.core.estimate import TierEstimate
from evalbench.core.evalset import EvalSet
from evalbench.core.plan import Plan
from evalbench.core.recommendation import Finding, MonthlyBill
from evalbench.core.run import Judging
from evalbench.errors import ExitCode
from evalbench.reports import numbers, phrases
from evalbench.reports.of_run import of_run
from evalbench.reports.plain_text import clip, one_line, spoken
from evalbench.reports.verdict import verdict_lines, wrapped

_PIPE_WIDTH = 140
_WIDE = 80
_NEW_ITEMS = "add items first, since the same ones tell no more; answers that are stored cost nothing:"


def print_json(value: object) -> None:
    """One JSON value on standard output."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    print(orjson.dumps(value, default=os.fspath, option=options).decode())


def advise(text: str) -> None:
    """A sentence on standard error."""
    print(text, file=sys.stderr)


def finish_run(result: RunResult, *, as_json: bool, flags: str = "") -> None:
    """Show what a run came to; leaves with 3 where answers are missing.

    `flags` go with every command that is advised, so that it finds the same project and ledger.
    """
    if result.concluded is None:
        show_plan(result.plan, as_json=as_json)
        return
    show_concluded(result.concluded, as_json=as_json, flags=flags, is_complete=not result.missing)
    if result.page is not None:
        advise(f"report: {result.page}")
    if result.missing:
        run_id = result.concluded.run.manifest.id
        reason = f" ({result.over_budget:,} did not fit the spend cap)" if result.over_budget else ""
        why = "; ".join(result.stopped) or _first_failure(result.concluded, is_answered=False)
        advise(f"error: {result.missing:,} answers are missing{reason}; {why}")
        more = more_to_spend(result)
        advise(f"  fix: evalbench run --resume {run_id}{more}{flags}")
    elif result.ungraded:
        run_id = result.concluded.run.manifest.id
        why = _first_failure(result.concluded, is_answered=True)
        advise(f"error: {numbers.plural(result.ungraded, 'answer')} could not be graded; {why}")
        advise(f"  fix: mend what is said there, then: evalbench grade {run_id}{flags}")
    if result.missing or result.ungraded:
        raise typer.Exit(ExitCode.INCOMPLETE)


def more_to_spend(result: RunResult) -> str:
    """The flag that lets a resumed run ask what the spend cap left out; nothing where it left nothing out."""
    if not result.over_budget:
        return ""
    # Nobody knows what is left by its bound, but no more than was planned.
    return f" --max-spend {money.rounded_up(result.plan.worst_usd or 0.0)}"


def _first_failure(concluded: Concluded, *, is_answered: bool) -> str:
    """Why the first answer is missing or, where it is there, could not be graded."""
    failures = (
        f"the first: {one_line(task.task.name)} {trial.tier}, item {one_line(trial.item_id)!r}: "
        f"{one_line(trial.failure.message)}"
        for task in concluded.run.tasks
        for trial in task.trials
        if trial.failure is not None and (trial.completion is not None) is is_answered
    )
    return next(failures, "they were not asked")


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """What would be asked, and what it would cost."""
    if as_json:
        total = {"low_usd": plan.low_usd, "expected_usd": plan.expected_usd, "worst_usd": plan.worst_usd}
        print_json({"proofs": plan.proofs, "tiers": plan.tiers, "total": total, "items_wanted": plan.wanted})
        return
    for line in (*plan_lines(plan), *wanted_lines(plan)):
        print(line)


def show_concluded(concluded: Concluded, *, as_json: bool, flags: str = "", is_complete: bool = True) -> None:
    """The verdict of every task, the numbers behind it, and what to type next."""
    if as_json:
        print_json(summary_of(concluded))
        return
    # It may be an older run, and this screen may be read when there is a newer one.
    concluded = replace(concluded, findings=of_run(concluded.findings, concluded.run.manifest.id))
    console = Console(highlight=False, soft_wrap=True, width=line_width())
    if concluded.prices is not None:
        console.print(one_line(concluded.run.notes[-1]), markup=False)
    for line in verdict_lines(concluded.findings):
        print_prose(console, line, "" if line.startswith(" ") else "bold")
    for finding in concluded.findings:
        console.print()
        console.print(tier_table(finding, console.width))
        for caveat in finding.recommendation.caveats:
            print_prose(console, f"  note: {one_line(caveat)}", "dim")
    for line in (*_judge_lines(concluded.run.judge), *_bill_lines(concluded.monthly)):
        print_prose(console, line, "")
    _advise_next(concluded, flags, is_complete=is_complete)


def _advise_next(concluded: Concluded, flags: str, *, is_complete: bool) -> None:
    """What to type next; how an incomplete run gets what it lacks is said by its error line."""
    is_whole = concluded.run.manifest.options.get("limit") is None  # Else the command has more to ask.
    wants_items = {
        command: is_whole and found.need_items is not None and _is_again(command)
        for found in (finding.recommendation for finding in concluded.findings)
        for command in found.next_commands
    }
    for command, after_items in wants_items.items():
        if is_complete or "--resume" not in command:
            if after_items:
                advise(_NEW_ITEMS)
            advise(f"next: {_placed(command, flags)}")


def _is_again(command: str) -> bool:
    """Whether a command runs an eval set once more, which finds nothing new in the same items."""
    return command.startswith("evalbench run ") and "--resume" not in command


def _placed(command: str, flags: str) -> str:
    """The command with those flags that it does not have by itself, as one has that runs a set again."""
    words, known = shlex.split(flags), shlex.split(command)
    lacking = [
        part for pair in zip(words[::2], words[1::2], strict=True) if pair[0] not in known for part in pair
    ]
    return " ".join([command, shlex.join(lacking)]).rstrip()


def _judge_lines(judge: Judging | None) -> tuple[str, ...]:
    if judge is None:
        return ()
    reused = f", {judge.answers_reused:,} stored ones used again" if judge.answers_reused else ""
    asked = numbers.plural(judge.answers_new, "new answer")
    return ("", f"judge: {asked}, {numbers.price(judge.cost_usd)}{reused}")


def _bill_lines(bill: MonthlyBill | None) -> tuple[str, ...]:
    if bill is None:
        return ()
    span = numbers.distinct_span(bill.low_usd, bill.high_usd, numbers.amount)
    whole = (
        f"all tasks: {numbers.amount(bill.current_usd)} a month today, "
        f"{numbers.amount(bill.recommended_usd)} as recommended{f' ({span})' if span else ''}"
    )
    return ("", whole)


def show_lines(lines: Sequence[str]) -> None:
    """Sentences on standard output; those at the margin stand out on a screen."""
    console = Console(highlight=False, soft_wrap=True, width=line_width())
    for line in lines:
        if line:
            print_prose(console, line, "" if line.startswith(" ") else "bold")
        else:
            console.print()


def print_prose(console: Console, line: str, style: str) -> None:
    """A line as it is in a file; on a screen that is too narrow, broken between words and indented."""
    parts = wrapped(line, console.width) if console.is_terminal else [line]
    for part in parts:
        console.print(part, markup=False, style=style)


def tier_table(finding: Finding, width: int = _WIDE) -> Table:
    """What every tier did, in a table that a screen of 80 columns holds; a narrower one has less of it."""
    is_narrow = width < _WIDE
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=one_line(finding.run.task.name),
        title_justify="left",
    )
    for heading in ("tier\nmodel",) if is_narrow else ("tier", "model"):
        table.add_column(heading, overflow="fold")
    cost = f"USD per\n{finding.batch.name.removesuffix(' items')}"
    score = "won, ties\nhalf" if finding.run.is_pairwise else "score"
    for heading in (score, "95 %\ninterval", cost, *(() if is_narrow else ("95 %\nwithin",))):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("against\ncurrent", overflow="fold", min_width=len("against"))
    verdicts = {each.tier: phrases.VERDICTS[each.verdict] for each in finding.comparisons}
    for estimate in finding.estimates:
        model = finding.run.models.models[estimate.tier]
        name = f"{model.id}*" if model.is_classical else model.label
        cells = _tier_cells(finding, estimate, name, verdicts.get(estimate.tier, "in use today"))
        if is_narrow:
            tier, shown, *figures, _, verdict = cells
            cells = [f"{tier}\n{shown}", *figures, verdict]
        table.add_row(*cells)
    if any(estimate.is_classical for estimate in finding.estimates):
        table.caption = "* a classical model in this process, not a language model"
        table.caption_justify = "left"
    return table


def _tier_cells(finding: Finding, estimate: TierEstimate, model: str, verdict: str) -> list[str]:
    score, latency, per_item = estimate.score, estimate.latency, estimate.cost.per_item_usd
    not_ok = sum(number for status, number in estimate.answers.items() if status is not Status.OK)
    return [
        one_line(estimate.tier),
        one_line(model),
        phrases.YARDSTICK
        if finding.run.is_yardstick(estimate.tier)
        else numbers.score(None if score is None else score.value),
        "" if score is None else numbers.span(score.low, score.high, numbers.score),
        numbers.batch_cost(finding.batch.cost_usd(per_item)),
        numbers.seconds(None if latency is None else latency.p95),
        verdict + (f", {numbers.plural(not_ok, 'answer')} not ok" if not_ok else ""),
    ]


def line_width() -> int | None:
    """How wide a console has to be told to be; None where it knows by itself."""
    # A file or a pipe has no width of its own; what is too narrow there is cut for good.
    return None if sys.stdout.isatty() else _PIPE_WIDTH


def show_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A plain table on standard output."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold", min_width=max(map(len, heading.split()), default=0))
    for row in rows:
        table.add_row(*(one_line(cell) for cell in row))
    Console(highlight=False, width=line_width()).print(table)


def open_page(page: Path) -> None:
    """Show a page in the browser of this desktop, and say where it is for those that have none."""
    advise(f"report: {page}")
    typer.launch(page.resolve().as_uri())


def set_lines(evalset: EvalSet, balance: Sequence[tuple[str, int]]) -> list[str]:
    """An eval set in short: what it asks, how it is judged, and its first items."""
    task = evalset.task
    lines = [
        f"{task.name}: {task.kind}, {len(evalset.items):,} items, {len(evalset.train):,} to learn from",
        f"  grader {task.grader.title}, metric {task.metric}",
        f"  {numbers.drop(task.max_drop)} worse allowed, to be {numbers.percent(task.confidence)} sure",
        *(f"  {sentence}" for sentence in (*task.inferred, *evalset.warnings)),
        *(f"  {count:6,}  {one_line(label)}" for label, count in balance),
    ]
    for item in evalset.items[:3]:
        asked, target = clip(item.prompt.text, 200).text, clip(spoken(item.target) or "", 100).text
        lines.append(f"  item {one_line(item.id)}: {asked!r} -> {target!r}")
    return lines
