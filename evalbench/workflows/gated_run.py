"""Run, then check against a baseline: one command for a CI job."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evalbench.assembly.checking import Checked
from evalbench.assembly.guarding import chosen_tasks, read_baseline, refuse_before_spending
from evalbench.assembly.options import GateOptions, RunOptions
from evalbench.assembly.progress import Progress
from evalbench.assembly.project import settle
from evalbench.assembly.result import RunResult
from evalbench.core.baseline import Baseline
from evalbench.gate.yardstick import refuse_another, yardstick_of
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run, read_tasks


@dataclass(frozen=True, slots=True)
class GatedRun:
    """What a run came to and what the gate found; `checked` is None after a dry run."""

    result: RunResult
    checked: Checked | None


def gated_run(
    options: RunOptions, progress: Progress, asked: GateOptions, *, resume: str | None = None
) -> GatedRun:
    """Run, and check what came of it; whatever is wrong with the baseline is told before a call."""
    from evalbench.workflows.gate import check_run
    from evalbench.workflows.run import run

    baseline = read_baseline(asked.baseline)
    for each in (baseline, *([] if asked.anchor is None else [read_baseline(asked.anchor)])):
        if resume is None:
            refuse_before_spending(settle(options.project), options, each, asked)
        else:
            _refuse_stored(options, resume, each, asked)
    result = run(replace(options, is_gated=True), progress, resume=resume)
    if result.concluded is None:
        return GatedRun(result, None)
    return GatedRun(result, check_run(options.project, result.concluded.run.manifest.id, asked))


def _refuse_stored(options: RunOptions, resume: str, baseline: Baseline, asked: GateOptions) -> None:
    """The same of a run that is gone on with: its items are stored."""
    with connect_stored(settle(options.project).ledger) as connection:
        stored = {
            each.card.task.name: each for each in read_tasks(connection, find_run(connection, resume).row)
        }
    for accepted in chosen_tasks(baseline, asked.tasks):
        found = stored.get(accepted.name)
        if found is not None:
            columns = accepted.yardstick.columns
            yardstick = yardstick_of(found.card.task, found.card.grader, found.items, columns=columns)
            refuse_another(yardstick, accepted.yardstick, baseline.source)
