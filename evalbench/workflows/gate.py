"""The gate: accept a run as the bar, and check another one against it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evalbench.assembly.checking import Checked, rules_of
from evalbench.assembly.concluded import Concluded
from evalbench.assembly.guarding import guarded_lines, guarded_tiers, read_baseline
from evalbench.assembly.options import GateOptions, ProjectOptions
from evalbench.assembly.project import settle
from evalbench.assembly.records import Times, record_of
from evalbench.assembly.stored import conclude, load_run
from evalbench.assembly.whole_file import whole_file
from evalbench.core.baseline import Baseline, GateLine, GateResult, GateVerdict, MovedItem, TaskRecord
from evalbench.core.enough import MOST_MISSING
from evalbench.core.run import TaskRun
from evalbench.errors import EvalbenchError, IncompleteRunError, InputError
from evalbench.gate.baseline_file import to_text
from evalbench.gate.check import Guarded, check, pairs_of
from evalbench.gate.evidence import item_means
from evalbench.gate.reading import moment_of
from evalbench.reports import numbers
from evalbench.reports.gate_junit import render_gate_junit
from evalbench.reports.gate_markdown import MOST_ITEMS, render_gate_markdown
from evalbench.reports.plain_text import spoken
from evalbench.store.ages import answer_times
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run

FEWEST_REPEATS = 3
"""With fewer repeats a baseline does not tell how much answers vary on their own."""

OLD_AFTER = timedelta(days=30)

_LONGEST_TEXT = 2_000
_SUMMARY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was written, which tier it guards by task, and what to know about it."""

    baseline: Baseline
    guarded: Mapping[str, str]
    notes: tuple[str, ...]


def load(
    options: ProjectOptions, reference: str, like: Baseline | None = None
) -> tuple[Concluded, Times, Baseline]:
    """A stored run with the times of its answers, and its record."""
    with connect_stored(settle(options).ledger) as connection:
        row = find_run(connection, reference)
        concluded = conclude(load_run(connection, row))
        times = answer_times(connection, row)
    return concluded, times, record_of(concluded, times, like)


def accept(options: ProjectOptions, reference: str, path: Path) -> Accepted:
    """Write a stored run as the baseline that later runs are checked against."""
    setting = settle(options)
    concluded, _, record = load(options, reference)
    _refuse_nothing(record)
    guarded = guarded_tiers(record, setting)
    _refuse_strangers(record, guarded)
    _refuse_incomplete(concluded, record, guarded)
    left_out = [found.run.task.name for found in concluded.findings if found.run.is_pairwise]
    unguarded = (f"{name} is not guarded: its answers are compared in pairs" for name in left_out)
    notes = (*unguarded, *_accept_notes(record, guarded), *_replaced_notes(path, record, guarded))
    _write(path, to_text(record), "--baseline FILE")
    return Accepted(replace(record, source=str(path)), guarded, notes)


def check_run(options: ProjectOptions, reference: str, asked: GateOptions) -> Checked:
    """Check a stored run against a baseline, and write what was found for people and machines."""
    setting = settle(options)
    baseline = read_baseline(asked.baseline)
    anchor = None if asked.anchor is None else read_baseline(asked.anchor)
    concluded, times, record = load(options, reference, baseline)
    lines = guarded_lines(record, concluded.findings, times, (baseline, anchor), setting, asked)
    _refuse_untested(lines, asked.most_missing)
    found = check(record, baseline, lines, rules_of(asked))
    _refuse_blind(found, asked.min_mde)
    notes = _check_notes(record, baseline, asked, concluded)
    result = replace(found, notes=notes)
    if asked.with_texts:
        result = _with_texts(result, concluded)
    folder = asked.out or setting.reports / record.run / "gate"
    return _report(result, folder, concluded.run.manifest.to_resume)


def _refuse_nothing(record: Baseline) -> None:
    if not any(task.yardstick.items for task in record.tasks.values()):
        raise InputError(
            f"run {record.run} has no item with a right answer, so there is nothing to guard",
            "accept a run of an eval set with targets; `evalbench runs` lists them.",
        )


