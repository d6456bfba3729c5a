"""Tasks that a model judges, where they meet combinations, early stopping and the gate."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.shell import evalbench
from tests.cli.test_judged_tasks import asked, judged_project, run

LONG = "grader: {all: [{name: length, max_words: 5}, {name: judge, rubric: 'The reply is fine.'}]}"
ALONE = "grader: {name: judge, rubric: 'The reply is fine.'}"
FRESH = ("--max-age", "0s")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def combined_project(folder: Path, grader: str = LONG) -> Path:
    judged_project(folder)
    task = folder / "evalsets" / "replies"
    edit(task / "evalset.yaml", ALONE, grader)
    rows = [json.loads(line) for line in (task / "items.jsonl").read_text("utf-8").splitlines()]
    (task / "items.jsonl").write_text(
        "\n".join(json.dumps({**row, "target": "any"}) for row in rows), "utf-8"
    )
    return folder


def test_a_judge_in_a_combination_is_asked_only_of_answers_that_may_still_be_right(here: Path) -> None:
    folder = combined_project(here)

    done, summary = run(folder)

    (task,) = summary["tasks"]
    assert done.code == 0, done.err
    assert [tier["score"]["value"] for tier in task["tiers"]] == [1.0, 0.0]  # large says six words
    assert asked(folder) == 30
    assert summary["run"]["judge"]["answers_new"] == 30
    assert task["recommendation"]["outcome"] == "provisional"
    assert task["recommendation"]["caveats"][0].startswith("uncalibrated")


def test_the_plan_counts_every_judge_of_a_combination_as_if_it_were_always_asked(here: Path) -> None:
    rubrics = "{name: judge, rubric: One.}, {name: judge, rubric: Two.}"
    folder = combined_project(here, f"grader: {{weighted: [{{grader: {{all: [{rubrics}]}}, weight: 1}}]}}")

    plan = evalbench("run", "--dry-run", "--json", cwd=folder).json
    worst_usd = [tier["worst_usd"] for tier in plan["tiers"]]

    assert [tier["calls"] for tier in plan["tiers"] if tier["is_judge"]] == [60, 60]
    assert plan["total"]["worst_usd"] == pytest.approx(sum(worst_usd))
    assert asked(folder) == 0


def test_a_cap_that_no_call_of_a_judge_in_a_combination_fits_is_refused(here: Path) -> None:
    folder = combined_project(here)
    edit(folder / "evalbench.yaml", "price: {per_hour: 3}", "price: {per_hour: 3000}")

    done = evalbench("run", "--max-spend", "1", cwd=folder)

    assert done.code == 2
    assert "one call of tier 'judge' can cost up to $3" in done.err


def test_a_combination_with_a_judge_is_refused_where_none_is_named(here: Path) -> None:
    folder = combined_project(here)
    edit(folder / "evalbench.yaml", "judge:", "# judge:")

    done = evalbench("run", cwd=folder)

    assert done.code == 2
    assert "evalbench.yaml names none that judges" in done.err


def test_checking_an_eval_set_needs_no_judge_but_its_rubric(here: Path) -> None:
    folder = combined_project(here)
    edit(folder / "evalbench.yaml", "judge:", "# judge:")
    settings = folder / "evalsets" / "replies" / "evalset.yaml"

    good = evalbench("evalsets", "check", cwd=folder)
    edit(settings, ", rubric: 'The reply is fine.'", "")
    bad = evalbench("evalsets", "check", cwd=folder)

    assert good.code == 0, good.err
    assert bad.code == 2
    assert "has no rubric" in bad.out + bad.err


def test_a_judged_run_stops_early_and_saves_judgements_too(here: Path) -> None:
    folder = judged_project(here, items=300)
    edit(folder / "models.py", '"fine answer to', '"poor answer to')

    done, summary = run(folder, "--early-stop")

    small = summary["tasks"][0]["tiers"][0]
    assert done.code == 0, done.err
    assert small["stopped_early"]
    assert small["items_asked"] < 100
    assert asked(folder) < 200
    assert "stopping early may save up to 560 of 600 calls" in done.err
    assert "replies judge: 600 calls" in done.err


def test_a_judged_run_goes_on_where_it_was_without_asking_the_judge_again(here: Path) -> None:
    folder = judged_project(here, items=60)
    _, summary = run(folder, "--early-stop")
    before = asked(folder)
    with sqlite3.connect(folder / ".evalbench" / "ledger.sqlite") as ledger:
        ledger.execute("DELETE FROM scores WHERE item = 3")
        ledger.execute("DELETE FROM judgements")

    evalbench("run", "--resume", "latest", cwd=folder)
    resumed = evalbench("report", "--json", cwd=folder).json

    assert asked(folder) == before
    assert resumed["tasks"][0]["tiers"][0]["answers"] == summary["tasks"][0]["tiers"][0]["answers"]
    assert [tier["score"]["value"] for tier in resumed["tasks"][0]["tiers"]] == [1.0, 1.0]
    assert resumed["run"]["judge"]["answers_reused"] == 2


def gated_project(folder: Path, items: int = 60) -> Path:
    judged_project(folder, items)
    with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
        file.write("deployed: {replies: small}\nclassical: off\n")
    assert evalbench("run", "--quiet", cwd=folder).code == 0
    done = evalbench("gate", "accept", "latest", "--baseline", "baseline.json", cwd=folder)
    assert done.code == 0, done.err
    assert "60 items" in done.out
    return folder


def test_a_judged_task_without_right_answers_is_guarded_by_the_gate(here: Path) -> None:
    folder = gated_project(here)
    same = evalbench("run", "--quiet", "--gate", "baseline.json", *FRESH, cwd=folder)
    edit(folder / "models.py", '"fine answer to', '"poor answer to')

    worse = evalbench("run", "--quiet", "--gate", "baseline.json", *FRESH, cwd=folder)

    assert same.code == 0, same.err
    assert "PASS  replies" in same.out
    assert worse.code == 1, worse.err
    assert "FAIL  replies" in worse.out


def test_another_rubric_is_another_yardstick_and_refused_before_a_call(here: Path) -> None:
    folder = gated_project(here)
    before = asked(folder)
    edit(folder / "evalsets" / "replies" / "evalset.yaml", "The reply is fine.", "The reply is short.")

    done = evalbench("run", "--quiet", "--gate", "baseline.json", *FRESH, cwd=folder)

    assert done.code == 2
    assert "the grader is not that of baseline.json" in done.err
    assert asked(folder) == before


def test_answers_that_the_judge_could_not_grade_are_missing_and_no_regression(here: Path) -> None:
    folder = gated_project(here)
    edit(folder / "models.py", '"fine answer to', '"odd answer to')
    edit(
        folder / "models.py",
        "    score = 4",
        '    if "odd" in answer:\n        return "no idea"\n    score = 4',
    )

    done = evalbench("run", "--quiet", "--gate", "baseline.json", *FRESH, cwd=folder)

    assert done.code == 3
    assert "FAIL" not in done.out
    assert "60 answers could not be graded, and so are missing" in done.err


def test_an_item_that_nobody_could_grade_is_missing_and_not_gone(here: Path) -> None:
    folder = gated_project(here)
    judge = '    if "letter 0000" in answer:\n        return "no idea"\n    score = 4'
    edit(folder / "models.py", "    score = 4", judge)
    edit(folder / "models.py", "answer to", "reply to")

    done = evalbench("run", "--quiet", "--gate", "baseline.json", *FRESH, cwd=folder)

    assert done.code == 0, done.err
    assert "PASS  replies" in done.out
    assert "2 answers could not be graded, and so are missing" in done.err
