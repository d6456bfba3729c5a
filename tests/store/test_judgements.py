from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalbench.core.completion import Completion
from evalbench.core.plan import Judgement
from evalbench.core.run import Manifest
from evalbench.store.ledger import connect, transaction
from evalbench.store.read import find_run, read_answers, remove_run
from evalbench.store.whole_run import read_run
from evalbench.store.write import add_judgements, begin_run, book_judgements, finish_run
from tests.build import make_pool

NEW = Judgement(b"k" * 32, Completion("an opinion"), 0.25)
OTHER = Judgement(b"o" * 32, Completion("another"), None)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with connect(tmp_path / "ledger.sqlite") as connection:
        yield connection


def begun(ledger: sqlite3.Connection, name: str) -> int:
    row = begin_run(ledger, Manifest(name, "2026-01-01T00:00:00.000Z", "0", 7, 1, make_pool()))
    finish_run(ledger, row, "complete", 0.0, [])
    return row


def stored(ledger: sqlite3.Connection, name: str) -> tuple[int, int, float | None] | None:
    found = read_run(ledger, find_run(ledger, name), lambda task, model, answer: answer).judge
    return None if found is None else (found.answers_new, found.answers_reused, found.cost_usd)


def test_what_a_judge_said_is_booked_on_the_run_that_asked_and_on_each_that_uses_it(
    ledger: sqlite3.Connection,
) -> None:
    first, second = begun(ledger, "first"), begun(ledger, "second")

    with transaction(ledger):
        add_judgements(ledger, [NEW], first)
        add_judgements(ledger, [Judgement(NEW.key, None, 0.0)], second)

    assert stored(ledger, "first") == (1, 0, 0.25)
    assert stored(ledger, "second") == (0, 1, 0.0)


def test_going_on_with_a_run_does_not_turn_what_it_paid_for_into_reuse(ledger: sqlite3.Connection) -> None:
    run = begun(ledger, "run")

    with transaction(ledger):
        add_judgements(ledger, [NEW], run)
        add_judgements(ledger, [Judgement(NEW.key, None, 0.0)], run)

    assert stored(ledger, "run") == (1, 0, 0.25)


def test_an_unknown_cost_makes_the_whole_unknown(ledger: sqlite3.Connection) -> None:
    run = begun(ledger, "run")

    with transaction(ledger):
        add_judgements(ledger, [NEW, OTHER], run)

    assert stored(ledger, "run") == (2, 0, None)


def test_what_was_asked_before_there_was_a_run_is_kept_and_booked_later(ledger: sqlite3.Connection) -> None:
    with transaction(ledger):
        add_judgements(ledger, [NEW], None)
    kept = read_answers(ledger, [NEW.key])
    run = begun(ledger, "run")

    with transaction(ledger):
        book_judgements(ledger, [NEW], run)

    assert kept[NEW.key].text == "an opinion"
    assert stored(ledger, "run") == (1, 0, 0.25)
    assert ledger.execute("SELECT count(*) FROM judgements").fetchone() == (1,)


def test_removing_a_run_removes_opinions_that_no_other_run_uses(ledger: sqlite3.Connection) -> None:
    first, second = begun(ledger, "first"), begun(ledger, "second")
    with transaction(ledger):
        add_judgements(ledger, [NEW, OTHER], first)
        add_judgements(ledger, [Judgement(NEW.key, None, 0.0)], second)
        add_judgements(ledger, [Judgement(b"x" * 32, Completion("of a command that died"), 0.1)], None)

    removed = remove_run(ledger, find_run(ledger, "first"))

    assert removed == 2
    assert [text for (text,) in ledger.execute("SELECT text FROM answers")] == ["an opinion"]
    assert stored(ledger, "second") == (0, 1, 0.0)


def test_a_run_without_a_judge_has_no_such_line(ledger: sqlite3.Connection) -> None:
    begun(ledger, "run")

    assert stored(ledger, "run") is None


def test_what_was_paid_in_vain_counts_and_goes_with_its_run(ledger: sqlite3.Connection) -> None:
    run = begun(ledger, "run")
    vain = Judgement(b"v" * 32, None, 0.5, 0.5, is_in_vain=True)

    with transaction(ledger):
        add_judgements(ledger, [NEW, vain, vain], run)
    judging = read_run(ledger, find_run(ledger, "run"), lambda task, model, answer: answer).judge
    remove_run(ledger, find_run(ledger, "run"))

    assert judging is not None
    assert (judging.answers_new, judging.answers_reused, judging.cost_usd) == (1, 0, 1.25)
    assert ledger.execute("SELECT count(*) FROM judge_bills").fetchone() == (0,)


def test_an_unknown_bill_counts_at_the_most_it_can_be(ledger: sqlite3.Connection) -> None:
    run = begun(ledger, "run")
    other = Judgement(OTHER.key, OTHER.completion, None, 0.03)

    with transaction(ledger):
        add_judgements(ledger, [other, Judgement(b"v" * 32, None, None, 0.02, is_in_vain=True)], run)
    judging = read_run(ledger, find_run(ledger, "run"), lambda task, model, answer: answer).judge

    assert judging is not None
    assert judging.cost_usd is None
    assert judging.most_usd == pytest.approx(0.05)