def _refuse_strangers(record: Baseline, guarded: Mapping[str, str]) -> None:
    for name, tier in guarded.items():
        if tier not in record.tasks[name].tiers:
            raise InputError(
                f"`deployed` says that {name} uses {tier!r}, which run {record.run} did not ask",
                "mend `deployed:` in evalbench.yaml, or accept a run that has this tier.",
            )


def _refuse_incomplete(concluded: Concluded, record: Baseline, guarded: Mapping[str, str]) -> None:
    for name, tier in guarded.items():
        share = record.tasks[name].tiers[tier].missing_share
        if share > MOST_MISSING:
            resumed = concluded.run.manifest.to_resume
            raise IncompleteRunError(
                f"run {record.run} lacks {numbers.percent(share)} of the answers of {name} at {tier}, "
                "too many for a bar to measure by",
                f"evalbench run --resume {resumed}" if resumed else "accept another run.",
            )


def _accept_notes(record: Baseline, guarded: Mapping[str, str]) -> list[str]:
    notes = []
    repeats = min(task.tiers[guarded[name]].repeats for name, task in record.tasks.items())
    if repeats < FEWEST_REPEATS:
        times = "once" if repeats == 1 else f"{repeats} times"
        notes.append(
            f"every item was asked {times}, so the baseline tells little of how much answers vary on their "
            f"own; better: evalbench run --repeats {FEWEST_REPEATS}"
        )
    for name, task in record.tasks.items():
        lacking = {tier: found.missing_share for tier, found in task.tiers.items() if found.missing_share}
        notes += [
            f"{name}: {numbers.percent(share)} of the answers of {tier} are missing, and recorded as missing"
            for tier, share in lacking.items()
        ]
    return notes


def _replaced_notes(path: Path, record: Baseline, guarded: Mapping[str, str]) -> list[str]:
    """What a new baseline changes about the bar: a slow decline must not pass unseen."""
    if not path.exists():
        return []
    try:
        before = read_baseline(path)
    except EvalbenchError as error:
        return [f"it replaces a file that was no baseline ({error.problem})"]
    notes = []
    for name, tier in guarded.items():
        old = before.tasks.get(name)
        if old is None or tier not in old.tiers:
            continue
        scores = [float(_mean(each, tier)) for each in (old, record.tasks[name])]
        if scores[1] < scores[0]:
            notes.append(
                f"{name}: this lowers the bar for {tier} from {numbers.score(scores[0])} to "
                f"{numbers.score(scores[1])} of 100; keep the old one as --anchor, so that slow declines show"
            )
    return notes


def _mean(task: TaskRecord, tier: str) -> float:
    record = task.tiers[tier]
    means = item_means(pairs_of(task, record, record).after)
    known = means[means == means]  # noqa: PLR0124 -- NaN is the one number that differs from itself
    return float(known.mean()) if len(known) else 0.0


def _refuse_untested(lines: Collection[Guarded], most_missing: float) -> None:
    """Old answers alone test nothing; where too many are missing, that is told instead."""
    if any(line.record.missing_share > most_missing for line in lines):
        return
    answers = sum(line.measured.answers for line in lines)
    if answers and not any(line.measured.newer for line in lines):
        raise InputError(
            f"0 of {answers:,} answers are newer than the baseline", "evalbench run --max-age 12h"
        )


def _refuse_blind(found: GateResult, min_mde: float | None) -> None:
    if min_mde is None:
        return
    for line in found.lines:
        for test in line.tests:
            if not test.items or (test.detectable_drop is not None and test.detectable_drop <= min_mde):
                continue
            seen = (
                "no drop at all"
                if test.detectable_drop is None
                else f"only a drop of {test.detectable_drop:.3f}"
            )
            needed = test.items * ((test.detectable_drop or 1) / min_mde) ** 2
            raise InputError(
                f"{line.task}: {test.items:,} items can show {seen} (4 times in 5), and --min-mde asks for "
                f"{min_mde:g}",
                f"measure about {needed:,.0f} items, ask each more often (--repeats), or raise --min-mde.",
            )


