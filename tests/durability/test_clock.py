from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.shell import Done, environment, evalbench
from tests.durability.test_live import KEY, write_project
from tests.servers import ModelServer, refuse, slow_first_byte

CLOCK = Path(__file__).parents[1] / "jumping_clock.py"


def run_on_a_jumping_clock(folder: Path) -> Done:
    done = subprocess.run(
        [sys.executable, str(CLOCK), "run", "--json", "--quiet"],
        cwd=folder,
        env=environment(TEST_KEY=KEY),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_wall_clock_that_jumps_changes_no_latency_wait_or_deadline(tmp_path: Path) -> None:
    troubles = [refuse(429, headers={"Retry-After": "0.2"}), refuse(500), slow_first_byte(30.0)] * 2
    with ModelServer(troubles, latency_s=0.05) as server:
        folder = write_project(tmp_path, server, items=40, timeout_s=1.0)
        done = run_on_a_jumping_clock(folder)

    assert done.code == 0, done.err
    for tier in done.json["tasks"][0]["tiers"]:
        assert tier["answers"]["ok"] == 40
        assert 0.05 <= tier["latency_s"]["p50"] <= tier["latency_s"]["p99"] < 1.0
    assert done.json["totals"]["wall_s"] < 30
    with sqlite3.connect(folder / ".evalbench" / "ledger.sqlite") as connection:
        dates = connection.execute("SELECT min(created), max(created) FROM answers").fetchone()
        waits = connection.execute("SELECT queue_s, backoff_s, busy_s FROM answers").fetchall()
    connection.close()
    first, last = map(datetime.fromisoformat, dates)
    assert last - first > timedelta(days=1)  # The clock did jump.
    assert len(waits) == 80
    assert all(0 <= each < 10 for row in waits for each in row if each is not None)


@pytest.mark.parametrize(("ahead", "asked"), [(timedelta(minutes=1), 0), (timedelta(days=1), 40)])
def test_an_answer_from_the_future_is_of_unknown_age_and_asked_again(
    tmp_path: Path, ahead: timedelta, asked: int
) -> None:
    with ModelServer() as server:
        folder = write_project(tmp_path, server, items=20)
        first = evalbench("run", "--json", "--quiet", cwd=folder, TEST_KEY=KEY)
        assert first.code == 0, first.err
        moment = (datetime.now(UTC) + ahead).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with sqlite3.connect(folder / ".evalbench" / "ledger.sqlite") as connection:
            connection.execute("UPDATE answers SET created = ?", (moment,))
        connection.close()
        aged = evalbench("run", "--max-age", "12h", "--json", "--quiet", cwd=folder, TEST_KEY=KEY)
        any_age = evalbench("run", "--json", "--quiet", cwd=folder, TEST_KEY=KEY)

    assert aged.json["run"]["answers_new"] == asked
    assert any_age.json["run"]["answers_new"] == 0
    assert json.loads(any_age.out)["run"]["complete"] is True
