from __future__ import annotations

import sqlite3
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evalbench.core.completion import Completion, Effort, Failure, Status, Usage
from evalbench.core.evalset import Item, Message, Prompt, Task
from evalbench.core.models import Model
from evalbench.core.plan import Entry, Slot
from evalbench.core.run import Manifest
from evalbench.core.score import Score
from evalbench.errors import StoreError
from evalbench.loaders.item_file import ItemFile
from evalbench.store.journal import GATHER_S, Journal
from evalbench.store.layout import MIGRATIONS
from evalbench.store.ledger import connect, is_sound
from evalbench.store.read import (
    answered,
    find_run,
    list_runs,
    read_answers,
    read_tasks,
    remove_run,
    stored_keys,
)
from evalbench.store.records import TaskCard
from evalbench.store.whole_run import read_run
from evalbench.store.write import begin_run, begin_task, copy_trials, finish_run, write_entries
from tests.build import make_item, make_pool, make_task

KEY = b"k" * 32
OTHER = b"o" * 32
ANSWER = Completion(
    "yes\x00\u2028",
    usage=Usage(12, 3, 4, 5, 1),
    cost_usd=0.25,
    latency_s=0.5,
    first_token_s=0.1,
    busy_s=0.4,
    confidence=0.9,
    finish_reason="stop",
    created="2026-01-02T03:04:05.000Z",
    detail={"kind": "classical model"},
)


def as_is(task: Task, model: Model, completion: Completion) -> Completion:
    del task, model
    return completion


def make_manifest(run_id: str = "run-1", created: str = "2026-01-01T00:00:00.000Z") -> Manifest:
    return Manifest(run_id, created, "0", 7, 1, make_pool(("small", "large")), {"demo": "label@1"}, {"a": 1})


def begin(
    connection: sqlite3.Connection,
    run_id: str = "run-1",
    created: str = "2026-01-01T00:00:00.000Z",
    items: Sequence[Item] = (make_item("007"), make_item("NA", target={"a": [1.5]})),
) -> int:
    run = begin_run(connection, make_manifest(run_id, created))
    card = TaskCard(
        make_task(), make_pool(("small", "large")), "label@1", "sig", {"small": [["system", "be brief"]]}
    )
    return begin_task(connection, run, card, items)


def test_an_answer_comes_back_exactly_as_it_was_stored(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)

        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER)], [row])

        assert read_answers(connection, [KEY]) == {KEY: ANSWER}


def test_a_run_comes_back_with_items_scores_failures_and_what_was_never_asked(tmp_path: Path) -> None:
    score = Score(1.0, "yes", "names the label", statistics=(1.0, 0.0))
    failure = Failure("error", "it broke")
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(
            connection,
            [
                Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER, score=score),
                Entry(Slot(0, 1, 0, 0), None, failure=failure),
            ],
            [row],
        )

        run = read_run(connection, find_run(connection, "latest"), as_is)

    (task,) = run.tasks
    first, never, failed, last = task.trials
    assert [item.id for item in task.items] == ["007", "NA"]
    assert task.items[1].target == {"a": [1.5]}
    assert (first.completion, first.score, first.status) == (ANSWER, score, Status.OK)
    assert failed.failure == failure
    assert [never.status, last.status] == [Status.MISSING, Status.MISSING]
    assert (run.answers_new, run.answers_reused, run.is_complete) == (1, 0, False)
    assert run.manifest == make_manifest()


def test_only_answers_young_enough_are_found_again(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER)], [row])

        assert stored_keys(connection, [KEY, OTHER], None) == {KEY}
        assert stored_keys(connection, [KEY], "2026-01-02T03:04:05.000Z") == {KEY}
        assert stored_keys(connection, [KEY], "2026-01-02T03:04:05.001Z") == set()
        assert stored_keys(connection, [KEY], None, "2026-01-02T03:04:05.000Z") == {KEY}
        assert stored_keys(connection, [KEY], None, "2026-01-02T03:04:04.999Z") == set()


