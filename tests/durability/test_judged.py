"""A run whose answers are judged later than they come: stopped in between, it goes on where it was."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.shell import environment, evalbench
from tests.cli.test_judged_tasks import asked, judged_project

ITEMS = 60
SLOW = "import time\ndef judge(messages):\n    time.sleep(0.03)\n"


def interrupted(folder: Path, judgements: int) -> int:
    """Begin a run, stop it once so many answers were judged, and return how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "evalbench", "run"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        ends_s = time.monotonic() + 120
        while asked(folder) < judgements and time.monotonic() < ends_s:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        return process.wait(60)


def test_answers_that_were_not_judged_yet_are_judged_on_resume_and_none_is_paid_twice(here: Path) -> None:
    folder = judged_project(here, ITEMS)
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8").replace("def judge(messages):\n", SLOW), "utf-8")

    code = interrupted(folder, 10)
    before = asked(folder)
    resumed = evalbench("run", "--resume", "latest", "--json", cwd=folder)

    assert code == 130
    assert 10 <= before < 2 * ITEMS
    assert resumed.code == 0, resumed.err
    summary = json.loads(resumed.out)
    assert asked(folder) == 2 * ITEMS
    assert [tier["score"]["count"] for tier in summary["tasks"][0]["tiers"]] == [ITEMS, ITEMS]
    assert summary["run"]["answers_new"] == 2 * ITEMS
    assert summary["run"]["judge"]["answers_new"] == 2 * ITEMS
