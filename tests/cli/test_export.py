from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Done, evalbench, write_project

FUNCTIONS = '''\
"""Models that do odd things: break off, say nothing, answer with other line ends."""

def _answer(prompt, share):
    number = int(prompt.split("#")[1].split()[0])
    if number == 7:
        raise ValueError("the line is dead")
    right = "bug" if "crash" in prompt else "billing"
    said = right if number % 10 < share else "no idea\\u2028\\nat all \\x9b"
    used = {"input_tokens": 10 + number, "output_tokens": 2}
    return {"text": "" if number == 11 else said, "cost_usd": share / 1000, "confidence": share / 10, **used}

def weak(prompt):
    return _answer(prompt, 6)

def strong(prompt):
    return _answer(prompt, 9)

def fields(prompt):
    return '{"total": 12.5, "names": ["Ann", "Bo"], "count": 36893488147419103232}'
'''
PROJECT = """\
tiers:
  small: {model: "python/models.py:weak", params: {temperature: 0}}
  middle: {model: "python/models.py:strong", params: {temperature: 0}}
  large: {model: "python/models.py:strong", params: {temperature: 1}}
current: middle
retries: 0
"""
IDS = ("007", "1.0", "NA", "a\u2028b", "ü \n'quoted'")
TICKETS = """\
items: tickets.jsonl
train: train.jsonl
columns: {id: id, input: text, target: target, group: group, tags: tags}
grader: label
task: classification
max_drop: 0.2
confidence: 0.9
"""


def _ticket(number: int) -> dict[str, Any]:
    word, label = ("crash", "bug") if number % 2 else ("invoice", "billing")
    item_id = IDS[number] if number < len(IDS) else f"i{number}"
    return {
        "id": item_id,
        "text": f"the {word}\u2028\n#{number} came",
        # Neither right nor wrong: the item has no answer.
        "target": None if number in (3, 4) else label,
        "group": f"g{number // 3}",
        "tags": ["first", "second"],
    }


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def _write_odd_project(folder: Path) -> None:
    (folder / "models.py").write_text(FUNCTIONS, "utf-8")
    (folder / "evalbench.yaml").write_text(PROJECT, "utf-8")
    tickets, forms = folder / "evalsets" / "tickets", folder / "evalsets" / "forms"
    _write(tickets / "tickets.jsonl", [_ticket(number) for number in range(60)])
    learned = [{**_ticket(number), "id": f"t{number}", "group": f"t{number}"} for number in range(100, 140)]
    _write(tickets / "train.jsonl", learned)
    (tickets / "evalset.yaml").write_text(TICKETS, "utf-8")
    right = {"total": 12.5, "names": ["Ann", "Bo"], "count": 2**65}
    targets = [right, {**right, "total": 1}, {"names": []}] * 10
    _write(
        forms / "forms.jsonl",
        [{"text": f"form #{20 + number} came", "target": target} for number, target in enumerate(targets)],
    )
    (forms / "evalset.yaml").write_text(
        "items: forms.jsonl\ncolumns: {input: text, target: target}\ntask: extraction\n"
        "grader: json_fields\nmetric: mean\nmax_drop: 0.2\nconfidence: 0.9\n",
        "utf-8",
    )


@dataclass(frozen=True, slots=True)
class Project:
    folder: Path
    summary: dict[str, Any]

    def __call__(self, *arguments: str) -> Done:
        return evalbench(*arguments, cwd=self.folder)

    @property
    def run_id(self) -> str:
        return str(self.summary["run"]["id"])


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run of two tasks with repeats, groups, a classical tier in one, and everything that is odd."""
    folder = tmp_path_factory.mktemp("odd")
    _write_odd_project(folder)
    done = evalbench("run", "--quiet", "--json", "--repeats", "2", cwd=folder)
    assert done.code == 3, done.err
    return Project(folder, done.json)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = write_project(tmp_path_factory.mktemp("plain"), 60)
    done = evalbench("run", "--quiet", "--json", cwd=folder)
    assert done.code == 0, done.err
    return Project(folder, done.json)


def _advised(done: Done) -> list[str]:
    assert done.code == 0, done.err
    command = done.err.splitlines()[-1].removeprefix("next: ")
    return shlex.split(command)[1:]


def _figures(task: dict[str, Any], models: dict[str, str] | None = None) -> dict[str, Any]:
    """All that a task's summary says of its answers, by the names that the models have in the file."""
    return {
        "tiers": [
            {
                **{key: tier[key] for key in ("tier", "trials", "score", "answers", "latency_s", "tokens")},
                **{key: tier["cost_usd"][key] for key in ("total", "per_item", "per_correct")},
                "model": tier["model"].rpartition("#")[2] if models is None else models[tier["tier"]],
            }
            for tier in task["tiers"]
        ],
        **{key: task[key] for key in ("name", "items", "unlabelled", "current", "max_drop", "confidence")},
        "comparisons": task["comparisons"],
        "recommendation": {
            key: task["recommendation"][key] for key in ("outcome", "tier", "need_items", "saving_share")
        },
    }


