from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evalbench.core.completion import Completion
from evalbench.core.evalset import Item
from evalbench.core.looks import Looks
from evalbench.core.plan import Entry, Slot
from evalbench.core.run import Manifest
from evalbench.core.score import Score
from evalbench.store.ledger import connect
from evalbench.store.looks import MOST_REMEMBERED, looks_before, next_look
from evalbench.store.read import find_run, read_tasks, remove_run
from evalbench.store.records import TaskCard
from evalbench.store.write import add_entries, begin_run, begin_task, finish_run
from tests.build import make_item, make_pool, make_task

CARD = TaskCard(make_task(), make_pool(("small", "large")), "label@1", "signature", {})
ITEMS = tuple(make_item(f"i{number}", f"text {number}") for number in range(60))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with connect(tmp_path / "ledger.sqlite") as connection:
        yield connection


def begin(ledger: sqlite3.Connection, run: str, card: TaskCard = CARD, items: Sequence[Item] = ITEMS) -> int:
    ledger.execute("BEGIN")
    row = begin_run(ledger, Manifest(run, f"2026-01-0{run[-1]}T00:00:00.000Z", "0", 7, 1, card.models))
    begin_task(ledger, row, card, items)
    ledger.execute("COMMIT")
    return row


def answer(ledger: sqlite3.Connection, run: int, texts: Sequence[str]) -> None:
    """Answers of the small tier, one for each text; equal texts are stored once and used again."""
    (task,) = read_tasks(ledger, run)
    entries = []
    for number, text in enumerate(texts):
        key = f"{number} {text}".encode()
        is_stored = ledger.execute("SELECT 1 FROM answers WHERE key = ?", (key,)).fetchone() is not None
        done = None if is_stored else Completion(text, created="2026-01-01T00:00:00.000Z")
        entries.append(Entry(Slot(0, 0, number, 0), key, done, score=Score(1.0), is_reused=is_stored))
    add_entries(ledger, entries, [task.row])


def finish(ledger: sqlite3.Connection, run: int, state: str = "complete") -> Looks:
    finish_run(ledger, run, state, 0.0, ())
    (task,) = read_tasks(ledger, run)
    return task.card.looks


def seen(
    ledger: sqlite3.Connection,
    run: str,
    card: TaskCard = CARD,
    items: Sequence[Item] = ITEMS,
    texts: Sequence[str] = ("a", "b", "c"),
) -> Looks:
    row = begin(ledger, run, card, items)
    answer(ledger, row, texts)
    return finish(ledger, row)


def test_the_first_run_of_a_task_is_the_first_look(ledger: sqlite3.Connection) -> None:
    assert seen(ledger, "r1") == Looks(1, ())


