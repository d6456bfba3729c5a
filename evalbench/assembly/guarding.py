"""Which tier of which task a gate guards, and whether a baseline can be compared with at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evalbench.assembly.deployed import refuse_strangers
from evalbench.assembly.judging import Bench
from evalbench.assembly.options import GateOptions, RunOptions
from evalbench.assembly.preparing import any_grader_of, drawn
from evalbench.assembly.project import Setting, load_sets
from evalbench.assembly.records import Times, measured_of, yardstick_like
from evalbench.assembly.wiring import Wiring, pool_for
from evalbench.core.baseline import Baseline, TaskRecord
from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding
from evalbench.errors import InputError, UnknownNameError
from evalbench.gate.baseline_file import from_text
from evalbench.gate.check import Guarded
from evalbench.gate.reading import moment_of
from evalbench.gate.yardstick import refuse_another, yardstick_of

_LARGEST = 256 * 2**20


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file; an InputError says what is wrong with it, where, and what to do."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path} is no baseline: it is too large", "name another file: --baseline FILE.")
        text = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise InputError(
            f"there is no file {str(path)!r}", f"make one: evalbench gate accept latest --baseline {path}"
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", "name a baseline file.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line}: is no text, so no baseline",
            f"take it from version control again: git checkout -- {path}",
        ) from error
    return from_text(text, str(path))


def guarded_tier(task: TaskRecord, deployed: Mapping[str, Tier]) -> Tier:
    """The tier in use: as the project says, else the baseline's recommendation, else its `current`."""
    return deployed.get(task.name) or task.recommended or task.current


def guarded_tiers(record: Baseline, setting: Setting) -> dict[str, Tier]:
    """The tier in use of every task of a run."""
    refuse_strangers(setting, record.tasks)
    return {name: guarded_tier(task, setting.deployed) for name, task in record.tasks.items()}


def chosen_tasks(baseline: Baseline, names: Sequence[str]) -> list[TaskRecord]:
    """The tasks of a baseline that were asked for, all of them by default."""
    for name in names:
        if name not in baseline.tasks:
            raise UnknownNameError(f"task in {baseline.source}", name, baseline.tasks)
    return [task for name, task in baseline.tasks.items() if not names or name in names]


def guarded_lines(
    record: Baseline,
    findings: Sequence[Finding],
    times: Times,
    baselines: tuple[Baseline, Baseline | None],
    setting: Setting,
    choice: GateOptions,
) -> list[Guarded]:
    """The lines of a check, once everything that was measured with is shown to be the same."""
    baseline, anchor = baselines
    refuse_strangers(setting, (*record.tasks, *baseline.tasks))
    by_name = {finding.run.task.name: finding for finding in findings}
    lines = []
    for accepted in chosen_tasks(baseline, choice.tasks):
        task = _task_of(record, accepted, baseline)
        anchored = None if anchor is None else _task_in(anchor, accepted)
        refuse_another(task.yardstick, accepted.yardstick, baseline.source)
        if anchored is not None:
            _refuse_other_anchor(task, anchored, by_name[task.name], _source(anchor))
        for tier in _tiers(accepted, task, setting.deployed, choice):
            _refuse_lacking_tier(tier, task, accepted, record.run, baseline.source)
            if anchored is not None and tier not in anchored.tiers:
                raise _lacks_tier(_source(anchor), task.name, tier)
            since = accepted.tiers[tier].newest
            measured = measured_of(
                by_name[task.name],
                tier,
                times[task.name, tier],
                moment_of(since) if since else None,
            )
            lines.append(Guarded(task, tier, accepted, anchored, measured))
    return lines


