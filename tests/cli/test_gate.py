"""A gate as a CI job would use it: a repository with a committed baseline, a fresh checkout per job."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from junitparser import Failure, JUnitXml

from evalbench.core.money import MINUS
from tests.cli.shell import Done, environment, evalbench, write_project

SMALL = "def small(prompt):\n    return _say(prompt, 60)"
CAREFUL = "def small(prompt):\n    return _say(prompt, 30 if 'carefully' in prompt else 60)"
FRESH = ("--max-age", "0s")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=ci", "-c", "user.email=ci@example.invalid", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607


@dataclass(frozen=True, slots=True)
class Job:
    """A checkout of the repository, with the ledger only where a cache would bring it."""

    folder: Path

    def __call__(self, *arguments: str, **variables: str) -> Done:
        return evalbench(*arguments, cwd=self.folder, **variables)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new), "utf-8")

    @property
    def gate_folder(self) -> Path:
        (found,) = (self.folder / "reports").glob("*/gate")
        return found


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose baseline was accepted and committed; its ledger lies beside it."""
    folder = write_project(tmp_path_factory.mktemp("repository"))
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8").replace(SMALL, CAREFUL), "utf-8")
    with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
        file.write("deployed: {tickets: small}\nclassical: off\n")
    (folder / ".gitignore").write_text(".evalbench/\nreports/\n__pycache__/\n", "utf-8")
    done = evalbench("run", "--quiet", "--repeats", "3", cwd=folder)
    assert done.code == 0, done.err
    done = evalbench("gate", "accept", "latest", "--baseline", "baseline.json", cwd=folder)
    assert done.code == 0, done.err
    assert "guards small, 200 items asked 3 times" in done.out
    assert "warning" not in done.err
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "Accept the bar")
    return folder


@pytest.fixture
def job(accepted: Path, tmp_path: Path) -> Job:
    git(tmp_path, "clone", str(accepted), "checkout")
    return Job(tmp_path / "checkout")


@pytest.fixture
def cached_job(accepted: Path, job: Job) -> Job:
    shutil.copytree(accepted / ".evalbench", job.folder / ".evalbench")
    return job


def test_a_fresh_run_with_nothing_changed_passes(cached_job: Job) -> None:
    done = cached_job("run", "--quiet", "--gate", "baseline.json", *FRESH)

    assert done.code == 0, done.err
    assert "PASS  tickets  small (models.py:small)  0.0 points" in done.out
    assert "gate: 1 passed" in done.err


def test_a_night_of_the_gate_is_no_look_at_which_tier_would_do(cached_job: Job) -> None:
    done = cached_job("run", "--quiet", "--json", "--gate", "baseline.json", *FRESH)
    shown = cached_job("report")

    (task,) = done.json["tasks"]
    assert (done.code, task["looks"]["count"], task["looks"]["gate"]) == (0, 1, True)
    assert [each["look"] for each in task["looks"]["earlier"]] == [1]
    assert "look at this question" not in shown.out


def test_the_stored_answers_again_test_nothing(cached_job: Job) -> None:
    done = cached_job("run", "--quiet", "--repeats", "3", "--gate", "baseline.json")

    assert done.code == 2
    assert "error: 0 of 600 answers are newer than the baseline\n" in done.err
    assert "  fix: evalbench run --max-age 12h\n" in done.err


def test_a_prompt_that_was_made_worse_fails_and_names_the_items(job: Job, tmp_path: Path) -> None:
    job.edit("evalsets/tickets/evalset.yaml", "ticket:", "ticket carefully:")
    step = tmp_path / "step.md"

    done = job(
        "run",
        "--quiet",
        "--gate",
        "baseline.json",
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(step),
    )

    assert done.code == 1, done.err
    assert f"FAIL  tickets  small (models.py:small)  worse; {MINUS}30.0 points" in done.out
    assert "items that got worse: 030, 031, 032, 033, 034 and 55 more" in done.out
    assert "set up otherwise than in the baseline: prompt" in done.out
    (command,) = [line for line in done.out.splitlines() if line.startswith("::")]
    assert command.startswith(f"::error title=evalbench%3A tickets::small: worse; {MINUS}30.0 points")
    assert step.read_text("utf-8").startswith("## Gate: 1 failed")
    (case,) = [case for suite in JUnitXml.fromfile(str(job.gate_folder / "junit.xml")) for case in suite]
    assert isinstance(case.result[0], Failure)
    assert case.result[0].type == "regression"


