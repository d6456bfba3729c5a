from __future__ import annotations

import dataclasses
import random

import pytest

from evalbench.core.completion import CONTEXT_OVERFLOW, Completion, Effort, Failure, Status, Usage
from evalbench.core.evalset import Task
from evalbench.core.figures import Figures, figures_of
from evalbench.core.models import Model
from evalbench.core.plan import Entry, Slot
from evalbench.core.run import Manifest, TaskRun
from evalbench.core.score import Score
from evalbench.store.ledger import connect
from evalbench.store.read import find_run
from evalbench.store.records import TaskCard
from evalbench.store.whole_run import read_run
from evalbench.store.write import begin_run, begin_task, finish_run, write_entries
from tests.build import make_item, make_pool, make_task

TIERS = ("small", "large")
ITEMS = tuple(make_item(f"i{number}", f"text {number}", target="yes") for number in range(600))
REPEATS = 2


def as_is(task: Task, model: Model, completion: Completion) -> Completion:
    del task, model
    return completion


def _entry(slot: Slot, draw: random.Random) -> Entry:
    """Anything that can become of a trial, the rare things included."""
    lost = draw.choice([None, None, Usage(5, 1)])
    effort = Effort(draw.randint(1, 3), lost=lost, unknown_bills=draw.choice([0, 0, 1]))
    if draw.random() < 0.1:
        in_vain = dataclasses.replace(effort, busy_s=draw.choice([0.0, 0.25]))
        return Entry(slot, None, failure=Failure("error", "it broke", effort=in_vain))
    completion = Completion(
        draw.choice(["yes", "no", ""]),
        status=draw.choice([Status.OK, Status.OK, Status.REFUSED, Status.TRUNCATED]),
        usage=Usage(draw.randint(1, 99), draw.choice([None, 3]), draw.choice([None, 7])),
        cost_usd=draw.choice([None, 0.25]),
        latency_s=draw.random(),
        busy_s=draw.choice([None, 0.5]),
        confidence=draw.choice([None, 0.9]),
        finish_reason=draw.choice(["stop", CONTEXT_OVERFLOW]),
        created=f"2026-01-{draw.randint(10, 28)}T00:00:00.000Z",
        detail=draw.choice([{}, {"truncated_by": "reasoning"}]),
        effort=effort,
    )
    score = Score(draw.choice([0.0, 1.0]), "yes", is_valid=draw.random() < 0.9, statistics=(1.0, 0.0, 0.0))
    key = repr(slot).encode()[:32].rjust(32)
    return Entry(slot, key, completion, score=draw.choice([score, None]), is_reused=draw.random() < 0.2)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> TaskRun:
    """A task of 2 x 600 x 2 trials, a tenth of which nobody ever asked."""
    draw = random.Random(7)
    slots = [
        Slot(0, tier, item, repeat)
        for repeat in range(REPEATS)
        for item in range(len(ITEMS))
        for tier in range(len(TIERS))
        if draw.random() < 0.9
    ]
    card = TaskCard(make_task(), make_pool(TIERS), "label@1", "sig", {}, REPEATS)
    manifest = Manifest("run-1", "2026-01-01T00:00:00.000Z", "0", 7, REPEATS, make_pool(TIERS))
    with connect(tmp_path_factory.mktemp("ledger") / "ledger.sqlite") as connection:
        run = begin_run(connection, manifest)
        row = begin_task(connection, run, card, ITEMS)
        write_entries(connection, [_entry(slot, draw) for slot in slots], [row])
        finish_run(connection, run, "complete", 1.0, [])
        return read_run(connection, find_run(connection, "latest"), as_is).tasks[0]


def test_the_figures_are_those_of_the_trials_read_one_by_one(stored: TaskRun) -> None:
    expected = figures_of(tuple(stored.trials), ITEMS, TIERS)

    found = stored.figures

    assert len(found) == len(TIERS) * len(ITEMS) * REPEATS
    for name in (field.name for field in dataclasses.fields(Figures)):
        if name not in ("answer", "details", "efforts", "failures"):
            assert repr(getattr(found, name)) == repr(getattr(expected, name)), name
    assert (found.details, found.efforts) == (expected.details, expected.efforts)
    asked = {row: failure for row, failure in expected.failures.items() if failure.kind != "not_asked"}
    assert dict(found.failures) == asked


def test_one_trial_is_the_one_that_stands_there(stored: TaskRun) -> None:
    trials = tuple(stored.trials)

    for row in (0, 1, 599, 1200, len(trials) - 1):
        assert stored.trials[row] == trials[row]
    assert stored.trials[3:6] == trials[3:6]


def test_the_outputs_come_in_the_order_of_the_trials(stored: TaskRun) -> None:
    texts = [None if trial.completion is None else trial.completion.text for trial in stored.trials]

    assert list(stored.outputs()) == texts


def test_stored_items_are_read_in_any_order(stored: TaskRun) -> None:
    assert [stored.items[place].id for place in (599, 0, 256, 255, -1)] == [
        "i599",
        "i0",
        "i256",
        "i255",
        "i599",
    ]
    assert [item.id for item in stored.items[254:258]] == ["i254", "i255", "i256", "i257"]
    assert len(list(stored.items)) == len(stored.items) == 600
    with pytest.raises(IndexError):
        stored.items[600]