def test_more_items_are_another_look_that_remembers_the_one_before(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1", items=ITEMS[:30])

    found = seen(ledger, "r2")

    assert found.number == 2
    assert [(look.run, look.number, look.items, look.max_drop) for look in found.before] == [
        ("r1", 1, 30, 0.05)
    ]


@pytest.mark.parametrize(
    "card", [replace(CARD, grader="exact@1"), replace(CARD, repeats=3)], ids=["grader", "repeats"]
)
def test_another_grader_or_more_repeats_are_another_look(ledger: sqlite3.Connection, card: TaskCard) -> None:
    seen(ledger, "r1")

    assert seen(ledger, "r2", card).number == 2


def test_answers_asked_for_anew_are_another_look(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1")

    assert seen(ledger, "r2", texts=("a", "b", "other")).number == 2


def test_runs_for_the_gate_are_no_looks_and_are_not_remembered(ledger: sqlite3.Connection) -> None:
    gate = replace(CARD, looks=Looks(is_gate=True))
    first = seen(ledger, "r1", texts=("a", "b", "c"))
    nights = [seen(ledger, f"r{night}", gate, texts=(f"night {night}", "b", "c")) for night in (2, 3, 4)]

    after = seen(ledger, "r5", texts=("anew", "b", "c"))

    assert [(look.number, look.is_gate) for look in nights] == [(first.number, True)] * 3
    assert (after.number, [look.run for look in after.before], after.is_gate) == (2, ["r1"], False)


def test_the_same_answers_again_are_the_same_look(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1")

    again = seen(ledger, "r2")

    assert again.number == 1
    assert again.earlier == ()
    assert [look.run for look in again.before] == ["r1"]


def test_asking_again_for_what_was_missing_is_the_same_look(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1", texts=("a", "b"))

    assert seen(ledger, "r2", texts=("a", "b", "c")).number == 1


def test_resuming_a_run_does_not_count_it_twice(ledger: sqlite3.Connection) -> None:
    row = begin(ledger, "r1")
    answer(ledger, row, ("a", "b"))
    finish(ledger, row, "incomplete")

    assert looks_before(ledger, CARD, resumed="r1") == ()
    assert finish(ledger, row).number == 1


def test_the_same_recorded_answers_on_other_terms_are_the_same_look(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1")
    row = begin(ledger, "r2", replace(CARD, task=make_task(max_drop=0.1)))
    (task,) = read_tasks(ledger, row)
    copies = [
        Entry(
            Slot(0, 0, number, 0),
            f"{number} {text}".encode(),
            Completion(text, created="2026-01-01T00:00:00.000Z"),
        )
        for number, text in enumerate(("a", "b", "c"))
    ]
    add_entries(ledger, copies, [task.row])

    found = finish(ledger, row)

    assert found.number == 1
    assert [look.max_drop for look in found.before] == [0.05]


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, task=make_task("other")),
        replace(CARD, models=make_pool(("small", "medium", "large"))),
        replace(CARD, models=make_pool(("small", "large"), "small")),
    ],
    ids=["task", "candidates", "current"],
)
def test_another_task_or_other_models_are_another_question(
    ledger: sqlite3.Connection, card: TaskCard
) -> None:
    seen(ledger, "r1")

    assert seen(ledger, "r2", card) == Looks(1, ())


def test_a_handful_of_items_is_no_look_but_is_remembered(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1", items=ITEMS[:19])

    found = seen(ledger, "r2")

    assert found.number == 1
    assert len(found.before) == 1


@pytest.mark.parametrize("state", ["running", "interrupted"])
def test_a_run_that_nobody_saw_the_end_of_is_no_look(ledger: sqlite3.Connection, state: str) -> None:
    row = begin(ledger, "r1", items=ITEMS[:30])
    ledger.execute("UPDATE runs SET state = ? WHERE id = ?", (state, row))

    assert seen(ledger, "r2") == Looks(1, ())


def test_the_count_of_a_stored_run_stays_when_others_come_and_go(ledger: sqlite3.Connection) -> None:
    seen(ledger, "r1", items=ITEMS[:30])
    seen(ledger, "r2", items=ITEMS[:40])
    seen(ledger, "r3", items=ITEMS[:50])

    remove_run(ledger, find_run(ledger, "r1"))
    remove_run(ledger, find_run(ledger, "r3"))

    (kept,) = read_tasks(ledger, find_run(ledger, "r2").row)
    assert kept.card.looks.number == 2
    assert next_look(looks_before(ledger, CARD)).number == 3
    assert [look.run for look in seen(ledger, "r4").before] == ["r1", "r2"]


def test_a_run_remembers_the_newest_of_many_and_still_counts_all(ledger: sqlite3.Connection) -> None:
    *_, found = [
        seen(ledger, f"r{number}", items=ITEMS[: 20 + number % 2], texts=(f"answer {number}",))
        for number in range(MOST_REMEMBERED + 3)
    ]

    assert found.number == MOST_REMEMBERED + 3
    assert len(found.before) == MOST_REMEMBERED
    assert found.before[-1].run == f"r{MOST_REMEMBERED + 1}"
