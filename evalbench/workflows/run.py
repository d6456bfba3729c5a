"""The main job: load, plan, ask, grade, store, decide and report."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from evalbench.assembly.beginning import Begun, begin, begin_again
from evalbench.assembly.ceilings import Ceilings
from evalbench.assembly.early_stop import EarlyStop
from evalbench.assembly.early_stop_words import early_stop_words
from evalbench.assembly.forecast import forecast
from evalbench.assembly.judge_plan import judge_plans
from evalbench.assembly.options import RunOptions
from evalbench.assembly.preparing import Prepared
from evalbench.assembly.progress import Progress, Stored
from evalbench.assembly.proof import plan_of
from evalbench.assembly.result import RunResult
from evalbench.assembly.resuming import options_of
from evalbench.assembly.session import Session, open_session
from evalbench.assembly.timing import Timing
from evalbench.assembly.wiring import cost_usd, lane_of
from evalbench.core.completion import Failure
from evalbench.core.plan import Entry, Plan, Slot
from evalbench.core.score import Score, is_quick
from evalbench.errors import IncompleteRunError, InterruptedRunError, StoreError
from evalbench.pricing.price_list import let_go
from evalbench.runner.budget import Budget
from evalbench.runner.execute import execute
from evalbench.runner.hooks import Ending, Hooks, Settings
from evalbench.runner.memory import give_back
from evalbench.runner.plan import TaskJob, TaskWork, plan_task
from evalbench.store.coding import stamp
from evalbench.store.failures import read_failures
from evalbench.store.journal import Journal
from evalbench.store.ledger import connect
from evalbench.store.read import (
    answered,
    count_answered,
    count_answered_by_tier,
    count_ungraded,
    read_answers,
    read_scores,
    stored_keys,
    ungraded,
)
from evalbench.store.sole import sole_run
from evalbench.store.write import finish_run

_CLOCKS_DIFFER = timedelta(minutes=5)


def run(options: RunOptions, progress: Progress, *, resume: str | None = None) -> RunResult:
    """Run the eval sets over the tiers and conclude; `resume` goes on with an unfinished run.

    Answers in the ledger are used again, so the same command calls nothing twice. Raises
    `InterruptedRunError` after Ctrl-C, with everything kept.
    """
    if resume is not None:
        options = options_of(options, resume)
    session = open_session(options, progress)
    let_go()  # Every model has its price by now.
    ledger = session.setting.ledger
    if options.dry_run and not ledger.exists():
        works = [plan_task(each.job, _nothing, set()) for each in session.prepared]
        return RunResult(_announce(session, works, None))
    held = nullcontext() if options.dry_run else sole_run(ledger, progress.say)
    with held, connect(ledger) as connection:
        begun = None if resume is None else begin_again(connection, resume, session)
        if begun is not None:
            from evalbench.assembly.rest_of_cap import with_rest_of_cap

            session = with_rest_of_cap(connection, session, begun)
        works = _plan(connection, session, begun)
        resumed = None if begun is None else begun.manifest.id
        plan = _announce(session, works, connection, resumed)
        if options.dry_run:
            return RunResult(plan)
        session.check_budget(plan)
        begun = begun or begin(connection, session)
        watch = EarlyStop([each.job for each in session.prepared], progress.say)
        timing = Timing()
        ending = _execute(connection, session, works, begun, watch, timing)
        warning = timing.warning(ending.late_s)
        if warning is not None:
            session.progress.say(warning)
        works.clear()
        give_back()
        missing = sum(_lacking(connection, begun, each, watch) for each in session.prepared)
        return _conclude(connection, session, plan, begun, (ending, missing))


def _nothing(keys: Sequence[bytes]) -> set[bytes]:
    del keys
    return set()


def _plan(connection: sqlite3.Connection, session: Session, begun: Begun | None) -> list[TaskWork]:
    stored = partial(_usable_keys, connection, session.options)
    claimed: set[bytes] = set()
    works = []
    for each in session.prepared:
        done, left = (set(), set()) if begun is None else _done(connection, begun, each.job)
        failed = {} if begun is None else _failed(connection, begun, each.job)
        works.append(plan_task(each.job, stored, claimed, done, left, failed))
    return works


def _failed(connection: sqlite3.Connection, begun: Begun, job: TaskJob) -> dict[Slot, Failure]:
    """How those slots ended in the first leg of which that is worth knowing in the next."""
    found = read_failures(connection, begun.rows[job.position])
    return {Slot(job.position, *place): failure for place, failure in found}


def _usable_keys(connection: sqlite3.Connection, options: RunOptions, keys: Sequence[bytes]) -> set[bytes]:
    if options.refresh:
        return set()
    if options.max_age_s is None:
        return stored_keys(connection, keys, None)
    now = datetime.now(UTC)
    oldest = now - timedelta(seconds=options.max_age_s)
    # Dated later than now, an answer is of unknown age: a clock was wrong when it was stored.
    return stored_keys(connection, keys, stamp(oldest), stamp(now + _CLOCKS_DIFFER))


def _done(connection: sqlite3.Connection, begun: Begun, job: TaskJob) -> tuple[set[Slot], set[Slot]]:
    """What the first leg has finished, and what it has itself asked and not judged any more."""
    row = begun.rows[job.position]
    done = {Slot(job.position, *place) for place in answered(connection, row)}
    if is_quick(job.grader):  # All others judge an answer before it is written down.
        return done, set()
    left = {Slot(job.position, *place): is_reused for place, is_reused in ungraded(connection, row).items()}
    return done - left.keys(), {slot for slot, is_reused in left.items() if not is_reused}


def _announce(
    session: Session,
    works: Sequence[TaskWork],
    connection: sqlite3.Connection | None,
    resumed: str | None = None,
) -> Plan:
    tiers = (
        *forecast(works, session.setting.timeout_s, connection),
        *judge_plans(works, session.bench, connection),
    )
    plan = plan_of(session.prepared, tiers, connection, resumed)
    if session.options.early_stop:
        words = tuple(early_stop_words(each.job, tiers) for each in session.prepared)
        plan = replace(plan, proofs=(*plan.proofs, *words))
    if not session.options.dry_run:  # Then the plan is the result, and is shown as such.
        session.progress.planned(plan)
    for sentence in session.cap_words(plan):
        session.progress.say(sentence)
    return plan


def _scores(connection: sqlite3.Connection, begun: Begun, slots: Sequence[Slot]) -> dict[Slot, Score]:
    """What the first leg has judged."""
    places = [(slot.tier, slot.item, slot.repeat) for slot in slots]
    (task,) = {slot.task for slot in slots}
    found = read_scores(connection, begun.rows[task], places)
    return {Slot(task, *place): score for place, score in found.items()}


def _execute(
    connection: sqlite3.Connection,
    session: Session,
    works: Sequence[TaskWork],
    begun: Begun,
    watch: EarlyStop,
    timing: Timing,
) -> Ending:
    jobs = [each.job for each in session.prepared]

    def on_stored(batch: Sequence[Entry]) -> None:
        events = []
        for entry in batch:
            if entry.is_late_grade:
                continue
            job = jobs[entry.slot.task]
            tier = job.pool.tiers[entry.slot.tier]
            cost = None
            if entry.completion is not None:
                cost = cost_usd(job, tier, entry.completion)
                timing.hear(entry.completion, job.providers[tier])
            elif entry.key is not None and not entry.is_reused:
                cost = 0.0  # Its answer is that of another item or leg, where it is paid for.
            events.append(Stored(job.task.name, tier, cost, entry.is_reused, entry.failure is not None))
        session.progress.stored(events)

    journal = Journal(session.setting.ledger, begun.rows, on_stored, run=begun.row)
    recall = partial(read_answers, connection)
    ceilings = Ceilings(session.setting.timeout_s, session.progress.say)
    hooks = Hooks(
        record=journal.put,
        recall=recall,
        billed_usd=ceilings.billed_usd,
        ceiling_usd=ceilings.ceiling_usd,
        starting=session.progress.starting,
        lane_of=partial(lane_of, session.options.concurrency),
        trouble=lambda: journal.trouble,
        settled=watch.settled if session.options.early_stop else None,
        scores=partial(_scores, connection, begun),
        desk=session.bench.desk(recall, journal.put, ceilings),
    )
    settings = Settings(session.setting.timeout_s, session.setting.retries)
    try:
        try:
            ending = execute(works, settings, Budget(session.max_spend_usd), hooks)
            return replace(ending, stopped=(*ending.stopped, *ceilings.sentences))
        finally:
            journal.close()
            session.progress.finished()
    except StoreError as error:
        raise IncompleteRunError(
            f"answers can no longer be stored: {error.problem}",
            f"make room, then: evalbench run --resume {begun.manifest.id}",
        ) from error


def _conclude(
    connection: sqlite3.Connection,
    session: Session,
    plan: Plan,
    begun: Begun,
    found: tuple[Ending, int],
) -> RunResult:
    ending, missing = found
    not_graded = sum(count_ungraded(connection, row) for row in begun.rows)
    wall_s = time.monotonic() - begun.started_s
    notes = (*session.notes, *ending.stopped)
    if ending.signal_number is not None:
        finish_run(connection, begun.row, "interrupted", wall_s, notes)
        answers = sum(count_answered(connection, row) for row in begun.rows)
        raise _interrupted(begun, session.prepared, answers, ending.signal_number)
    finish_run(connection, begun.row, "incomplete" if missing or not_graded else "complete", wall_s, notes)
    from evalbench.assembly.finishing import finish_reports

    concluded, page = finish_reports(connection, begun.manifest.id, begun.folder)
    return RunResult(plan, concluded, page, ending.over_budget, missing, ending.stopped, not_graded)


def _lacking(connection: sqlite3.Connection, begun: Begun, each: Prepared, watch: EarlyStop) -> int:
    """How many answers should be there and are not; what was left out as settled is not missing."""
    job = each.job
    if job.order is not None:
        return watch.lacking(job, count_answered_by_tier(connection, begun.rows[job.position]))
    wanted = len(job.items) * len(job.pool.tiers) * job.repeats
    return wanted - count_answered(connection, begun.rows[job.position])


def _interrupted(
    begun: Begun, prepared: Sequence[Prepared], answers: int, number: int
) -> InterruptedRunError:
    wanted = sum(len(each.job.items) * len(each.job.pool.tiers) * each.job.repeats for each in prepared)
    return InterruptedRunError(
        f"interrupted: {answers:,} of {wanted:,} answers are there, and kept",
        f"go on with: evalbench run --resume {begun.manifest.id}",
        is_terminated=number == signal.SIGTERM,
    )
