"""A run that may stop early keeps no state but its answers, so it can be cut off anywhere."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.shell import environment, evalbench, write_project

ITEMS = 400
# Small is wrong now and then, so that it takes a while to be settled; each call leaves a line.
MODELS = """\
import time

def _say(name, prompt, cost_usd, is_wrong):
    time.sleep(0.004)
    with open("asked.txt", "a") as file:
        file.write(f"{name} {prompt}\\n")
    label = "bug" if "crash" in prompt else "billing"
    wrong = "billing" if label == "bug" else "bug"
    return {"text": wrong if is_wrong else label, "cost_usd": cost_usd}

def _number(prompt):
    return int(prompt.split("#")[1].split()[0])

def small(prompt):
    return _say("small", prompt, 0.001, _number(prompt) % 6 == 0)

def large(prompt):
    return _say("large", prompt, 0.01, False)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_project(tmp_path, ITEMS)
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers: {small: 'python/models.py:small', large: 'python/models.py:large'}\n", "utf-8"
    )
    return folder


def killed_after(folder: Path, answers: int, number: signal.Signals = signal.SIGKILL) -> int:
    """Start a run, end it once so many answers are on disk, and tell how many there were then."""
    running = subprocess.Popen(
        [sys.executable, "-m", "evalbench", "run", "--early-stop", "--quiet"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while stored(folder) < answers and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    running.send_signal(number)
    running.communicate(timeout=60)
    return stored(folder)


def stored(folder: Path) -> int:
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


def asked(folder: Path) -> list[str]:
    return (folder / "asked.txt").read_text("utf-8").splitlines()


def test_after_kill_9_the_run_goes_on_in_the_same_order_and_comes_to_the_same_verdict(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = tmp_path_factory.mktemp("whole")
    write_project(whole, ITEMS)
    for name in ("models.py", "evalbench.yaml"):
        (whole / name).write_bytes((project / name).read_bytes())
    uninterrupted = evalbench("run", "--early-stop", "--json", "--quiet", cwd=whole).json
    before = killed_after(project, 20)

    resumed = evalbench("run", "--resume", "latest", "--json", "--quiet", cwd=project)

    assert resumed.code == 0, resumed.err
    assert 20 <= before < len(asked(project)) < 2 * ITEMS
    own, other = (found["tasks"][0]["comparisons"][0] for found in (resumed.json, uninterrupted))
    assert own["verdict"] == other["verdict"] == "not_good_enough"
    shared = min(stored(project), stored(whole)) // 2 - 20
    assert set(asked(whole)[:shared]) <= set(asked(project))


def test_no_answer_on_disk_is_paid_for_again(project: Path) -> None:
    before = killed_after(project, 20)
    in_vain = len(asked(project)) - before

    evalbench("run", "--resume", "latest", "--quiet", cwd=project)

    again = sum(count - 1 for count in Counter(asked(project)).values())
    assert again <= in_vain


def test_an_interrupted_run_tells_what_is_missing_and_how_to_go_on(project: Path) -> None:
    killed_after(project, 20, signal.SIGINT)

    found = evalbench("report", "--json", cwd=project).json

    small, large = found["tasks"][0]["tiers"]
    assert not found["run"]["complete"]
    assert not small["stopped_early"]
    assert small["trials"] == large["trials"] == ITEMS
    assert small["answers"]["missing"] == ITEMS - small["answers"]["ok"]
    assert found["tasks"][0]["recommendation"]["next"] == ["evalbench run --resume latest"]


def test_an_item_that_an_interrupted_run_did_not_ask_is_not_said_to_be_settled(project: Path) -> None:
    killed_after(project, 20, signal.SIGINT)
    text = (project / "asked.txt").read_text("utf-8")
    number = next(number for number in range(ITEMS) if f"#{number} " not in text)

    found = evalbench("show", "latest", f"{number:03d}", cwd=project)

    assert found.code == 2
    assert "ended before its turn came" in found.err
    assert "fix: evalbench run --resume" in found.err