def _check_notes(
    record: Baseline, baseline: Baseline, asked: GateOptions, concluded: Concluded
) -> tuple[str, ...]:
    notes = []
    if (age := datetime.now(UTC) - moment_of(baseline.accepted)) > OLD_AFTER:
        notes.append(
            f"{baseline.source} was accepted {age.days} days ago; accept anew on every merge or schedule: "
            f"evalbench gate accept latest --baseline {shlex.quote(baseline.source)}"
        )
    new = [name for name in record.tasks if name not in baseline.tasks]
    if new:
        notes.append(
            f"{', '.join(new)}: not in {baseline.source}, so not guarded; accept a run that has "
            f"{'it' if len(new) == 1 else 'them'}"
        )
    if asked.tasks:
        left = [name for name in baseline.tasks if name not in asked.tasks]
        notes += [f"not checked: {', '.join(left)}"] if left else []
    if asked.all_tiers:
        notes += [
            f"{name}: not checked, since the run did not ask them: {', '.join(lacking)}"
            for name, task in record.tasks.items()
            if name in baseline.tasks
            and (lacking := [tier for tier in baseline.tasks[name].tiers if tier not in task.tiers])
        ]
    if not concluded.run.is_complete:
        notes.append(f"run {record.run} is not complete; missing answers are not counted as wrong")
    return tuple(notes)


def _with_texts(result: GateResult, concluded: Concluded) -> GateResult:
    runs = {task.task.name: task for task in concluded.run.tasks}
    return replace(result, lines=tuple(_line_with_texts(line, runs[line.task]) for line in result.lines))


def _line_with_texts(line: GateLine, run: TaskRun) -> GateLine:
    shown = {item.id for item in line.moved[:MOST_ITEMS]} if line.verdict is not GateVerdict.PASS else set()
    if not shown:
        return line
    items = {item.id: (place, item) for place, item in enumerate(run.items) if item.id in shown}
    tier = run.models.tiers.index(line.tier)
    places = {place: name for name, (place, _) in items.items()}
    answers: dict[str, str | None] = {}
    figures = run.figures
    for row, text in enumerate(run.outputs()):
        if figures.tier[row] == tier and figures.repeat[row] == 0 and figures.item[row] in places:
            answers[places[figures.item[row]]] = text

    def with_text(moved: MovedItem) -> MovedItem:
        if moved.id not in items:
            return moved
        item = items[moved.id][1]
        asked = item.prompt.text or " ".join(turn.content for turn in item.prompt.messages)
        return replace(
            moved,
            asked=asked[:_LONGEST_TEXT],
            right=(spoken(item.target) or "")[:_LONGEST_TEXT],
            answered=(answers.get(moved.id) or "")[:_LONGEST_TEXT],
        )

    return replace(line, moved=tuple(map(with_text, line.moved)))


def _report(result: GateResult, folder: Path, to_resume: str | None) -> Checked:
    junit, markdown = folder / "junit.xml", folder / "gate.md"
    text = render_gate_markdown(result)
    _write(junit, render_gate_junit(result), "-o DIR")
    _write(markdown, text, "-o DIR")
    _append_step_summary(text)
    return Checked(result, junit, markdown, to_resume)


def _append_step_summary(text: str) -> None:
    """Add to the page of the CI step, as long as there is room: a summary too large is shown not at all."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    path = Path(named)
    try:
        room = _SUMMARY_BYTES - (path.stat().st_size if path.exists() else 0)
        if len(text.encode()) + 1 < room:
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(f"{text}\n")
    except OSError as error:
        raise InputError(
            f"the step summary {named!r} cannot be written: {error.strerror}", "unset GITHUB_STEP_SUMMARY."
        ) from error


def _write(path: Path, text: str, flag: str) -> None:
    try:
        with whole_file(path) as part:
            part.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error}", f"name another with {flag}.") from error
