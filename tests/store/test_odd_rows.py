from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evalbench.core.completion import Effort, Usage
from evalbench.core.plan import Entry, Judgement, Slot
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.errors import StoreError
from evalbench.store.journal import Journal
from evalbench.store.ledger import connect
from evalbench.store.read import find_run
from evalbench.store.whole_run import read_run
from evalbench.store.write import begin_run
from tests.store.test_ledger import ANSWER, as_is, begin, make_manifest

HALF_A_PAIR = "\ud83d"


def entry(number: int, **changes: object) -> Entry:
    answer = replace(ANSWER, **changes)  # type: ignore[arg-type]  # the names are those of its fields
    return Entry(Slot(0, number % 2, number // 2, 0), bytes([number]) * 32, completion=answer)


def stored(path: Path, entries: Sequence[Entry]) -> tuple[list[Entry], dict[tuple[str, str], Trial]]:
    """What the journal told of, and every trial by its tier and item."""
    with connect(path) as connection:
        row = begin(connection)
        told: list[Entry] = []
        journal = Journal(path, [row], told.extend)
        for each in entries:
            journal.put(each)
        journal.close()
        (task,) = read_run(connection, find_run(connection, "latest"), as_is).tasks
        return told, {(trial.tier, trial.item_id): trial for trial in task.trials}


def test_an_answer_that_no_ledger_takes_costs_no_other_one(tmp_path: Path) -> None:
    odd = entry(1, finish_reason=HALF_A_PAIR, effort=Effort(2, lost=Usage(5, 1)))

    told, trials = stored(tmp_path / "ledger.sqlite", [entry(0), odd, entry(2), entry(3)])

    assert [trial.completion is not None for trial in trials.values()] == [True, True, False, True]
    failure = trials["large", "007"].failure
    assert failure is not None
    assert (failure.kind, "surrogates not allowed" in failure.message) == ("not_stored", True)
    assert failure.effort.lost == Usage(17, 4, 4, 5, 1)
    assert [each.failure is not None for each in told] == [False, True, False, False]


def test_a_grade_that_no_ledger_takes_costs_no_answer(tmp_path: Path) -> None:
    odd = replace(entry(0), score=Score(1.0, "yes", HALF_A_PAIR))

    _, trials = stored(tmp_path / "ledger.sqlite", [odd])

    trial = trials["small", "007"]
    assert trial.failure is not None
    assert (trial.completion, trial.score, trial.failure.kind) == (ANSWER, None, "not_stored")


def test_a_run_stops_once_nothing_more_can_be_stored(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with connect(path) as connection:
        run = begin_run(connection, make_manifest())
        journal = Journal(path, [], lambda _: None, run=run)

        journal.put(Judgement(b"k" * 32, replace(ANSWER, finish_reason=HALF_A_PAIR), None))

        with pytest.raises(StoreError, match="surrogates not allowed"):
            journal.close()
        assert journal.trouble is not None


def test_whoever_hears_of_stored_answers_cannot_end_the_journal_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"

    def broken(batch: Sequence[Entry]) -> None:
        raise ValueError(len(batch))

    with connect(path) as connection:
        journal = Journal(path, [begin(connection)], broken)
        journal.put(entry(0))

        with pytest.raises(StoreError, match="cannot be used"):
            journal.close()
