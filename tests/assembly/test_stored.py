from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalbench.assembly.stored import load_run
from evalbench.core.completion import Completion, Effort, Failure, Usage
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.plan import Entry, Slot
from evalbench.core.run import Manifest
from evalbench.errors import InputError
from evalbench.pricing.repricing import PriceBook
from evalbench.store.ledger import connect
from evalbench.store.read import find_run
from evalbench.store.records import TaskCard
from evalbench.store.write import begin_run, begin_task, write_entries
from tests.build import make_item, make_task

PRICE = Price(input=1.0, output=1.0, batch=Price(input=0.5, output=0.5))
ANSWER = Completion("yes", usage=Usage(1_000, 0))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with connect(tmp_path / "ledger.sqlite") as connection:
        yield connection


def store(
    ledger: sqlite3.Connection, entries: list[Entry], model_id: str = "openai/mini", **task: Any
) -> None:
    pool = ModelPool({"only": Model(model_id, price=PRICE)}, "only")
    run = begin_run(ledger, Manifest("r1", "2026-01-01T00:00:00.000Z", "0", 7, 1, pool))
    card = TaskCard(make_task(**task), pool, "label@1", "sig", {})
    row = begin_task(ledger, run, card, [make_item("a"), make_item("b")])
    write_entries(ledger, entries, [row])


def entry(item: int, key: bytes = b"a", answer: Completion | Failure | None = ANSWER) -> Entry:
    if isinstance(answer, Failure):
        return Entry(Slot(0, 0, item, 0), None, failure=answer)
    return Entry(Slot(0, 0, item, 0), key, completion=answer)


def costs_usd(ledger: sqlite3.Connection, prices: PriceBook | None = None) -> list[float | None]:
    (task,) = load_run(ledger, find_run(ledger, "r1"), prices).tasks
    return [trial.completion.cost_usd for trial in task.trials if trial.completion is not None]


def spent_usd(ledger: sqlite3.Connection, prices: PriceBook | None = None) -> float | None:
    return load_run(ledger, find_run(ledger, "r1"), prices).spent_usd


def book(name: str = "mini") -> PriceBook:
    return PriceBook("new.yaml", "2026-12-01", {name: Price(input=3.0, output=3.0, source="new.yaml")})


def test_an_answer_that_serves_two_items_is_paid_for_once(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0), entry(1, answer=None)])

    assert costs_usd(ledger) == [0.001, 0.001]
    assert spent_usd(ledger) == 0.001


def test_a_failed_call_that_was_billed_is_spent(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0), entry(1, answer=Failure("timeout", "x", effort=Effort(lost=Usage(2_000, 0))))])

    assert spent_usd(ledger) == pytest.approx(0.003)


def test_work_that_can_wait_is_costed_at_batch_prices_though_the_run_paid_more(
    ledger: sqlite3.Connection,
) -> None:
    store(ledger, [entry(0)], batch=True)

    assert costs_usd(ledger) == [0.0005]
    assert spent_usd(ledger) == 0.001


def test_other_prices_change_what_answers_cost_but_not_what_was_spent(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0)])

    assert costs_usd(ledger, book()) == [0.003]
    assert spent_usd(ledger, book()) == 0.001


def test_a_run_at_other_prices_says_so(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0)])

    run = load_run(ledger, find_run(ledger, "r1"), book())

    assert run.notes[-1] == "shown at the prices of new.yaml, as of 2026-12-01"


def test_a_stated_cost_is_kept_unless_its_model_is_named(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0, answer=replace(ANSWER, cost_usd=0.5))])

    assert costs_usd(ledger) == [0.5]
    assert costs_usd(ledger, book("openai/mini")) == [0.003]


def test_prices_that_name_no_model_of_the_run_are_refused(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0)])

    with pytest.raises(InputError, match=r"new\.yaml has no price for a model of run r1") as caught:
        costs_usd(ledger, book("minni"))

    assert "did you mean 'mini'" in caught.value.fix


def test_replayed_answers_were_paid_for_elsewhere(ledger: sqlite3.Connection) -> None:
    store(ledger, [entry(0)], "recorded/a.jsonl#mini")

    assert costs_usd(ledger) == [0.001]
    assert spent_usd(ledger) == 0.0