def test_annotations_are_for_github_alone(job: Job) -> None:
    job.edit("evalsets/tickets/evalset.yaml", "ticket:", "ticket carefully:")

    done = job("run", "--quiet", "--gate", "baseline.json")

    assert done.code == 1
    assert "::" not in done.out.replace("models.py::", "")


def test_a_provider_that_is_down_is_incomplete_and_no_regression(job: Job) -> None:
    job.edit(
        "models.py", "def small(prompt):\n", "def small(prompt):\n    raise OSError('the line is dead')\n"
    )

    done = job("run", "--quiet", "--gate", "baseline.json")

    assert done.code == 3, done.err
    assert "INCOMPLETE  tickets  small" in done.out
    assert "FAIL" not in done.out
    root = ET.parse(job.gate_folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert (root.get("errors"), root.get("failures")) == ("1", "0")


def test_a_run_that_is_gone_on_with_is_checked_once_it_is_whole(job: Job) -> None:
    job.edit(
        "models.py",
        "def small(prompt):\n",
        "import os\n\ndef small(prompt):\n    assert not os.path.exists('down')\n",
    )
    (job.folder / "down").touch()
    broken = job("run", "--quiet", "--gate", "baseline.json")
    (job.folder / "down").unlink()

    done = job("run", "--quiet", "--resume", "latest", "--gate", "baseline.json")

    assert broken.code == 3, broken.err
    assert "--gate baseline.json" in broken.err
    assert done.code == 0, done.err
    assert "PASS  tickets  small" in done.out


def test_a_changed_item_stops_before_the_first_call(job: Job) -> None:
    job.edit("evalsets/tickets/tickets.csv", "the invoice #0 came", "the invoice #0 went")

    done = job("run", "--quiet", "--gate", "baseline.json")

    assert done.code == 2
    assert "error: tickets: its items are not those of baseline.json: 1 with another input: 000" in done.err
    assert not (job.folder / ".evalbench").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max_drop: 0.05", "max_drop: 0.05\ngrader: exact", "the grader is not that of baseline.json"),
        ("max_drop: 0.05", "max_drop: 0.05\nmetric: macro_f1", "the metric is not that of baseline.json"),
        ("max_drop: 0.05", "name: bills", "baseline.json guards the task 'tickets', which this run lacks"),
    ],
)
def test_another_measure_stops_before_the_first_call(job: Job, old: str, new: str, said: str) -> None:
    job.edit("evalsets/tickets/evalset.yaml", old, new)

    done = job("run", "--quiet", "--gate", "baseline.json")

    assert done.code == 2
    assert said in done.err
    assert "fix: " in done.err
    assert not (job.folder / ".evalbench").exists()


def test_a_part_of_the_items_is_not_what_was_accepted(job: Job) -> None:
    done = job("run", "--quiet", "--limit", "50", "--gate", "baseline.json")

    assert done.code == 2
    assert "150 no longer there" in done.err
    assert "drop --limit" in done.err


def test_a_guarded_tier_that_is_left_out_stops_before_the_first_call(job: Job) -> None:
    done = job("run", "--quiet", "--tiers", "medium,large", "--gate", "baseline.json")

    assert done.code == 2
    assert (
        "the gate guards 'tickets' at 'small', which this run did not ask: it has medium, large" in done.err
    )
    assert not (job.folder / ".evalbench").exists()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_broken_baseline_stops_before_the_first_call(job: Job, share: float) -> None:
    path = job.folder / "baseline.json"
    text = path.read_text("utf-8")
    path.write_text(text[: int(len(text) * share)], "utf-8")

    done = job("run", "--quiet", "--gate", "baseline.json")

    assert done.code == 2
    assert "error: baseline.json, line " in done.err
    assert "git checkout -- baseline.json" in done.err
    assert not (job.folder / ".evalbench").exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 200_000, None])
def test_what_is_no_text_or_no_file_is_refused_in_one_line(cached_job: Job, content: bytes | None) -> None:
    path = cached_job.folder / "bar.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    done = cached_job("gate", "check", "--baseline", "bar.json")

    assert done.code == 2
    assert done.err.startswith("error: bar.json")
    assert len(done.err.splitlines()) == 2


def test_a_baseline_that_is_not_there_says_how_to_make_one(job: Job) -> None:
    done = job("run", "--quiet", "--gate", "bar.json")

    assert done.code == 2
    assert "fix: make one: evalbench gate accept latest --baseline bar.json" in done.err


def test_a_dry_run_checks_the_baseline_and_calls_nobody(job: Job) -> None:
    done = job("run", "--gate", "baseline.json", "--dry-run")

    assert done.code == 0, done.err
    assert not (job.folder / ".evalbench").exists()


