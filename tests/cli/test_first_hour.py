"""What a newcomer does in the first hour, command by command."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from evalbench.workflows.demo import DEMO_SETS
from tests.cli.shell import EVALSET, evalbench, write_project
from tests.shipped.test_shipped_sets import FEWEST, NAMES


def write_tickets(folder: Path, rows: int = 400) -> Path:
    lines = ["ticket_text,category"]
    for number in range(rows):
        word, label = ("crash", "bug") if number % 2 else ("invoice", "billing")
        lines.append(
            f'"Hello, about {word} number {number}: please look at case {number * 7919 % 997}",{label}'
        )
    path = folder / "tickets.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_own_csv_to_first_verdict_and_report_without_a_project_file(here: Path) -> None:
    write_tickets(here)

    made = evalbench("evalsets", "new", "tickets.csv", "--json", cwd=here)
    tried = evalbench("try", "evalsets/tickets", "-n", "1", cwd=here)
    ran = evalbench("run", cwd=here)
    page = evalbench("report", "-o", "boss.html", "--no-texts", cwd=here)

    assert (made.code, tried.code, ran.code, page.code) == (0, 0, 0, 0), (tried.err, ran.err)
    assert made.json["items"] + made.json["train"] == 400
    assert "input: column 'ticket_text', by its name" in made.json["notes"]
    assert "classical" in tried.out
    assert "they are no language models" in ran.err
    assert ran.out.startswith("tickets  ")
    assert "not a language model" in ran.out
    assert (here / "boss.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_nothing_is_overwritten_by_a_second_evalsets_new(here: Path) -> None:
    write_tickets(here)
    evalbench("evalsets", "new", "tickets.csv", cwd=here)

    again = evalbench("evalsets", "new", "tickets.csv", cwd=here)

    assert again.code == 2
    assert "nothing is overwritten" in again.err


def test_init_writes_a_project_that_doctor_finds_sound(here: Path) -> None:
    started = evalbench("init", "project", cwd=here)

    checked = evalbench("doctor", "--json", cwd=here / "project")

    assert started.code == 0
    assert checked.code == 0, checked.out
    assert "spam-filter" in checked.out
    assert evalbench("init", "project", cwd=here).code == 2


def test_doctor_names_what_would_stop_a_run_and_leaves_with_2(here: Path) -> None:
    folder = write_project(here, 20)
    (folder / "evalsets" / "tickets" / "evalset.yaml").write_text("items: nowhere.csv\n", "utf-8")

    done = evalbench("doctor", cwd=folder)

    assert done.code == 2
    assert "nowhere.csv" in done.out
    assert "fix: " in done.out


def test_doctor_asks_every_tier_once_when_told_to(here: Path) -> None:
    done = evalbench("doctor", "--call", cwd=write_project(here, 20))

    assert done.code == 0, done.out
    assert done.out.count("answered in") == 3


def test_what_doctor_would_ask_can_be_capped_or_only_be_said(here: Path) -> None:
    folder = write_project(here, 20)

    said = evalbench("doctor", "--call", "--dry-run", cwd=folder)
    capped = evalbench("doctor", "--call", "--max-spend", "0.01", cwd=folder)

    assert said.out.count("what it costs at most is unknown beforehand") == 3
    assert capped.code == 2
    assert "a spend cap cannot hold" in capped.out


def test_a_demo_can_be_planned_without_asking_anybody(here: Path) -> None:
    done = evalbench("demo", "--dry-run", "--limit", "20", "--quiet", cwd=here)

    assert done.code == 0
    assert "spam-filter small: 20 calls" in done.out
    assert list(here.iterdir()) == []


def test_blanks_around_an_id_or_a_right_answer_are_seen(here: Path) -> None:
    folder = write_project(here, 20)
    (folder / "t.csv").write_text(
        'id,text,label\n" 1",a crash #1 came," bug"\n2,b crash #2 came,x\n', "utf-8"
    )

    done = evalbench("try", "t.csv", "--item", " 1", "--dry-run", "--task", "qa", cwd=folder)

    assert "t  item ' 1'" in done.out
    assert "right answer: ' bug'" in done.out


def test_try_shows_what_was_asked_answered_and_read_and_stores_nothing(here: Path) -> None:
    folder = write_project(here, 20)

    shown = evalbench("try", "evalsets/tickets", "--item", "007", "--json", cwd=folder)
    dry = evalbench("try", "evalsets/tickets", "-n", "2", "--dry-run", cwd=folder)

    assert [each["tier"] for each in shown.json] == ["small", "medium", "large"]
    assert shown.json[0]["messages"][-1]["content"] == "Classify the ticket: the crash #7 came"
    assert (shown.json[0]["reading"], shown.json[0]["score"]) == ("bug", 1.0)
    assert dry.out.count("nobody was asked") == 6
    assert not (folder / ".evalbench").exists()


def test_the_shipped_sets_are_listed_and_sound(here: Path) -> None:
    listed = evalbench("evalsets", "list", "--json", cwd=here).json
    names = [each["name"] for each in listed]

    checked = evalbench("evalsets", "show", "spam-filter", cwd=here)

    assert names == NAMES
    assert all(each["items"] >= FEWEST.get(each["name"], (300, 300))[0] for each in listed)
    assert checked.code == 0


def test_an_own_set_is_found_by_its_name_before_a_shipped_one(here: Path) -> None:
    folder = write_project(here, 40)
    tickets = folder / "evalsets" / "tickets"

    by_folder = evalbench("evalsets", "show", "tickets", "--json", cwd=folder)
    (tickets / "evalset.yaml").write_text(f"name: spam-filter\n{EVALSET}", "utf-8")
    by_name = evalbench("run", "spam-filter", "--quiet", "--json", cwd=folder)

    assert (by_folder.code, by_folder.json["items"]) == (0, 40)
    assert by_name.json["tasks"][0]["items"] == 40


def test_the_demo_shows_verdicts_on_shipped_sets_on_one_screen_and_says_how_to_go_on(here: Path) -> None:
    folder = write_project(here, 40)
    with (folder / "evalsets" / "tickets" / "evalset.yaml").open("a", encoding="utf-8") as file:
        file.write("name: spam-filter\n")

    done = evalbench("demo", "first look", "--limit", "20", cwd=folder)

    assert done.code == 0, done.err
    assert "spam-filter small: 20 calls" in done.err, "not the project's own set of that name"
    lines = done.out.splitlines()
    assert len(lines) <= 30
    assert [line.split()[0] for line in lines if line and not line.startswith(" ")][:5] == list(DEMO_SETS)
    assert any(line.startswith("shown: 5 of 21 shipped eval sets") for line in lines)
    assert "no language models" in done.out
    (report,) = [line for line in done.err.splitlines() if line.startswith("next: evalbench report")]
    told = shlex.split(report.replace(" --open", ""))[2:]
    assert evalbench(*told, cwd=folder).code == 0


def test_what_is_advised_is_about_the_run_that_is_shown_and_not_the_latest(here: Path) -> None:
    folder = write_project(here, 40)
    older = evalbench("run", "--quiet", "--json", cwd=folder).json["run"]["id"]
    newer = evalbench("run", "--quiet", "--limit", "30", cwd=folder)

    shown = evalbench("report", older, cwd=folder)

    assert f"next: evalbench report {older} --open" in shown.err
    assert "latest" not in shown.out + shown.err + newer.out + newer.err
    assert older not in newer.err


def test_what_is_advised_finds_the_same_project_and_ledger(here: Path) -> None:
    folder = write_project(here, 40)
    (folder / "evalbench.yaml").rename(folder / "other.yaml")

    done = evalbench("run", "-c", "other.yaml", "--ledger", "kept.sqlite", cwd=folder)

    advised = [line for line in done.err.splitlines() if line.startswith("next: ")]
    assert advised
    for flag in (" --config other.yaml", " --ledger kept.sqlite"):
        assert all(line.count(flag) == 1 for line in advised)
    assert evalbench(*shlex.split(advised[0])[2:], cwd=folder).code == 0


def test_a_classical_tier_joins_models_of_another_kind_where_there_is_a_training_split(here: Path) -> None:
    folder = write_project(here, 120)
    tickets = folder / "evalsets" / "tickets"
    rows = (tickets / "tickets.csv").read_text("utf-8").splitlines()
    (tickets / "tickets.csv").write_text("\n".join([rows[0], *rows[61:]]) + "\n", "utf-8")
    (tickets / "train.csv").write_text("\n".join(rows[:61]) + "\n", "utf-8")

    joined = evalbench("run", "--json", "--quiet", cwd=folder).json["tasks"][0]["tiers"]
    with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
        file.write("classical: off\n")
    alone = evalbench("run", "--json", "--quiet", cwd=folder).json["tasks"][0]["tiers"]

    assert (joined[0]["tier"], joined[0]["classical"]) == ("classical", True)
    assert joined[0]["cost_usd"]["total"] > 0
    assert [tier["tier"] for tier in alone] == ["small", "medium", "large"]


RECORDED = [
    ("cheap", "a", 1.0, 0.001),
    ("cheap", "b", 0.0, 0.001),
    ("dear", "a", 1.0, 0.01),
    ("dear", "b", 1.0, 0.01),
]


def write_recording(folder: Path) -> None:
    lines = [
        {
            "task": "t",
            "item_id": f"{item}{number}",
            "model": model,
            "output": "Yes" if score else "No",
            "input": f"is it {item}{number}?",
            "target": "Yes",
            "score": score,
            "cost_usd": cost,
        }
        for number in range(60)
        for model, item, score, cost in RECORDED
    ]
    (folder / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def test_recorded_answers_become_the_same_run_every_time(here: Path) -> None:
    write_recording(here)
    command = ("import", "recordings", "answers.jsonl", "--tiers", "small=cheap,large=dear", "--json")

    first = evalbench(*command, "--trust-scores", cwd=here)
    second = evalbench(*command, "--trust-scores", cwd=here)
    other = evalbench(*command, "--trust-scores", "--max-drop", "0.1", cwd=here)

    assert first.code == 0, first.err
    assert first.json == second.json
    assert len(first.json["run"]["id"]) == 12
    assert first.json["run"]["id"] != other.json["run"]["id"]
    small, large = first.json["tasks"][0]["tiers"]
    assert (small["score"]["value"], large["score"]["value"]) == (0.5, 1.0)
    assert small["cost_usd"]["per_item"] == pytest.approx(0.001)
    assert first.json["totals"]["calls"] == 0


def test_recorded_answers_that_nobody_grades_are_refused(here: Path) -> None:
    write_recording(here)

    done = evalbench("import", "recordings", "answers.jsonl", "--tiers", "small=cheap,large=dear", cwd=here)

    assert done.code == 2
    assert "--trust-scores" in done.err


IMPORT = ("import", "recordings", "answers.jsonl", "--tiers", "small=cheap,large=dear")


def test_an_import_without_tiers_names_the_models_to_choose_from(here: Path) -> None:
    write_recording(here)

    done = evalbench("import", "recordings", "answers.jsonl", "--trust-scores", cwd=here)

    assert done.code == 2
    assert "--tiers small=cheap,large=dear" in done.err


def test_an_answer_in_two_recordings_is_refused_and_not_dropped(here: Path) -> None:
    write_recording(here)
    (line, *_) = (here / "answers.jsonl").read_text("utf-8").splitlines()
    (here / "more.jsonl").write_text(f"\n{line}\n", "utf-8")

    two = evalbench(*IMPORT, "more.jsonl", "--trust-scores", cwd=here)
    same = evalbench(*IMPORT, "answers.jsonl", "--trust-scores", cwd=here)

    assert (two.code, same.code) == (2, 2)
    assert "more.jsonl:2: item 'a0' of 'cheap' was answered at answers.jsonl:1, too" in two.err


def write_terms(folder: Path, terms: str) -> None:
    (folder / "t").mkdir(exist_ok=True)
    items = [{"id": f"a{number}", "input": "?", "target": "No"} for number in range(60)]
    (folder / "t" / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    (folder / "t" / "evalset.yaml").write_text(
        f"items: items.jsonl\ntask: qa\ngrader: exact\n{terms}\n", "utf-8"
    )


def test_an_import_takes_the_terms_of_the_eval_set_unless_told_others(here: Path) -> None:
    write_recording(here)
    write_terms(here, "max_drop: 0.2")
    command = (*IMPORT, "--evalset", "t", "--json")

    (said,) = evalbench(*command, cwd=here).json["tasks"]
    (told,) = evalbench(*command, "--max-drop", "0.3", "--confidence", "0.9", cwd=here).json["tasks"]
    trusted = evalbench(*command, "--trust-scores", cwd=here).json
    write_terms(here, "max_drop: 0.2\nmin_score: 0.5")
    changed = evalbench(*command, "--trust-scores", cwd=here).json

    assert (said["max_drop"], said["confidence"], said["items"]) == (0.2, 0.95, 60)
    assert (told["max_drop"], told["confidence"]) == (0.3, 0.9)
    assert said["tiers"][0]["score"]["value"] == 0.0, "graded by the eval set"
    assert trusted["tasks"][0]["tiers"][0]["score"]["value"] == 1.0, "scored as recorded"
    assert (trusted["tasks"][0]["max_drop"], trusted["tasks"][0]["items"]) == (0.2, 60)
    assert trusted["run"]["id"] != changed["run"]["id"], "other terms are another run"


def test_a_recorded_tier_is_graded_by_the_eval_set_and_keeps_its_cost(here: Path) -> None:
    write_recording(here)
    items = [
        {"id": f"{item}{number}", "input": "?", "target": "Yes"} for number in range(60) for item in "ab"
    ]
    items.append({"id": "never", "input": "?", "target": "Yes"})
    (here / "t.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")

    done = evalbench(
        "run",
        "t.jsonl",
        "--grader=exact",
        "--task=qa",
        "--models=recorded/answers.jsonl#cheap,recorded/answers.jsonl#dear",
        "--json",
        cwd=here,
    )

    small, large = done.json["tasks"][0]["tiers"]
    assert done.code == 3
    assert "no recorded answer for item 'never'" in done.err
    assert (small["score"]["value"], large["score"]["value"]) == (0.5, 1.0)
    assert small["answers"]["missing"] == 1
    assert large["cost_usd"]["per_item"] == pytest.approx(0.01)
    assert done.json["totals"]["calls"] == 0


def test_commands_about_files_with_blanks_in_their_names_can_be_pasted(here: Path) -> None:
    write_tickets(here).rename(here / "Support Tickets.csv")

    made = evalbench("evalsets", "new", "Support Tickets.csv", cwd=here)

    commands = [line.removeprefix("next: ") for line in made.err.splitlines() if "next: evalbench" in line]
    assert [shlex.split(command)[-1] for command in commands] == ["evalsets/Support Tickets"] * 2


def test_the_column_that_a_fix_names_can_be_pasted(here: Path) -> None:
    rows = "".join(
        f"please help me with case {number},{'ab'[number % 2]},{number % 3}\n" for number in range(60)
    )
    (here / "t.csv").write_text(f"text,Team / Queue,CSAT\n{rows}", "utf-8")

    made = evalbench("evalsets", "new", "t.csv", cwd=here)

    assert made.code == 2
    assert "--target 'Team / Queue'" in made.err
