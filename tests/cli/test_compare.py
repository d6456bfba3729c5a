from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.shell import Done, evalbench, write_project

SMALL = "def small(prompt):\n    return _say(prompt, 60)"
CAREFUL = "def small(prompt):\n    return _say(prompt, 30 if 'carefully' in prompt else 60)"


@dataclass(frozen=True, slots=True)
class Project:
    folder: Path
    older: str
    newer: str

    def compare(self, *arguments: str) -> Done:
        return evalbench("compare", *arguments, cwd=self.folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two runs: in the newer one the prompt is worse for `small`, one item reworded and one new."""
    folder = write_project(tmp_path_factory.mktemp("project"))
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8").replace(SMALL, CAREFUL), "utf-8")
    older = _run(folder)
    evalset = folder / "evalsets" / "tickets" / "evalset.yaml"
    evalset.write_text(evalset.read_text("utf-8").replace("ticket:", "ticket carefully:"), "utf-8")
    tickets = folder / "evalsets" / "tickets" / "tickets.csv"
    rows = tickets.read_text("utf-8").replace("#0 came", "#0 went")
    tickets.write_text(f"{rows}999,the crash #77 came,bug\n", "utf-8")
    return Project(folder, older, _run(folder))


def _run(folder: Path, *arguments: str) -> str:
    done = evalbench("run", "--quiet", "--json", *arguments, cwd=folder)
    assert done.code == 0, done.err
    return str(done.json["run"]["id"])


def test_a_prompt_that_was_made_worse_is_found_worse(project: Project) -> None:
    done = project.compare(project.older, "latest", "--json")

    assert done.code == 0, done.err
    (task,) = done.json["tasks"]
    small, medium, large = task["tiers"]
    assert (done.json["older"]["id"], done.json["newer"]["id"]) == (project.older, project.newer)
    assert (small["verdict"], small["losses"], small["wins"]) == ("worse", 60, 0)
    assert {type(small["losses"]), type(small["wins"])} == {int}
    assert medium["verdict"] == large["verdict"] == "no_difference_shown"
    assert {change["setting"] for change in task["setup"]} == {"prompt", "digest"}


def test_the_items_that_changed_are_all_named_for_scripts(project: Project) -> None:
    small = project.compare(project.older, project.newer, "--json").json["tasks"][0]["tiers"][0]

    changed = small["changed"]
    assert [each["item_id"] for each in changed[:2]] == ["030", "031"]
    assert len(changed) == 60
    assert changed[0] == {
        "item_id": "030",
        "difference": -1.0,
        "score": {"older": 1.0, "newer": 0.0},
        "status": {"older": "ok", "newer": "ok"},
        "input": "the invoice #30 came",
        "target": "billing",
        "output": {"older": "billing", "newer": "bug"},
    }


def test_items_that_are_left_out_are_named_with_the_reason(project: Project) -> None:
    (task,) = project.compare(project.older, project.newer, "--json").json["tasks"]

    assert task["items"] == 199
    assert task["left_out"] == {
        "only_older": [],
        "only_newer": ["999"],
        "prompt_changed": ["000"],
        "target_changed": [],
        "unlabelled": [],
    }


def test_the_keys_that_scripts_rely_on(project: Project) -> None:
    value = project.compare(project.older, project.newer, "--json").json

    assert set(value) == {
        *("schema", "older", "newer", "notes", "only_older_tasks", "only_newer_tasks", "tasks"),
    }
    assert value["schema"] == "evalbench.compare/1"
    assert set(value["tasks"][0]["tiers"][0]) == {
        *("tier", "model", "verdict", "score", "difference", "low", "high", "level", "wins", "losses"),
        *(
            "items",
            "groups",
            "missing",
            "missing_sensitive",
            "not_asked",
            "test",
            "p_value",
            "p_adjusted",
            "detectable_drop",
        ),
        *("cost_usd_per_item", "cost_ratio", "latency_p95_s", "changed"),
    }


def test_the_order_of_the_two_runs_does_not_matter(project: Project) -> None:
    there = project.compare(project.older, project.newer, "--json")
    back = project.compare(project.newer, project.older, "--json")

    assert there.out == back.out


def test_a_person_reads_verdict_cause_and_examples(project: Project) -> None:
    done = project.compare(project.older, project.newer)

    assert "small (models.py:small)  WORSE, by 30.2 points" in done.out
    assert "59.8 % right before, 29.6 % now (199 items); 0 better, 60 worse" in done.out
    assert "left out: 1 only in the newer run, 1 with another prompt" in done.out
    assert "now Classify the ticket carefully: {{ text }}" in done.out
    assert "a drop of 3.9 points would have shown 4 times in 5" in done.out
    assert "030: right before, wrong now" in done.out
    assert "57 more with --json" in done.out
    assert done.err == f"next: evalbench show {project.newer} 030\n"
    assert [line for line in done.out.splitlines() if len(line) > 80] == []


def test_a_run_against_itself_shows_no_difference(project: Project) -> None:
    done = project.compare("latest", project.newer, "--json")

    assert done.code == 0
    assert done.json["notes"] == ["both are the same run"]
    assert {tier["verdict"] for tier in done.json["tasks"][0]["tiers"]} == {"no_difference_shown"}
    assert {tier["p_adjusted"] for tier in done.json["tasks"][0]["tiers"]} == {1.0}


def test_texts_can_be_left_out(project: Project) -> None:
    shown = project.compare(project.older, project.newer, "--no-texts")
    scripted = project.compare(project.older, project.newer, "--no-texts", "--json")

    assert "030: right before, wrong now" in shown.out
    assert "the invoice #30" not in shown.out + scripted.out
    assert scripted.json["tasks"][0]["tiers"][0]["changed"][0]["output"] == {"older": None, "newer": None}


def test_one_tier_can_be_chosen(project: Project) -> None:
    done = project.compare(project.older, project.newer, "--tier", "small", "--task", "tickets", "--json")

    assert [tier["tier"] for tier in done.json["tasks"][0]["tiers"]] == ["small"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--tier", "smal"), "no tier in both runs named 'smal'"),
        (("--task", "ticket"), "no task in both runs named 'ticket'"),
    ],
)
def test_a_mistyped_name_is_refused_with_the_nearest(
    project: Project, arguments: tuple[str, str], problem: str
) -> None:
    done = project.compare(project.older, project.newer, *arguments)

    assert done.code == 2
    assert problem in done.err
    assert "did you mean" in done.err


def test_a_run_that_is_not_there_is_refused(project: Project) -> None:
    done = project.compare(project.older, "19990101")

    assert done.code == 2
    assert "there is no run '19990101'" in done.err


def _import(folder: Path, name: str, **changes: str) -> str:
    """A run of twenty recorded answers, with its ids, task and right answers as told."""
    told = {"task": "triage", "prefix": "i", "target": "bug", "output": "bug", "model": "m", **changes}
    rows = [
        {
            "task": told["task"],
            "item_id": f"{told['prefix']}{number}",
            "model": told["model"],
            "output": told["output"],
            "input": f"text {number}",
            "target": told["target"],
            "score": 1.0,
        }
        for number in range(20)
    ]
    (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    tier = told.get("tier", "small")
    done = evalbench(
        *("import", "recordings", name, "--trust-scores", "--tiers", f"{tier}={told['model']}", "--json"),
        cwd=folder,
    )
    assert done.code == 0, done.err
    return str(done.json["run"]["id"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"task": "other"}, "share no task: the first has triage, the second other"),
        ({"prefix": "j"}, "share no item with a right answer"),
        ({"target": "billing"}, "20 have the same id, but another prompt or right answer"),
        ({"tier": "large"}, "share no tier: the first has small, the second large"),
    ],
)
def test_runs_that_share_nothing_are_refused(tmp_path: Path, changes: dict[str, str], problem: str) -> None:
    first, second = _import(tmp_path, "one.jsonl"), _import(tmp_path, "two.jsonl", **changes)

    done = evalbench("compare", first, second, cwd=tmp_path)

    assert done.code == 2
    assert problem in done.err
    assert "  fix: " in done.err


def test_another_model_behind_a_tier_is_told(tmp_path: Path) -> None:
    first = _import(tmp_path, "one.jsonl", model="gpt-4")
    second = _import(tmp_path, "two.jsonl", model="gpt-5")

    done = evalbench("compare", first, second, cwd=tmp_path)

    assert done.code == 0, done.err
    assert "small (gpt-4 before, gpt-5 now)  NO DIFFERENCE SHOWN" in done.out


def test_texts_cannot_steer_the_terminal(tmp_path: Path) -> None:
    first = _import(tmp_path, "one.jsonl")
    (tmp_path / "two.jsonl").write_text(
        (tmp_path / "one.jsonl")
        .read_text("utf-8")
        .replace('"output": "bug"', '"output": "\\u001b[2Jhe\\nllo"')
        .replace('"score": 1.0', '"score": 0.0'),
        "utf-8",
    )
    arguments = ("import", "recordings", "two.jsonl", "--trust-scores", "--tiers", "small=m", "--json")
    second = evalbench(*arguments, cwd=tmp_path).json["run"]["id"]

    done = evalbench("compare", first, second, cwd=tmp_path)

    assert "now     \u241b[2Jhe llo" in done.out
    assert "\x1b" not in done.out


def test_scores_of_another_grader_are_not_compared_until_graded_again(tmp_path: Path) -> None:
    write_project(tmp_path, items=40)
    older = _run(tmp_path)
    evalset = tmp_path / "evalsets" / "tickets" / "evalset.yaml"
    evalset.write_text(evalset.read_text("utf-8") + "grader: exact\n", "utf-8")
    newer = _run(tmp_path)

    refused = evalbench("compare", older, newer, cwd=tmp_path)
    assert refused.code == 2
    assert f"run {older} was graded by label@1" in refused.err
    assert f"fix: evalbench grade {older}" in refused.err

    assert evalbench("grade", older, cwd=tmp_path).code == 0
    done = evalbench("compare", "latest", newer, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.json["newer"]["id"] == newer
