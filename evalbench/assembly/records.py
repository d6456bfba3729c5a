"""Runs reduced to what a gate compares, and what it needs to know beside that."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from evalbench.advice.corpus import corpus_metric
from evalbench.advice.observations import (
    floats,
    integers,
    is_right_or_wrong,
    labelled,
    observe,
    rows_of,
)
from evalbench.assembly.concluded import Concluded
from evalbench.core.baseline import Baseline, TaskRecord, TierRecord, Yardstick
from evalbench.core.estimate import TierEstimate
from evalbench.core.models import Tier
from evalbench.core.recommendation import Finding
from evalbench.core.run import TaskRun
from evalbench.core.score import CORPUS_METRICS
from evalbench.errors import InputError
from evalbench.gate.encoding import rounded
from evalbench.gate.limits import Measured
from evalbench.gate.yardstick import digest, yardstick_of
from evalbench.store.ages import AnswerTimes
from evalbench.store.coding import stamp

Times = Mapping[tuple[str, Tier], AnswerTimes]


def record_of(concluded: Concluded, times: Times, like: Baseline | None = None) -> Baseline:
    """A run as a gate sees it; `like` is the baseline it is to be compared with.

    Tasks whose answers were compared in pairs are left out: what they were compared with differs from
    run to run, and a bar has to stay where it is.
    """
    run = concluded.run
    guardable = [finding for finding in concluded.findings if not finding.run.is_pairwise]
    if concluded.findings and not guardable:
        raise InputError(
            f"the answers of run {run.manifest.id} were compared with those of the current tier, "
            "which differ from run to run, so there is no bar for a gate",
            "guard a task whose grader scores each answer alone, as `judge` does.",
        )
    tasks = {}
    for finding in guardable:
        name = finding.run.task.name
        other = None if like is None else like.tasks.get(name)
        columns = None if other is None else other.yardstick.columns
        tasks[name] = _task_record(finding, times, columns)
    return Baseline(
        run=run.manifest.id,
        created=run.manifest.created,
        accepted=stamp(datetime.now(UTC)),
        version=run.manifest.version,
        tasks=tasks,
    )


def measured_of(finding: Finding, tier: Tier, times: AnswerTimes, since: datetime | None) -> Measured:
    """What limits and freshness are judged by: answers given after `since` are newer."""
    run = finding.run
    task = run.task
    rows = rows_of(run, tier)
    first = rows[integers(run.figures.repeat)[rows] == 0]
    return Measured(
        model=run.models.models[tier].label,
        limits=task.limits,
        must_pass=task.must_pass,
        max_drop=task.max_drop,
        # 1 - 0.95 is 0.050000000000000044: a limit exactly at the level counts as shown.
        alpha=round(1 - task.confidence, 12),
        is_share=is_right_or_wrong(run),
        first_latencies_s=tuple(floats(run.figures.latency_s)[first].tolist()),
        answers=len(times.given),
        newer=times.after(since),
        metric=corpus_metric(task),
    )


def yardstick_like(run: TaskRun, columns: Sequence[str] | None) -> Yardstick:
    """What a task of a run was measured with, as far as these columns go; None for all of them."""
    return yardstick_of(run.task, run.grader, run.items, labelled(run).tolist(), columns)


def _task_record(finding: Finding, times: Times, columns: Sequence[str] | None) -> TaskRecord:
    run = finding.run
    order = _order(run, labelled(run))
    return TaskRecord(
        yardstick=yardstick_like(run, columns),
        current=run.models.current,
        recommended=finding.recommendation.tier,
        tiers={
            estimate.tier: _tier_record(run, estimate, order, times.get((run.task.name, estimate.tier)))
            for estimate in finding.estimates
        },
    )


def _order(run: TaskRun, takes_part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places among the items that take part, in the order of their ids."""
    ids = [item.id for place, item in enumerate(run.items) if takes_part[place]]
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def _tier_record(
    run: TaskRun, estimate: TierEstimate, order: NDArray[np.int64], times: AnswerTimes | None
) -> TierRecord:
    seen = observe(run, (estimate.tier,))
    counts = None
    if run.task.metric in CORPUS_METRICS and seen.statistics is not None:
        counts = tuple(
            None if any(map(math.isnan, row)) else tuple(row) for row in seen.statistics[0][order].tolist()
        )
    newest = None if times is None else times.newest
    return TierRecord(
        tier=estimate.tier,
        setup=_setup(run, estimate.tier),
        scores=tuple(
            tuple(None if math.isnan(score) else rounded(score) for score in row)
            for row in seen.scores[0][order].tolist()
        ),
        counts=counts,
        cost_usd_per_item=_short(estimate.cost.per_item_usd),
        p95_s=None if estimate.latency is None else _short(estimate.latency.p95),
        newest=None if newest is None else stamp(newest),
    )


def _short(number: float | None) -> float | None:
    """Six digits: more would be noise in a file that people compare."""
    return None if number is None else float(f"{number:.6g}")


def _setup(run: TaskRun, tier: Tier) -> dict[str, str]:
    """What may change under a gate, as digests where it is long."""
    task, model = run.task, run.models.models[tier]
    prompt = task.per_tier.get(tier, task.prompt)
    price = None
    if model.price is not None:
        said = asdict(model.price)
        price = {name: value for name, value in said.items() if name not in ("source", "as_of", "digest")}
        price = {name: value for name, value in price.items() if value not in (None, (), False)}
    return {
        "model": model.id,
        "params": digest([dict(model.params), model.api_base]),
        "prompt": digest([prompt.template, prompt.system, prompt.shots]),
        "price": "unknown" if price is None else _price_words(price),
        "schema_and_tools": digest([task.schema, task.tools]),
        "train": (task.train_digest or "none")[:12],
    }


def _price_words(price: Mapping[str, object]) -> str:
    plain = {name: value for name, value in price.items() if isinstance(value, int | float)}
    rest = {name: value for name, value in price.items() if name not in plain}
    words = " ".join(f"{name}={value:g}" for name, value in plain.items())
    return f"{words} {digest(rest)}" if rest else words
