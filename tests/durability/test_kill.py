from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, environment, evalbench, write_project

ITEMS = 120
# Every call leaves a line, so that the test can count what was really asked.
SLOW_MODELS = """\
import time

def _say(name, prompt, seconds):
    time.sleep(seconds)
    with open("asked.txt", "a") as file:
        file.write(f"{name} {prompt}\\n")
    return {"text": "bug" if "crash" in prompt else "billing", "cost_usd": 0.001 if name == "small" else 0.01}

def small(prompt):
    return _say("small", prompt, 0.004)

def large(prompt):
    return _say("large", prompt, 0.004)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_project(tmp_path, ITEMS)
    (folder / "models.py").write_text(SLOW_MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers: {small: 'python/models.py:small', large: 'python/models.py:large'}\n", "utf-8"
    )
    return folder


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "evalbench", "run", "--quiet"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored_answers(folder: Path) -> int:
    path = folder / ".evalbench" / "ledger.sqlite"
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM answers").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def stop_in_the_middle(folder: Path, number: signal.Signals) -> Done:
    running = start(folder)
    deadline = time.monotonic() + 60
    while stored_answers(folder) < 30 and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(number)
    return ended(running)


def ended(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, out, err)


def asked(folder: Path) -> list[str]:
    return (folder / "asked.txt").read_text("utf-8").splitlines()


def comparable(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what differs between two runs by nature: ids, times and measured latency."""
    kept = json.loads(json.dumps(summary))
    for name in ("id", "created"):
        del kept["run"][name]
    del kept["totals"]["wall_s"]
    for task in kept["tasks"]:
        for tier in task["tiers"]:
            del tier["latency_s"]
    return dict(kept)


def test_after_kill_9_nothing_stored_is_asked_again_and_the_summary_is_the_same(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    killed = stop_in_the_middle(project, signal.SIGKILL)
    before = stored_answers(project)
    asked_before = len(asked(project))

    resumed = evalbench("run", "--resume", "latest", "--json", "--quiet", cwd=project)

    assert killed.code == -signal.SIGKILL
    assert 30 <= before < 2 * ITEMS
    assert resumed.code == 0, resumed.err
    assert len(asked(project)) - asked_before == 2 * ITEMS - before
    whole = write_project(tmp_path_factory.mktemp("whole"), ITEMS)
    for name in ("models.py", "evalbench.yaml"):
        (whole / name).write_bytes((project / name).read_bytes())
    uninterrupted = evalbench("run", "--json", "--quiet", cwd=whole)
    assert comparable(resumed.json) == comparable(uninterrupted.json)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_everything_and_says_how_to_go_on(
    project: Path, number: signal.Signals, code: int
) -> None:
    stopped = stop_in_the_middle(project, number)

    assert stopped.code == code
    assert "evalbench run --resume " in stopped.err
    assert stored_answers(project) == len(asked(project))
    (listed,) = evalbench("runs", "list", "--json", cwd=project).json
    assert listed["state"] == "interrupted"


def test_the_same_command_after_a_kill_asks_only_for_the_rest(project: Path) -> None:
    stop_in_the_middle(project, signal.SIGKILL)
    before = stored_answers(project)

    again = evalbench("run", "--json", "--quiet", cwd=project).json

    assert (again["run"]["answers_reused"], again["run"]["answers_new"]) == (before, 2 * ITEMS - before)


def test_a_changed_eval_set_cannot_be_resumed_into_an_old_run(project: Path) -> None:
    stop_in_the_middle(project, signal.SIGKILL)
    path = project / "evalsets" / "tickets" / "tickets.csv"
    path.write_text(path.read_text("utf-8") + "999,one more crash #9 came,bug\n", "utf-8")

    done = evalbench("run", "--resume", "latest", cwd=project)

    assert done.code == 2
    assert "changed since" in done.err


def test_two_processes_share_one_ledger(project: Path) -> None:
    processes = [start(project), start(project)]

    done = [ended(process) for process in processes]

    assert [each.code for each in done] == [0, 0], done
    assert len(evalbench("runs", "list", "--json", cwd=project).json) == 2