def test_a_run_that_leaves_comes_back_as_the_same_run(odd: Project) -> None:
    left = odd("export", "-o", "out/it's all.jsonl")
    described = odd("export", odd.run_id, "-o", "out/it's all.jsonl", "--json").json
    back = odd(*_advised(left), "--json")

    assert back.code == 0, back.err
    before = [_figures(task, described["models"]) for task in odd.summary["tasks"]]
    assert [_figures(task) for task in back.json["tasks"]] == before
    assert [tier["tier"] for tier in before[1]["tiers"]] == ["classical", "small", "middle", "large"]
    assert before[1]["tiers"][1]["answers"]["missing"] == 2
    assert before[1]["unlabelled"] == 2


def test_an_eval_set_grades_what_left_as_it_did_before(odd: Project) -> None:
    described = odd("export", "--task", "forms", "-o", "forms.jsonl", odd.run_id, "--json").json
    command = shlex.split(described["next"].replace("--trust-scores", "--evalset evalsets/forms"))

    back = odd(*command[1:], "--json")

    assert back.code == 0, back.err
    before = _figures(odd.summary["tasks"][0], described["models"])
    assert [_figures(task) for task in back.json["tasks"]] == [before]


def test_tiers_of_one_model_are_recorded_by_their_own_names(odd: Project) -> None:
    done = odd("export", odd.run_id, "--task", "forms")

    lines = [json.loads(line) for line in done.out.splitlines()]
    assert {line["model"] for line in lines} == {"python/models.py:weak", "middle", "large"}
    assert "middle (python/models.py:strong), large (python/models.py:strong)" in done.err
    assert "--tiers small=python/models.py:weak,middle=middle,large=large" in done.err


def test_ids_targets_and_texts_leave_as_they_are(odd: Project) -> None:
    done = odd("export", odd.run_id, "--tier", "small")

    lines = [json.loads(line) for line in done.out.splitlines()]
    forms = [line for line in lines if line["task"] == "forms"]
    tickets = [line for line in lines if line["task"] == "tickets" and line["repeat"] == 1]
    assert [line["item_id"] for line in tickets[:5]] == list(IDS)
    assert tickets[9]["output"] == "no idea\u2028\nat all \x9b"
    assert tickets[9]["input"] == "the crash\u2028\n#9 came"
    assert tickets[9]["tags"] == ["first", "second"]
    assert "target" not in tickets[3]
    assert "score" not in tickets[3]
    assert forms[0]["target"] == {"total": 12.5, "names": ["Ann", "Bo"], "count": 2**65}


def test_nothing_in_the_lines_ends_them_early_or_steers_a_terminal(odd: Project) -> None:
    done = odd("export", odd.run_id)

    lines = done.out.splitlines()
    assert len(lines) == done.out.count("\n") == 2 * (60 * 4 + 30 * 3)
    assert "\x9b" not in done.out


def test_a_missing_answer_is_a_line_that_says_so_and_is_counted(odd: Project) -> None:
    done = odd("export", odd.run_id, "--task", "tickets", "--tier", "small")

    missing = [line for line in map(json.loads, done.out.splitlines()) if line["status"] == "missing"]
    assert [(line["item_id"], line["output"], line["repeat"]) for line in missing] == [
        ("i7", "", 0),
        ("i7", "", 1),
    ]
    assert not {"score", "cost_usd", "latency_s", "created"} & set(missing[0])
    assert done.err.startswith(f"wrote 118 answers, and 2 lines of missing ones of run {odd.run_id}\n")


def test_an_imported_run_leaves_as_the_file_that_it_came_from(odd: Project) -> None:
    imported = odd(*_advised(odd("export", odd.run_id, "-o", "first.jsonl")), "--json").json

    second = odd("export", imported["run"]["id"], "-o", "second.jsonl")

    assert second.code == 0, second.err
    first = (odd.folder / "first.jsonl").read_bytes()
    assert (odd.folder / "second.jsonl").read_bytes() == first


def test_standard_output_holds_the_lines_and_nothing_else(plain: Project) -> None:
    shown, written = plain("export"), plain("export", "-o", "answers.jsonl")

    assert written.out == ""
    assert shown.out == plain("export", "-o", "-").out
    assert shown.out == (plain.folder / "answers.jsonl").read_text("utf-8")
    assert len(shown.out.splitlines()) == 180
    assert shown.err.splitlines()[-1].startswith("next: evalbench import recordings FILE --tiers ")


