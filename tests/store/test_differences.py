from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from evalbench.core.evalset import GraderSpec
from evalbench.core.plan import Entry, Slot
from evalbench.core.score import Score
from evalbench.store.differences import differences_between
from evalbench.store.ledger import connect
from evalbench.store.records import TaskCard
from evalbench.store.write import begin_run, begin_task, write_entries
from tests.build import make_item, make_pool, make_task
from tests.store.test_ledger import ANSWER, KEY, begin, make_manifest

SMALL, LARGE = "python/models:small", "python/models:large"


def score(connection: sqlite3.Connection, row: int, values: Sequence[tuple[int, int, int, float]]) -> None:
    entries = [
        Entry(Slot(0, tier, item, repeat), KEY, completion=ANSWER, score=Score(value, "", ""))
        for tier, item, repeat, value in values
    ]
    write_entries(connection, entries, [row])


def test_items_that_both_answered_are_compared_by_their_mean_scores(tmp_path: Path) -> None:
    values = [(0, 0, 0, 1.0), (0, 0, 1, 0.0), (1, 0, 0, 1.0), (1, 0, 1, 1.0), (0, 1, 0, 1.0)]
    with connect(tmp_path / "ledger.sqlite") as connection:
        score(connection, begin(connection), values)

        found = differences_between(connection, "demo", SMALL, LARGE, 1)

    assert found is not None
    assert (found.run, found.items, found.is_right_or_wrong) == ("run-1", 1, True)
    assert (found.mean, found.mean_square) == pytest.approx((-0.5, 0.25))


def test_a_run_with_too_few_items_or_other_models_tells_nothing(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        score(connection, begin(connection), [(0, 0, 0, 1.0), (1, 0, 0, 0.5)])

        assert differences_between(connection, "demo", SMALL, LARGE, 2) is None
        assert differences_between(connection, "demo", SMALL, "another/model", 1) is None
        assert differences_between(connection, "another", SMALL, LARGE, 1) is None


def test_graded_scores_are_told_from_right_and_wrong_ones(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        score(connection, begin(connection), [(0, 0, 0, 1.0), (1, 0, 0, 0.5)])

        found = differences_between(connection, "demo", SMALL, LARGE, 1)

    assert found is not None
    assert not found.is_right_or_wrong


def begin_pairs(connection: sqlite3.Connection, current: str) -> int:
    task = make_task(grader=GraderSpec("pairwise"), metric="net_win_rate")
    card = TaskCard(task, make_pool(("small", "large"), current), "pairwise@1", "sig", {})
    run = begin_run(connection, make_manifest("run-1", "2026-01-01T00:00:00.000Z"))
    return begin_task(connection, run, card, [make_item("a"), make_item("b")])


def test_preferences_are_differences_from_the_model_they_were_compared_with(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        score(connection, begin_pairs(connection, "large"), [(0, 0, 0, 1.0), (0, 1, 0, 0.25)])

        found = differences_between(connection, "demo", SMALL, LARGE, 2, in_pairs=True)

        assert found is not None
        assert (found.mean, found.mean_square) == pytest.approx((0.25, 0.625))
        assert not found.is_right_or_wrong
        assert differences_between(connection, "demo", SMALL, LARGE, 1) is None
        assert differences_between(connection, "demo", LARGE, SMALL, 1, in_pairs=True) is None


def test_scores_of_single_answers_tell_nothing_of_pairs(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        score(connection, begin(connection), [(0, 0, 0, 1.0), (1, 0, 0, 0.5)])

        assert differences_between(connection, "demo", SMALL, LARGE, 1, in_pairs=True) is None