def test_an_interrupted_run_ends_as_interrupted(job: Job) -> None:
    job.edit("models.py", "def _say(", "import time\n\ndef _say(")
    job.edit("models.py", "    label = ", "    time.sleep(0.05)\n    label = ")
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "evalbench",
            "run",
            "--quiet",
            "--concurrency",
            "1",
            "--gate",
            "baseline.json",
        ],
        cwd=job.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        ledger = job.folder / ".evalbench" / "ledger.sqlite"
        deadline = time.monotonic() + 60
        while not ledger.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)

    assert running.returncode == 130, err
    assert "go on with: evalbench run --resume" in err


def test_one_json_value_holds_the_run_and_the_gate(job: Job) -> None:
    done = job("run", "--quiet", "--json", "--gate", "baseline.json")

    assert done.code == 0, done.err
    gate = done.json["gate"]
    assert done.json["schema"] == "evalbench.summary/1"
    assert (gate["schema"], gate["exit_code"]) == ("evalbench.gate/1", 0)
    assert [(line["task"], line["tier"], line["verdict"]) for line in gate["lines"]] == [
        ("tickets", "small", "pass")
    ]


def test_every_tier_can_be_guarded(cached_job: Job) -> None:
    cached_job("run", "--quiet", *FRESH)

    done = cached_job("gate", "check", "--baseline", "baseline.json", "--all-tiers", "--json")

    assert done.code == 0, done.err
    assert [line["tier"] for line in done.json["lines"]] == ["small", "medium", "large"]
    tests = [test for line in done.json["lines"] for test in line["tests"]]
    assert {type(test[count]) for test in tests for count in ("wins", "losses")} == {int}


def test_a_tier_that_was_not_asked_is_not_passed_over_in_silence(job: Job) -> None:
    assert job("run", "--quiet", "--tiers", "small,medium").code == 0

    done = job("gate", "check", "--baseline", "baseline.json", "--all-tiers")

    assert done.code == 0, done.err
    assert "note: tickets: not checked, since the run did not ask them: large" in done.err


def test_a_column_that_was_added_later_changes_no_item_of_either_bar(job: Job) -> None:
    shutil.copy(job.folder / "baseline.json", job.folder / "release.json")
    path = job.folder / "evalsets" / "tickets" / "tickets.csv"
    rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{rows[0]},tone", *(f"{row},kind" for row in rows[1:])]) + "\n", "utf-8")
    assert job("run", "--quiet").code == 0
    assert job("gate", "accept", "--baseline", "baseline.json").code == 0
    assert job("run", "--quiet", *FRESH).code == 0

    done = job("gate", "check", "--baseline", "baseline.json", "--anchor", "release.json")

    assert done.code == 0, done.err


def test_a_frozen_anchor_shows_a_slow_decline(job: Job) -> None:
    shutil.copy(job.folder / "baseline.json", job.folder / "release.json")
    job.edit("models.py", "else 60", "else 57")
    assert job("run", "--quiet").code == 0
    lowered = job("gate", "accept", "--baseline", "baseline.json")
    job.edit("models.py", "else 57", "else 55")
    assert job("run", "--quiet", *FRESH).code == 0

    alone = job("gate", "check", "--baseline", "baseline.json")
    both = job("gate", "check", "--baseline", "baseline.json", "--anchor", "release.json")

    assert "this lowers the bar for small from 60.0 to 57.0 of 100" in lowered.err
    assert alone.code == 0, alone.out
    assert both.code == 1, both.out
    assert "against the anchor" in both.out
    assert "the answers just accepted test nothing until they are 12 hours old" in lowered.err


def test_limits_are_named_as_limits(job: Job) -> None:
    job.edit("evalsets/tickets/evalset.yaml", "max_drop: 0.05", "max_drop: 0.05\nmust_pass: ['000', '099']")
    job.edit("models.py", '"cost_usd": share / 1000', '"cost_usd": share / 500')
    assert job("run", "--quiet").code == 0

    done = job("gate", "check", "--baseline", "baseline.json", "--max-cost-increase", "0.5")

    assert done.code == 1
    assert "limit broken: must_pass 099 failed" in done.out
    assert "limit broken: cost at most above the baseline's 50.0 %, and it is 100 %" in done.out
    assert "worse;" not in done.out


