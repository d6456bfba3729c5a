from __future__ import annotations

from pathlib import Path

from evalbench.core.completion import Effort, Failure, Usage
from evalbench.core.plan import Entry, Slot
from evalbench.store.failures import read_failures
from evalbench.store.ledger import connect
from evalbench.store.write import write_entries
from tests.store.test_ledger import ANSWER, KEY, begin

BILLED = Failure("bad_reply", "cut", retryable=True, effort=Effort(3, 1.0, 1.0, Usage(20, 2), 1))
IN_VAIN = Failure("timeout", "late", retryable=True, effort=Effort(2, busy_s=4.5))
FOR_GOOD = Failure("error", "too large")
FOR_NOTHING = Failure("connection", "broken", retryable=True)


def test_failures_that_cost_something_or_are_for_good_are_known_to_the_next_leg(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        entries = [
            Entry(Slot(0, 0, 0, 0), None, failure=BILLED),
            Entry(Slot(0, 0, 1, 0), None, failure=FOR_GOOD),
            Entry(Slot(0, 1, 0, 0), None, failure=FOR_NOTHING),
            Entry(Slot(0, 0, 2, 0), None, failure=IN_VAIN),
            Entry(Slot(0, 1, 1, 0), KEY, ANSWER, failure=Failure("judge", "no grade")),
        ]
        write_entries(connection, entries, [row])

        assert dict(read_failures(connection, row)) == {
            (0, 0, 0): BILLED,
            (0, 1, 0): FOR_GOOD,
            (0, 2, 0): IN_VAIN,
        }


def test_what_was_paid_in_vain_stays_known_while_the_answer_of_another_run_awaits_its_grade(
    tmp_path: Path,
) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        no_grade = Failure("judge", "no grade")
        entry = Entry(
            Slot(0, 0, 0, 0), KEY, ANSWER, failure=no_grade, is_reused=True, bill=BILLED.effort.bill
        )
        write_entries(connection, [entry], [row])

        ((place, failure),) = read_failures(connection, row)

    assert place == (0, 0, 0)
    assert failure.effort == BILLED.effort.bill
    assert not failure.is_items_own
