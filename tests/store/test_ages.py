from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from evalbench.store.ages import AnswerTimes, answer_times
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run
from tests.cli.shell import evalbench

LINE = '{{"task": "demo", "item_id": "{item}", "model": "m", "output": "x", "score": 1.0{when}}}\n'
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_answers_after_a_moment_are_counted() -> None:
    times = AnswerTimes((TEN, TEN.replace(hour=11), TEN.replace(hour=12)))

    assert times.newest == TEN.replace(hour=12)
    assert (times.after(TEN), times.after(None), times.after(TEN.replace(hour=12))) == (2, 3, 0)
    assert AnswerTimes(()).newest is None


def test_an_answer_is_as_old_as_it_says_else_as_the_first_run_that_used_it(tmp_path: Path) -> None:
    told = ', "created": "2026-11-23T10:00:00Z"'
    (tmp_path / "a.jsonl").write_text(
        LINE.format(item="1", when=told) + LINE.format(item="2", when=""), "utf-8"
    )
    done = evalbench(
        "import", "recordings", "a.jsonl", "--tiers", "small=m", "--trust-scores", "--json", cwd=tmp_path
    )
    assert done.code == 0, done.err
    created = datetime.fromisoformat(done.json["run"]["created"])

    with connect_stored(tmp_path / ".evalbench" / "ledger.sqlite") as connection:
        times = answer_times(connection, find_run(connection, "latest"))

    assert sorted(times["demo", "small"].given) == [TEN, created]