def test_a_resume_finds_what_is_answered_and_not_what_failed(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        entries = [
            Entry(Slot(0, 0, 1, 0), KEY, completion=ANSWER),
            Entry(Slot(0, 1, 1, 0), None, failure=Failure("error", "it broke")),
        ]

        write_entries(connection, entries, [row])

        assert answered(connection, row) == {(0, 1, 0)}


def test_a_failure_is_replaced_by_the_answer_of_a_later_try(tmp_path: Path) -> None:
    place = Slot(0, 0, 0, 0)
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(connection, [Entry(place, None, failure=Failure("error", "it broke"))], [row])

        write_entries(connection, [Entry(place, KEY, completion=ANSWER)], [row])

        (task,) = read_run(connection, find_run(connection, "run-1"), as_is).tasks
        assert (task.trials[0].failure, task.trials[0].completion) == (None, ANSWER)


def test_equal_item_sets_are_kept_once(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        begin(connection, "run-1")
        begin(connection, "run-2")

        assert connection.execute("SELECT count(*) FROM items").fetchone() == (2,)


ITEMS = (
    Item("i1", Prompt("où?", (), {"b": 1.5, "a": [10**20, 1e16, None]}), ["yes", "ja"], "g", ("x", "y"), 1),
    Item("i2", Prompt("t", (Message("user", "hi\n"),)), None),
)


def test_items_are_written_and_marked_as_earlier_versions_did(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        begin(connection, items=ITEMS)

        assert connection.execute("SELECT digest FROM item_sets").fetchall() == [
            ("13cb2f7393cf9f456a155e1a826fb03752ec436a1cbb05ff7d3a30128dfe88b6",)
        ]
        assert [body for (body,) in connection.execute("SELECT body FROM items ORDER BY position")] == [
            (
                '{"fields":{"a":[100000000000000000000,1e+16,null],"b":1.5},"group":"g","id":"i1",'
                '"messages":[],"tags":["x","y"],"target":["yes","ja"],"text":"où?"}'
            ),
            (
                '{"fields":{},"group":null,"id":"i2","messages":[["user","hi\\n"]],"tags":[],'
                '"target":null,"text":"t"}'
            ),
        ]


def test_sets_of_one_length_with_other_items_are_kept_apart(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        begin(connection, "run-1", items=ITEMS)
        begin(connection, "run-2", items=ITEMS[::-1])
        begin(connection, "run-3", items=ITEMS[:1])
        begin(connection, "run-4", items=ITEMS)

        assert connection.execute("SELECT count(*) FROM item_sets").fetchone() == (3,)
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (5,)


def test_the_bodies_of_all_items_are_never_held_at_once(tmp_path: Path) -> None:
    items = ItemFile(make_item(f"i{number}", f"{number} " * 1000) for number in range(1000))
    with connect(tmp_path / "ledger.sqlite") as connection:
        tracemalloc.start()

        begin(connection, items=items)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 1_500_000


def test_a_run_is_found_by_its_beginning_and_an_ambiguous_one_is_refused(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        for name in ("20260101-a", "20260101-b", "2027"):
            begin(connection, name)

        assert find_run(connection, "2027").name == "2027"
        assert find_run(connection, "latest").name == "2027"
        with pytest.raises(StoreError, match="beginning of 2 runs"):
            find_run(connection, "20260101")
        with pytest.raises(StoreError, match="no run 'x'") as far:
            find_run(connection, "x")
        with pytest.raises(StoreError) as near:
            find_run(connection, "20260101-c")

    assert far.value.fix == "`evalbench runs` lists them."
    assert near.value.fix == "did you mean 20260101-b? `evalbench runs` lists them."


def test_the_newest_run_is_listed_first(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        begin(connection, "old", "2026-01-01T00:00:00.000Z")
        begin(connection, "new", "2026-02-01T00:00:00.000Z")

        assert [row.name for row in list_runs(connection)] == ["new", "old"]


def test_removing_a_run_keeps_the_answers_that_another_run_uses(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        first, second = begin(connection, "run-1"), begin(connection, "run-2")
        entries = [
            Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER),
            Entry(Slot(0, 0, 1, 0), OTHER, completion=ANSWER),
        ]
        write_entries(connection, entries, [first])
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, is_reused=True)], [second])

        removed = remove_run(connection, find_run(connection, "run-1"))

        assert removed == 1
        assert read_answers(connection, [KEY, OTHER]) == {KEY: ANSWER}
        assert [row.name for row in list_runs(connection)] == ["run-2"]


def test_a_copied_task_points_at_the_same_answers(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        first, second = begin(connection, "run-1"), begin(connection, "run-2")
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER)], [first])

        copy_trials(connection, first, second)

        run = read_run(connection, find_run(connection, "run-2"), as_is)
        assert (run.tasks[0].trials[0].completion, run.answers_new, run.answers_reused) == (ANSWER, 0, 1)


def test_wall_time_adds_up_over_resumes(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin_run(connection, make_manifest())

        finish_run(connection, row, "interrupted", 1.5, ["a note"])
        finish_run(connection, row, "complete", 2.0, ["a note"])

        run = read_run(connection, find_run(connection, "latest"), as_is)
        assert (run.wall_s, run.is_complete, run.notes) == (3.5, True, ("a note",))


def test_what_stood_before_an_items_message_is_kept(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        begin(connection)

        (task,) = read_tasks(connection, find_run(connection, "latest").row)

        assert task.card.openings == {"small": [["system", "be brief"]]}


def test_the_journal_reports_a_batch_only_after_it_can_be_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    seen: list[int] = []
    with connect(path) as connection:
        row = begin(connection)

        def on_stored(batch: object) -> None:
            del batch
            with connect(path) as other:
                seen.append(other.execute("SELECT count(*) FROM answers").fetchone()[0])

        journal = Journal(path, [row], on_stored)
        journal.put(Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER))
        journal.close()

    assert seen == [1]


def test_the_journal_writes_many_entries_in_few_transactions(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    sizes: list[int] = []
    with connect(path) as connection:
        row = begin(connection)
        journal = Journal(path, [row], lambda batch: sizes.append(len(batch)))

        for number in range(1000):
            journal.put(Entry(Slot(0, 0, 0, number), number.to_bytes(32), completion=ANSWER))
        journal.close()

        assert connection.execute("SELECT count(*) FROM trials").fetchone() == (1000,)
    assert sum(sizes) == 1000
    assert len(sizes) < 200


def test_entries_that_come_one_by_one_are_gathered_for_a_while_each_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    sizes: list[int] = []
    with connect(path) as connection:
        journal = Journal(path, [begin(connection)], lambda batch: sizes.append(len(batch)))
        began_s = time.monotonic()

        for number in range(200):
            journal.put(Entry(Slot(0, 0, 0, number), number.to_bytes(32), completion=ANSWER))
            time.sleep(0.001)
        journal.close()

    assert sum(sizes) == 200
    assert len(sizes) <= (time.monotonic() - began_s) / GATHER_S + 2


def test_a_journal_that_is_behind_lets_nobody_run_far_ahead_of_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    stored: list[int] = [0]
    ahead: list[int] = []

    def on_stored(batch: Sequence[Entry]) -> None:
        stored[0] += len(batch)
        time.sleep(0.01)

    with connect(path) as connection:
        journal = Journal(path, [begin(connection)], on_stored)
        for number in range(5000):
            journal.put(Entry(Slot(0, 0, 0, number), number.to_bytes(32), completion=ANSWER))
            ahead.append(number - stored[0])
        journal.close()

    assert stored == [5000]
    assert 100 < max(ahead) < 1500


def test_a_journal_that_can_no_longer_write_says_so_instead_of_waiting(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with connect(path) as connection:
        row = begin(connection)
        connection.execute("DROP TABLE scores")
        journal = Journal(path, [row], lambda _: None)

        journal.put(Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER, score=Score(1.0)))

        with pytest.raises(StoreError, match="cannot be used"):
            journal.close()
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (0,)


def test_a_ledger_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    raw.close()

    with pytest.raises(StoreError, match="newer evalbench"), connect(path):
        pass


def test_a_file_that_is_no_ledger_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"this is a letter, not a database, and long enough to be read as one" * 20)

    with pytest.raises(StoreError, match=r"ledger\.sqlite") as caught, connect(path):
        pass

    assert "--ledger FILE" in caught.value.fix


def test_a_whole_ledger_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with connect(path) as connection:
        begin(connection)

    assert is_sound(path)


def test_effort_comes_back_with_its_answer(tmp_path: Path) -> None:
    effort = Effort(attempts=3, queue_s=0.5, backoff_s=1.5, lost=Usage(10, 2), unknown_bills=1)
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)

        write_entries(
            connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=replace(ANSWER, effort=effort))], [row]
        )

        found = read_answers(connection, [KEY])[KEY]
        assert found.effort == effort


def test_a_failure_comes_back_with_what_it_took(tmp_path: Path) -> None:
    failure = Failure(
        "bad_reply",
        "cut off",
        retryable=True,
        may_be_billed=True,
        usage=Usage(7),
        effort=Effort(6, lost=Usage(42)),
    )
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), None, failure=failure)], [row])

        (trial, *_) = read_run(connection, find_run(connection, "latest"), as_is).tasks[0].trials

    assert trial.failure == failure


def test_a_ledger_of_the_first_layout_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    old = sqlite3.connect(path)
    old.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
    old.execute("INSERT INTO answers (key, status, text) VALUES (?, 'ok', 'yes')", (KEY,))
    old.commit()
    old.close()

    with connect(path) as connection:
        found = read_answers(connection, [KEY])[KEY]

    assert found == Completion("yes")
