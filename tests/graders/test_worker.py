from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from evalbench.core.completion import Failure
from evalbench.graders.worker import WorkerPool

SCRIPT = """
import json, os, sys, time
print("{}", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "sleep":
        time.sleep(60)
    if asked["do"] == "die":
        os._exit(3)
    if asked["do"] == "babble":
        print("no json", flush=True)
        continue
    print(json.dumps({"pid": os.getpid(), "names": sorted(os.environ)}), flush=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def test_one_process_does_one_piece_of_work_after_another(script: Path) -> None:
    with WorkerPool(script, workers=1) as pool:
        first, second = pool.do({"do": "answer"}, 30), pool.do({"do": "answer"}, 30)

    assert isinstance(first, dict)
    assert first == second


@pytest.mark.parametrize(
    ("work", "kind"), [("sleep", "worker_timeout"), ("die", "worker"), ("babble", "worker")]
)
def test_a_worker_that_hangs_dies_or_babbles_is_a_failure_and_the_next_work_is_done(
    script: Path, work: str, kind: str
) -> None:
    with WorkerPool(script, workers=1) as pool:
        before = pool.do({"do": "answer"}, 30)
        started_s = time.monotonic()
        failed = pool.do({"do": work}, 0.5)
        took_s = time.monotonic() - started_s
        after = pool.do({"do": "answer"}, 30)

    assert isinstance(failed, Failure)
    assert failed.kind == kind
    assert took_s < 20
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert before["pid"] != after["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(before["pid"], 0)


def test_a_script_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with WorkerPool(tmp_path / "none.py") as pool:
        failed = pool.do({}, 5)

    assert isinstance(failed, Failure)


def test_a_worker_sees_no_key_of_its_caller(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET", "value")

    with WorkerPool(script) as pool:
        answer = pool.do({"do": "answer"}, 30)

    assert isinstance(answer, dict)
    assert "SOME_SECRET" not in answer["names"]
    assert "PATH" in answer["names"]
