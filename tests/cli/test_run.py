from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.cli.shell import evalbench, write_project


@pytest.fixture(scope="module")
def after_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(tmp_path_factory.mktemp("project"))
    done = evalbench("run", "--quiet", cwd=folder)
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def project(after_a_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for each test, so that none depends on what another ran before it."""
    return Path(shutil.copytree(after_a_run, tmp_path_factory.mktemp("copy") / "project"))


def test_the_verdict_is_on_stdout_and_says_what_to_use_and_what_it_saves(project: Path) -> None:
    done = evalbench("report", cwd=project)

    assert done.code == 0
    first, second = done.out.splitlines()[:2]
    assert first.startswith("tickets  USE medium (models.py:medium)   saves $")
    assert "of 200 items" in second
    assert "95 % sure, 5 allowed" in second


def test_a_run_leaves_all_its_reports_and_the_index(project: Path) -> None:
    (folder,) = [path for path in (project / "reports").iterdir() if path.is_dir()]

    names = {path.name for path in folder.iterdir()}

    assert names == {"report.html", "summary.json", "summary.md", "results.parquet", "junit.xml"}
    assert folder.name in (project / "reports" / "index.html").read_text("utf-8")


def test_the_summary_has_the_keys_that_scripts_rely_on(project: Path) -> None:
    found = evalbench("report", "--json", cwd=project).json

    (task,) = found["tasks"]
    small, medium, large = task["tiers"]
    assert found["schema"] == "evalbench.summary/1"
    assert (found["run"]["answers_new"], found["run"]["answers_reused"]) == (600, 0)
    assert (task["name"], task["items"], task["unlabelled"], task["current"]) == ("tickets", 200, 0, "large")
    assert [tier["score"]["value"] for tier in (small, medium, large)] == [0.6, 0.97, 0.98]
    assert small["cost_usd"]["per_item"] == pytest.approx(0.06)
    assert small["tokens"]["input"] is None
    assert task["recommendation"]["tier"] == "medium"
    assert task["recommendation"]["policy"] is None
    assert found["totals"]["monthly"]["current_usd"] == pytest.approx(9800)


def test_the_table_has_one_row_per_answer_and_keeps_ids_as_text(project: Path) -> None:
    (path,) = (project / "reports").glob("*/results.parquet")

    table = pd.read_parquet(path)

    assert len(table) == 600
    assert table["item_id"].iloc[7] == "007"
    assert list(table.columns[:6]) == ["task", "item_id", "repeat", "tier", "model", "status"]


def test_the_same_command_calls_nothing_twice(project: Path) -> None:
    again = evalbench("run", "--json", "--quiet", cwd=project).json

    assert (again["run"]["answers_new"], again["run"]["answers_reused"]) == (0, 600)
    assert again["totals"]["calls"] == 0


def test_refresh_asks_again(project: Path) -> None:
    again = evalbench("run", "--refresh", "--tiers", "small,large", "--json", "--quiet", cwd=project).json

    assert again["run"]["answers_new"] == 400


def test_answers_older_than_max_age_are_asked_again(project: Path) -> None:
    kept = evalbench("run", "--max-age", "1h", "--json", "--quiet", cwd=project).json
    asked = evalbench("run", "--max-age", "0s", "--json", "--quiet", cwd=project).json

    assert (kept["run"]["answers_new"], asked["run"]["answers_new"]) == (0, 600)


def test_a_dry_run_says_what_would_be_asked_and_stores_nothing(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 120)

    done = evalbench("run", "--dry-run", cwd=folder)

    assert done.code == 0
    assert "120 items" in done.out
    assert "tickets small: 120 calls" in done.out
    assert not (folder / ".evalbench").exists()
    assert not (folder / "reports").exists()


def test_a_plan_rests_on_how_often_tiers_differed_before(project: Path) -> None:
    done = evalbench("run", "--dry-run", "--limit", "100", cwd=project)

    assert re.search(
        r"\(from your run of 200 items on \d{4}-\d\d-\d\d, 20\S+: "
        r"medium and large differed on [0-9.]+ % of the items\)",
        done.out,
    )
    assert ": raise --limit" in done.out


def test_a_spend_cap_needs_prices_that_bound_a_call(tmp_path: Path) -> None:
    done = evalbench("run", "--max-spend", "1", cwd=write_project(tmp_path, 20))

    assert done.code == 2
    assert "nobody knows what a call of 'small' costs at most" in done.err


def test_a_limit_draws_the_same_items_again_and_a_larger_one_holds_them(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    evalbench("run", "--limit", "50", "--quiet", cwd=folder)

    larger = evalbench("run", "--limit", "80", "--json", "--quiet", cwd=folder).json

    assert (larger["run"]["answers_reused"], larger["run"]["answers_new"]) == (150, 90)


def test_repeats_are_answers_of_their_own_and_items_stay_the_unit(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 40)

    found = evalbench("run", "--repeats", "2", "--json", "--quiet", cwd=folder).json

    assert found["run"]["answers_new"] == 240
    assert found["tasks"][0]["items"] == 40
    assert found["tasks"][0]["tiers"][0]["trials"] == 80


def test_a_tier_that_fails_leaves_answers_missing_and_not_wrong(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 40)
    broken = (folder / "models.py").read_text(
        "utf-8"
    ) + "\ndef small(prompt):\n    raise OSError('no such host')\n"
    (folder / "models.py").write_text(broken, "utf-8")

    done = evalbench("run", "--json", "--quiet", cwd=folder)

    (task,) = done.json["tasks"]
    assert done.code == 3
    assert "40 answers are missing" in done.err
    assert "no such host" in done.err
    assert "--resume" in done.err
    assert (task["tiers"][0]["answers"]["missing"], task["tiers"][0]["score"]) == (40, None)
    assert done.json["run"]["complete"] is False


def test_a_bare_file_needs_no_project(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    (folder / "evalbench.yaml").unlink()

    done = evalbench(
        "run",
        "evalsets/tickets/tickets.csv",
        "--input=text",
        "--target=category",
        "--prompt=Classify: {{ text }}",
        "--models=python/models.py:small,python/models.py:large",
        "--json",
        cwd=folder,
    )

    assert done.code == 0, done.err
    assert [tier["tier"] for tier in done.json["tasks"][0]["tiers"]] == ["small", "large"]
    assert "task: classification" in done.err


def test_the_next_command_of_a_run_without_a_project_can_be_pasted(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 12)
    flags = ("--models", "python/models.py:small,python/models.py:large", "--prompt", "Is it {{ text }}?")
    place = "evalsets/tickets/tickets.csv"
    (folder / "evalbench.yaml").unlink()

    first = evalbench("run", place, *flags, "--limit", "8", "--json", "--quiet", cwd=folder)
    command = shlex.split(first.json["tasks"][0]["recommendation"]["next"][0])
    again = evalbench(*command[1:], "--json", "--quiet", cwd=folder)

    assert command == ["evalbench", "run", place, *flags]
    assert again.json["run"]["answers_reused"] == 16
    assert again.json["run"]["answers_new"] == 8


def test_a_table_goes_to_standard_output_like_every_result(project: Path, tmp_path: Path) -> None:
    ledger = ("--ledger", str(project / ".evalbench" / "ledger.sqlite"))

    table = evalbench("report", *ledger, "--format", "csv", cwd=tmp_path)
    page = evalbench("report", *ledger, "-o", "-", cwd=tmp_path)

    assert len(table.out.splitlines()) == 1 + 3 * 200
    assert table.out.startswith("task,item_id,repeat,tier,model,status,score,")
    assert page.out.startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("report",), ("show", "latest", "1"), ("grade",), ("runs", "rm", "x")])
def test_a_command_that_reads_makes_no_ledger(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = evalbench(*command, cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: there is no stored run yet\n  fix: ")
    assert list(tmp_path.iterdir()) == []


def test_reports_can_leave_every_text_out(project: Path) -> None:
    done = evalbench("report", "--format", "html", "--no-texts", cwd=project)

    assert done.code == 0
    assert "came" not in done.out


def test_a_whole_folder_can_leave_every_text_out(project: Path, tmp_path: Path) -> None:
    done = evalbench("report", "--open", "--no-texts", "--out", str(tmp_path), cwd=project, BROWSER="true")

    (table,) = tmp_path.glob("*/results.parquet")
    texts = pq.read_table(table).select(["output", "target"]).to_pydict()
    assert done.code == 0
    assert {*texts["output"], *texts["target"]} == {None}
    assert f"report: {tmp_path}/" in done.err


@pytest.mark.parametrize("form", ["html", "md", "json", "csv", "parquet", "junit"])
def test_a_stored_run_can_be_written_in_any_format(project: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / "out"

    done = evalbench("report", "--format", form, "-o", str(path), cwd=project)

    assert done.code == 0
    assert path.stat().st_size > 100


def test_show_prints_prompt_answers_and_what_the_grader_read(project: Path) -> None:
    done = evalbench("show", "latest", "007", cwd=project)

    assert done.code == 0
    assert "| Classify the ticket: the crash #7 came" in done.out
    assert "label@1 read 'bug', score 1" in done.out


def test_runs_are_listed_and_removed_with_their_texts(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 20)
    evalbench("run", "--quiet", cwd=folder)
    (listed,) = evalbench("runs", "list", "--json", cwd=folder).json

    removed = evalbench("runs", "rm", listed["id"], cwd=folder)

    assert removed.code == 0
    assert "60 answers" in removed.out
    assert evalbench("runs", "list", "--json", cwd=folder).json == []
    assert not (folder / "reports" / listed["id"]).exists()
    assert b"invoice #" not in (folder / ".evalbench" / "ledger.sqlite").read_bytes()


def test_a_corrected_target_is_graded_again_without_a_call(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 40)
    evalbench("run", "--quiet", cwd=folder)
    path = folder / "evalsets" / "tickets" / "tickets.csv"
    path.write_text(
        path.read_text("utf-8").replace("the invoice #0 came,billing", "the invoice #0 came,bug"), "utf-8"
    )

    done = evalbench("grade", "latest", "--json", cwd=folder)

    assert done.code == 0, done.err
    assert "3 scores changed" in done.err
    assert (done.json["run"]["answers_new"], done.json["totals"]["calls"]) == (0, 0)


def test_the_summary_of_a_run_is_what_json_prints(project: Path) -> None:
    run_id = evalbench("report", "--json", cwd=project).json["run"]["id"]

    printed = evalbench("report", run_id, "--json", cwd=project).json
    written = json.loads((project / "reports" / run_id / "summary.json").read_text("utf-8"))

    assert printed == written


def test_terms_on_the_command_line_hold_for_the_only_eval_set_of_a_project(tmp_path: Path) -> None:
    project = write_project(tmp_path, 60)

    (task,) = evalbench("run", "--json", "--quiet", "--max-drop", "0.12", cwd=project).json["tasks"]

    assert task["max_drop"] == 0.12


def test_terms_on_the_command_line_are_refused_where_a_project_has_several_eval_sets(tmp_path: Path) -> None:
    project = write_project(tmp_path, 60)
    shutil.copytree(project / "evalsets" / "tickets", project / "evalsets" / "others")

    told = evalbench("run", "--quiet", "--max-drop", "0.12", cwd=project)

    assert told.code == 2
    assert "are for one eval set, and 2 are in the project" in told.err


def test_a_run_to_be_repeated_with_more_items_says_that_the_same_items_tell_no_more(tmp_path: Path) -> None:
    done = evalbench("run", "--quiet", cwd=write_project(tmp_path, 40))

    lines = done.err.splitlines()
    assert "more items" in done.out
    before = lines[lines.index("next: evalbench run evalsets/tickets") - 1]
    assert before.startswith("add items first, since the same ones tell no more")


def test_a_run_that_is_settled_asks_for_no_items(project: Path) -> None:
    assert "add items first" not in evalbench("report", cwd=project).err


def test_a_pilot_is_told_to_go_on_with_the_items_that_are_there(tmp_path: Path) -> None:
    done = evalbench("run", "--quiet", "--limit", "25", cwd=write_project(tmp_path, 40))

    assert "next: evalbench run evalsets/tickets" in done.err.splitlines()
    assert "add items first" not in done.err