def refuse_before_spending(
    setting: Setting, options: RunOptions, baseline: Baseline, choice: GateOptions
) -> list[tuple[str, Tier]]:
    """Check all that can be checked of a baseline before a call; returns the guarded lines."""
    sets = {evalset.name: evalset for evalset in load_sets(setting, options.sets)}
    refuse_strangers(setting, (*sets, *baseline.tasks))
    seed = setting.seed if options.seed is None else options.seed
    bench = Bench(setting, Wiring(setting.folder, seed, options.concurrency))
    lines = []
    for accepted in chosen_tasks(baseline, choice.tasks):
        evalset = sets.get(accepted.name)
        if evalset is None:
            raise _not_measured(accepted.name, "this run", baseline.source, list(sets))
        items = drawn(evalset.items, options.limit, seed)
        columns = accepted.yardstick.columns
        grader = any_grader_of(evalset, bench.assessor)
        yardstick = yardstick_of(evalset.task, grader.signature, items, columns=columns)
        refuse_another(yardstick, accepted.yardstick, baseline.source)
        tier = guarded_tier(accepted, setting.deployed)
        pool = pool_for(setting.pool, evalset, classical=setting.classical)
        if tier not in accepted.tiers:
            raise _lacks_tier(baseline.source, accepted.name, tier)
        if tier not in pool.models:
            raise _not_asked(accepted.name, tier, "this run", pool.tiers)
        lines.append((accepted.name, tier))
    return lines


def _refuse_other_anchor(task: TaskRecord, anchored: TaskRecord, finding: Finding, source: str) -> None:
    """The same for an anchor, which may be from before a column was added."""
    columns = anchored.yardstick.columns
    is_alike = columns == task.yardstick.columns
    now = task.yardstick if is_alike else yardstick_like(finding.run, columns)
    refuse_another(now, anchored.yardstick, source)


def _tiers(
    accepted: TaskRecord, task: TaskRecord, deployed: Mapping[str, Tier], choice: GateOptions
) -> list[Tier]:
    guarded = guarded_tier(accepted, deployed)
    others = [tier for tier in accepted.tiers if tier in task.tiers] if choice.all_tiers else []
    return list(dict.fromkeys([guarded, *others]))


def _task_of(record: Baseline, accepted: TaskRecord, baseline: Baseline) -> TaskRecord:
    if accepted.name not in record.tasks:
        raise _not_measured(accepted.name, f"run {record.run}", baseline.source, list(record.tasks))
    return record.tasks[accepted.name]


def _task_in(anchor: Baseline, accepted: TaskRecord) -> TaskRecord:
    if accepted.name not in anchor.tasks:
        raise InputError(
            f"the anchor {anchor.source} has no task {accepted.name!r}",
            "guard only tasks that both have with --tasks, or accept a new anchor: evalbench gate accept "
            f"RUN --baseline {anchor.source}",
        )
    return anchor.tasks[accepted.name]


def _source(anchor: Baseline | None) -> str:
    return "the anchor" if anchor is None else anchor.source


def _refuse_lacking_tier(tier: Tier, task: TaskRecord, accepted: TaskRecord, run: str, source: str) -> None:
    if tier not in accepted.tiers:
        raise _lacks_tier(source, task.name, tier)
    if tier not in task.tiers:
        raise _not_asked(task.name, tier, f"run {run}", list(task.tiers))


def _not_measured(task: str, what: str, source: str, there: Sequence[str]) -> InputError:
    return InputError(
        f"{source} guards the task {task!r}, which {what} lacks: it has {', '.join(there)}",
        f"measure it too, or guard only what is there: --tasks {','.join(there)}",
    )


def _lacks_tier(source: str, task: str, tier: Tier) -> InputError:
    return InputError(
        f"{source} has no scores of {task!r} at the deployed tier {tier!r}",
        f"accept a run that has: evalbench gate accept RUN --baseline {source}",
    )


def _not_asked(task: str, tier: Tier, what: str, there: Sequence[str]) -> InputError:
    return InputError(
        f"the gate guards {task!r} at {tier!r}, which {what} did not ask: it has {', '.join(there)}",
        f"ask it too (evalbench run --tiers {tier}), or say in evalbench.yaml what is in use: "
        f"deployed: {{{task}: {there[0]}}}",
    )
