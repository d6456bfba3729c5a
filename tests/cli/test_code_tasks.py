"""Tasks whose answers are code: run in the sandbox, or left ungraded and said so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evalbench.graders.sandbox import usable_sandbox
from tests.cli.shell import evalbench

MODELS = """
import re

def good(messages):
    name, add = re.search(r"(\\w+) adds (\\d+)", messages[-1]["content"]).groups()
    return f"Sure:\\n```python\\ndef {name}(x):\\n    return x + {add}\\n```"

def bad(messages):
    return "def nothing(): pass"
"""


def code_project(folder: Path, items: int = 12) -> Path:
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers:\n"
        "  small: {model: 'python/models.py:bad', price: {per_hour: 1}}\n"
        "  large: {model: 'python/models.py:good', price: {per_hour: 2}}\n",
        "utf-8",
    )
    task = folder / "evalsets" / "adders"
    task.mkdir(parents=True)
    (task / "evalset.yaml").write_text("task: code\nitems: items.jsonl\n", "utf-8")
    rows = [
        {"id": f"t{n}", "input": f"Write f{n}: f{n} adds {n}", "target": f"assert f{n}(1) == {n + 1}"}
        for n in range(items)
    ]
    (task / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


@pytest.mark.skipif(usable_sandbox().sandbox is None, reason=f"no code is run: {usable_sandbox().words}")
def test_answers_that_are_code_are_run_and_scored(here: Path) -> None:
    done = evalbench("run", "--json", cwd=code_project(here))

    assert done.code == 0, done.err
    (task,) = json.loads(done.out)["tasks"]
    assert {tier["tier"]: tier["score"]["value"] for tier in task["tiers"]} == {"small": 0.0, "large": 1.0}
    assert task["grader"].startswith("code@1+")


def test_without_a_sandbox_it_is_said_first_and_nothing_is_scored(here: Path) -> None:
    project = code_project(here)
    (here / "broken").mkdir()
    (here / "broken" / "pydantic_monty.py").write_text("raise ImportError('broken on purpose')\n", "utf-8")
    modules = os.pathsep.join((str(here / "broken"), os.environ.get("PYTHONPATH", "")))
    nowhere = {"PATH": "/nowhere", "PYTHONPATH": modules}

    done = evalbench("run", "--json", cwd=project, **nowhere)
    doctor = evalbench("doctor", cwd=project, **nowhere)

    assert done.code == 3, done.err
    before, _, after = done.err.partition("getting ready")
    assert "answers will not be graded (bubblewrap is not installed" in before
    assert "fix: mend what is said there, then: evalbench grade" in after
    assert "24 answers could not be graded" in done.err
    (task,) = json.loads(done.out)["tasks"]
    assert [tier["score"] for tier in task["tiers"]] == [None, None]
    assert task["recommendation"]["outcome"] == "inconclusive"
    assert doctor.code == 2
    assert "BAD sandbox" in doctor.out
