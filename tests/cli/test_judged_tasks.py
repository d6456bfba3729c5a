"""Tasks that a model judges: what is asked, paid, kept, reused and concluded."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, evalbench
from tests.servers import ModelServer, answer_with, reply

MODELS = """
import json, pathlib, re

def small(prompt):
    return {"text": "fine answer to " + prompt[-12:], "cost_usd": 0.001}

def large(prompt):
    return {"text": "fine and long answer to " + prompt[-12:], "cost_usd": 0.01}

def judge(messages):
    with pathlib.Path(__file__).with_name("asked.txt").open("a") as file:
        file.write("1")
    answer = messages[-1]["content"].rpartition("<<<ANSWER")[2]
    score = 4 if "fine" in answer else 0
    return {"text": json.dumps({"reason": "secret opinion", "score": score}), "cost_usd": 0.002}
"""


def judged_project(folder: Path, items: int = 30, judge: str = "python/models.py:judge") -> Path:
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers:\n"
        "  small: {model: 'python/models.py:small', price: {per_hour: 2}}\n"
        "  large: {model: 'python/models.py:large', price: {per_hour: 11}}\n"
        f"judge: {{model: '{judge}', price: {{per_hour: 3}}}}\n"
        "timeout_s: 3.6\n",  # A call is bounded by a thousandth of the hourly price.
        "utf-8",
    )
    task = folder / "evalsets" / "replies"
    task.mkdir(parents=True)
    (task / "evalset.yaml").write_text(
        "task: generation\nitems: items.jsonl\nmax_drop: 0.2\n"
        "grader: {name: judge, rubric: 'The reply is fine.'}\n",
        "utf-8",
    )
    rows = [{"id": f"t{n}", "input": f"Reply to letter {n * 7919 % 1000:03d}{n}"} for n in range(items)]
    (task / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def asked(folder: Path) -> int:
    file = folder / "asked.txt"
    return len(file.read_text("utf-8")) if file.exists() else 0


def run(folder: Path, *more: str) -> tuple[Done, Any]:
    done = evalbench("run", "--json", *more, cwd=folder)
    return done, json.loads(done.out) if done.out else None


def test_a_judge_scores_has_a_line_of_its_own_and_lets_nothing_be_more_than_likely(here: Path) -> None:
    folder = judged_project(here)

    done, summary = run(folder)

    (task,) = summary["tasks"]
    assert done.code == 0, done.err
    assert [tier["score"]["value"] for tier in task["tiers"]] == [1.0, 1.0]
    assert task["recommendation"]["outcome"] == "provisional"
    assert task["recommendation"]["tier"] == "small"
    assert task["recommendation"]["caveats"][0].startswith("uncalibrated")
    assert "no labels of people" in task["recommendation"]["sentence"]
    assert summary["run"]["judge"] == {
        "answers_new": 60,
        "answers_reused": 0,
        "cost_usd": pytest.approx(0.12),
    }
    assert summary["totals"]["spent_usd"] == pytest.approx(30 * 0.001 + 30 * 0.01 + 0.12)
    assert "replies judge: 60 calls" in done.err
    assert asked(folder) == 60


def test_no_judgement_is_ever_paid_twice(here: Path) -> None:
    folder = judged_project(here)
    run(folder)

    again, summary = run(folder)
    dry = evalbench("grade", "--dry-run", cwd=folder)
    graded = evalbench("grade", cwd=folder)

    assert asked(folder) == 60
    assert "replies judge: 0 calls, 60 stored answers used again" in again.err
    assert summary["run"]["judge"] == {"answers_new": 0, "answers_reused": 60, "cost_usd": 0.0}
    assert dry.out.startswith("replies judge: 0 calls, 60 stored answers used again")
    assert graded.code == 0, graded.err


def test_a_cap_holds_for_answers_and_judgements_together_and_the_rest_can_be_judged_later(
    here: Path,
) -> None:
    folder = judged_project(here)
    run(folder)
    rubric = ("--grader", "judge", "--option", "rubric=Another rubric.")

    capped = evalbench("grade", *rubric, "--max-spend", "0.05", "--json", cwd=folder)
    first = asked(folder) - 60
    rest = evalbench("grade", *rubric, "--json", cwd=folder)

    assert capped.code == 3
    assert 0 < first <= 25
    assert f"{60 - first} answers could not be graded" in capped.err
    assert json.loads(capped.out)["run"]["judge"]["cost_usd"] <= 0.05 + 1e-9
    assert rest.code == 0, rest.err
    assert asked(folder) == 120
    assert json.loads(rest.out)["run"]["judge"]["answers_new"] == 60 - first
    assert [json.loads(done.out)["run"]["complete"] for done in (capped, rest)] == [False, True]


def test_a_run_under_a_cap_reserves_for_its_judge_too(here: Path) -> None:
    folder = judged_project(here)

    done, summary = run(folder, "--max-spend", "0.2")

    assert done.code == 3
    assert summary["totals"]["spent_usd"] <= 0.2 + 1e-9


def test_removing_a_run_removes_what_the_judge_said(here: Path) -> None:
    folder = judged_project(here)
    _, summary = run(folder)

    evalbench("runs", "rm", summary["run"]["id"], cwd=folder)

    with sqlite3.connect(folder / ".evalbench" / "ledger.sqlite") as ledger:
        assert ledger.execute("SELECT count(*) FROM answers").fetchone() == (0,)
        assert ledger.execute("SELECT count(*) FROM judgements").fetchone() == (0,)
    assert b"secret opinion" not in (folder / ".evalbench" / "ledger.sqlite").read_bytes()


def test_try_shows_what_the_judge_thought(here: Path) -> None:
    folder = judged_project(here)

    done = evalbench("try", "evalsets/replies", "-n", "1", cwd=folder)

    assert done.code == 0, done.err
    assert "secret opinion" in done.out
    assert asked(folder) == 2


def test_without_a_judge_it_is_said_how_to_name_one(here: Path) -> None:
    folder = judged_project(here)
    config = folder / "evalbench.yaml"
    lines = [line for line in config.read_text("utf-8").splitlines() if not line.startswith("judge:")]
    config.write_text("\n".join(lines), "utf-8")

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert "fix: add to evalbench.yaml, for example: `judge: openai/gpt-5`." in done.err


def test_a_recording_cannot_judge(here: Path) -> None:
    done = evalbench("run", cwd=judged_project(here, judge="recorded/a.jsonl#x"))

    assert done.code == 2
    assert "cannot judge" in done.err


def test_a_live_judge_is_asked_with_a_schema_and_billed_by_its_own_price(here: Path) -> None:
    folder = judged_project(here, items=3)
    opinion = reply('{"reason": "fine", "score": 3}', {"prompt_tokens": 1000, "completion_tokens": 100})
    with ModelServer(always=answer_with(opinion)) as server:
        config = folder / "evalbench.yaml"
        place = f"model: hosted_vllm/tiny, api_base: '{server.address}'"
        judge = f"judge: {{{place}, price: {{input: 1, output: 10}}}}"
        lines = [line for line in config.read_text("utf-8").splitlines() if not line.startswith("judge:")]
        config.write_text("\n".join((*lines, judge)), "utf-8")

        _, summary = run(folder)
        calls = [call for call in server.calls if call.path.endswith("/chat/completions")]

    schema = calls[0].document["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["score"]["enum"] == [0, 1, 2, 3, 4]
    assert len(calls) == 6
    assert [tier["score"]["value"] for tier in summary["tasks"][0]["tiers"]] == [0.75, 0.75]
    assert summary["run"]["judge"]["cost_usd"] == pytest.approx(6 * (1000 * 1 + 100 * 10) / 1e6)


def test_the_first_missing_answer_is_one_that_is_missing_though_others_have_no_grade(here: Path) -> None:
    folder = judged_project(here, 8)
    models = folder / "models.py"
    text = models.read_text("utf-8")
    failing = text.replace("def large(prompt):\n", "def large(prompt):\n    raise ValueError('no idea')\n")
    failing = failing.replace(
        "def judge(messages):\n", "def judge(messages):\n    raise ValueError('too hard')\n"
    )
    models.write_text(failing, "utf-8")

    done = evalbench("run", "--quiet", cwd=folder)

    assert done.code == 3
    (line,) = [line for line in done.err.splitlines() if "answers are missing" in line]
    assert "the first: replies large, item 't0': ValueError: no idea" in line