def test_the_command_of_the_way_back_can_be_typed(plain: Project) -> None:
    done = plain(
        "export", "--ledger", ".evalbench/ledger.sqlite", "-o", "it's.jsonl", "--tiers", "small,medium"
    )

    assert _advised(done) == [
        *("import", "recordings", "it's.jsonl"),
        *("--tiers", "small=python/models.py:small,medium=python/models.py:medium"),
        *("--trust-scores", "--ledger", ".evalbench/ledger.sqlite"),
    ]


def test_what_a_recording_cannot_hold_is_said(plain: Project) -> None:
    assert "note: tickets: no recording holds its monthly; --evalset brings that back" in plain("export").err


def test_a_script_is_told_what_was_written(plain: Project) -> None:
    done = plain("export", "-o", "answers.jsonl", "--json")

    assert done.err == ""
    assert {**done.json, "next": "", "notes": []} == {
        "schema": "evalbench.export/1",
        "run": plain.run_id,
        "format": "recordings",
        "file": "answers.jsonl",
        "answers": 180,
        "missing": 0,
        "models": {tier: f"python/models.py:{tier}" for tier in ("small", "medium", "large")},
        "tasks": [{"name": "tickets", "answers": 180, "missing": 0, "not_graded": 0, "not_asked": 0}],
        "notes": [],
        "next": "",
    }


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (("--format", "recording"), "did you mean 'recordings'?"),
        (("--json",), "add -o FILE, or leave --json out."),
        (("--task", "ticket"), "did you mean 'tickets'?"),
        (("--tier", "smal"), "did you mean 'small'?"),
        (("-o", "evalsets"), "name another file with -o FILE."),
        (("nobody",), "`evalbench runs` lists them."),
    ],
)
def test_what_cannot_be_exported_is_refused_before_a_line_is_written(
    plain: Project, arguments: tuple[str, ...], fix: str
) -> None:
    done = plain("export", *arguments)

    assert (done.code, done.out) == (2, "")
    assert f"  fix: {fix}" in done.err
    assert not list(plain.folder.glob(".*.part"))


def test_answers_that_an_early_stop_left_out_are_counted(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 200)
    run = evalbench("run", "--quiet", "--json", "--early-stop", cwd=folder)
    asked = sum(tier["trials"] for tier in run.json["tasks"][0]["tiers"])

    done = evalbench("export", cwd=folder)

    assert asked < 600
    assert len(done.out.splitlines()) == asked
    assert f"settled without them: {600 - asked}; whoever imports the file finds them missing" in done.err


def test_where_single_scores_do_not_tell_the_eval_set_grades_again(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 60)
    settings = folder / "evalsets" / "tickets" / "evalset.yaml"
    settings.write_text(f"{settings.read_text('utf-8')}metric: macro_f1\n", "utf-8")
    (before,) = evalbench("run", "--quiet", "--json", cwd=folder).json["tasks"]
    done = evalbench("export", "-o", "answers.jsonl", cwd=folder)

    (after,) = evalbench(*_advised(done), "--json", cwd=folder).json["tasks"]

    assert "note: tickets: macro_f1 is more than the scores of single answers" in done.err
    assert before["metric"] == after["metric"] == "macro_f1"
    models = {tier: f"python/models.py:{tier}" for tier in ("small", "medium", "large")}
    assert _figures(after) == _figures(before, models)


JUDGE = """

def judge(messages):
    if "#3 " in messages[-1]["content"]:
        raise ValueError("no opinion")
    return '{"reason": "fine", "score": 4}'
"""


def test_answers_of_a_judge_are_told_as_such_and_those_without_a_grade_are_counted(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 20)
    settings = folder / "evalsets" / "tickets" / "evalset.yaml"
    settings.write_text(
        f"{settings.read_text('utf-8')}grader: {{name: judge, rubric: It is fine.}}\n", "utf-8"
    )
    with (folder / "models.py").open("a", encoding="utf-8") as models:
        models.write(JUDGE)
    with (folder / "evalbench.yaml").open("a", encoding="utf-8") as project:
        project.write("judge: {model: 'python/models.py:judge'}\nretries: 0\n")
    run = evalbench("run", "--quiet", "--json", cwd=folder)

    done = evalbench("export", cwd=folder)

    assert run.code == 3, run.err
    command = f"evalbench grade {run.json['run']['id']}"
    assert f"without a grade, and so without a score: 3; to judge them first: {command}\n" in done.err
    assert "tickets: these scores are a model's opinion" in done.err
    bare = [line for line in map(json.loads, done.out.splitlines()) if "score" not in line]
    assert [(line["item_id"], line["status"]) for line in bare] == [("003", "ok")] * 3