def test_a_gate_that_sees_too_little_can_be_refused(job: Job) -> None:
    assert job("run", "--quiet").code == 0

    done = job("gate", "check", "--baseline", "baseline.json", "--min-mde", "0.01")

    assert done.code == 2
    assert "tickets: 200 items can show only a drop of 0.0" in done.err
    assert "fix: measure about " in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tasks", "ticket"), "did you mean 'tickets'?"),
        (("--max-missing", "2"), "--max-missing"),
        (("--anchor", "models.py"), "models.py, line 1: is no JSON"),
    ],
)
def test_a_slip_of_the_pen_is_told(cached_job: Job, arguments: tuple[str, ...], said: str) -> None:
    done = cached_job("gate", "check", "--baseline", "baseline.json", *arguments)

    assert done.code == 2
    assert said in done.err


def test_a_run_with_too_many_gaps_is_not_accepted(job: Job) -> None:
    job.edit("models.py", "def small(prompt):\n", "def small(prompt):\n    assert '#1' not in prompt\n")
    assert job("run", "--quiet").code == 3

    done = job("gate", "accept", "--baseline", "other.json")

    assert done.code == 3
    assert "too many for a bar to measure by" in done.err
    assert "fix: evalbench run --resume" in done.err
    assert not (job.folder / "other.json").exists()


def test_few_repeats_and_few_gaps_are_accepted_with_a_warning(job: Job) -> None:
    job.edit("models.py", "def small(prompt):\n", "def small(prompt):\n    assert '#17 ' not in prompt\n")
    assert job("run", "--quiet").code == 3

    done = job("gate", "accept", "--baseline", "other.json")

    assert done.code == 0, done.err
    assert "warning: every item was asked once" in done.err
    assert "0.5 % of the answers of small are missing, and recorded as missing" in done.err
    scores = json.loads((job.folder / "other.json").read_text("utf-8"))["tasks"]["tickets"]["tiers"]["small"]
    assert "-" in " ".join(scores["scores"]).split()


def test_the_baseline_holds_no_text_of_prompts_or_answers(accepted: Path) -> None:
    text = (accepted / "baseline.json").read_text("utf-8")

    assert "invoice" not in text
    assert "billing" not in text
    assert "Classify" not in text


def test_an_old_baseline_is_told(cached_job: Job) -> None:
    value = (cached_job.folder / "baseline.json").read_text("utf-8")
    accepted = json.loads(value)["accepted"]
    cached_job.edit("baseline.json", accepted, "2020-01-01T00:00:00.000Z")
    assert cached_job("run", "--quiet", *FRESH).code == 0

    done = cached_job("gate", "check", "--baseline", "baseline.json")

    assert "baseline.json was accepted" in done.err
    assert "days ago" in done.err


def test_noise_is_told_from_repeats_and_from_runs(cached_job: Job) -> None:
    for _ in range(2):
        assert cached_job("run", "--quiet", "--repeats", "3", "--refresh").code == 0

    done = cached_job("gate", "noise", "--baseline", "baseline.json", "--json")

    assert done.code == 0, done.err
    (line,) = done.json["lines"]
    assert (line["tier"], line["repeats"], len(line["runs"])) == ("small", 3, 3)
    assert line["flips"]["from"] == "repeats"
    assert line["flips"]["fail"] == 0.0
    assert line["between_runs"]["shock"] is False
    shown = cached_job("gate", "noise")
    assert "of checks with nothing changed" in shown.out
    assert "whole runs lie 0 points apart" in shown.out


HOSTILE = """
POISON = "| `x` ``` </script><script>alert(1)</script> ::error::owned "
POISON += "##[error]owned \\x00\\x1b[31m\\ufffe @all "

def small(prompt):
    return {"text": POISON * (10_000 if "#0 " in prompt else 1), "cost_usd": 0.001}
"""


def test_hostile_answers_do_no_harm_in_any_output(job: Job, tmp_path: Path) -> None:
    text = (job.folder / "models.py").read_text("utf-8")
    (job.folder / "models.py").write_text(f"{text}{HOSTILE}", "utf-8")
    step = tmp_path / "step.md"

    done = job(
        "run", "--quiet", "--gate", "baseline.json", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(step)
    )

    assert done.code == 1, done.err
    ET.parse(job.gate_folder / "junit.xml")  # noqa: S314 - our own file
    page = (job.gate_folder / "gate.md").read_text("utf-8")
    assert len(page) < 65_536
    assert page == step.read_text("utf-8").removesuffix("\n")
    assert "<script" not in page.replace("\\<script", "")
    assert "```" not in page.replace("\\`", "")
    assert not any(line.startswith("::") and "owned" in line for line in done.out.splitlines())
    assert "\x1b" not in page + done.out
    assert "\x00" not in page + done.out
