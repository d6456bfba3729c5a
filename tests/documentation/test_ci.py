"""The CI recipes of the documentation, parsed and run as they are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.shell import Done, environment, evalbench, write_project

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
RECIPES = ("github.yml", "gitlab.yml", "nightly.sh")
PRICED = "price: {input: 1, output: 1}, params: {max_tokens: 10}"


def recipe(name: str) -> Any:
    return yaml.safe_load((ROOT / "docs" / "ci" / name).read_text("utf-8"))


@pytest.mark.parametrize("name", RECIPES)
def test_the_page_prints_the_files_that_are_tested(name: str) -> None:
    printed = re.search(rf"<!-- docs/ci/{re.escape(name)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)

    assert printed is not None
    assert printed[1] == (ROOT / "docs" / "ci" / name).read_text("utf-8")


def tools(folder: Path) -> Path:
    """Doubles of the programs that a CI machine has, which write down how they were called."""
    place = folder / "tools"
    place.mkdir()
    (place / "evalbench").write_text(f'#!/bin/sh\nexec {sys.executable} -m evalbench "$@"\n', "utf-8")
    for name in ("gh", "mail", "pip"):
        (place / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{folder}/called.txt"\n', "utf-8")
    for path in place.iterdir():
        path.chmod(0o755)
    return place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a committed baseline, priced so that a spend cap can hold."""
    folder = tmp_path / "evals"
    folder.mkdir()
    write_project(folder, 60)
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8").replace("share / 1000}", "share / 1_000_000}"), "utf-8")
    tiers = ", ".join(
        f"{tier}: {{model: 'python/models.py:{tier}', {PRICED}}}" for tier in ("small", "medium", "large")
    )
    (folder / "evalbench.yaml").write_text(f"tiers: {{{tiers}}}\nclassical: off\n", "utf-8")
    assert evalbench("run", "--quiet", cwd=folder).code == 0
    assert evalbench("gate", "accept", "--baseline", "baseline.json", cwd=folder).code == 0
    (folder / ".evalbench" / "ledger.sqlite").unlink()
    tools(folder)
    return folder


def shell(project: Path, script: str, *arguments: str, **variables: str) -> Done:
    path = f"{project / 'tools'}:{environment()['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script, "sh", *arguments],
        cwd=project,
        env=environment(PATH=path, PYTHONPATH=str(ROOT), **variables),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def make_worse(project: Path) -> None:
    models = project / "models.py"
    models.write_text(models.read_text("utf-8").replace("number % 100 < share", "False"), "utf-8")


def called(project: Path) -> str:
    path = project / "called.txt"
    return path.read_text("utf-8") if path.exists() else ""


def test_the_github_steps_run_as_they_are_printed(project: Path) -> None:
    steps = [step for step in recipe("github.yml")["jobs"]["gate"]["steps"] if "run" in step]
    check, comment = [step["run"] for step in steps if not step["run"].startswith("pip")]
    summary = project / "summary.md"

    done = shell(project, check, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    told = shell(project, comment, PULL_REQUEST="7")

    assert done.code == 0, done.err
    assert summary.read_text("utf-8").startswith("## Gate: 1 ")
    assert told.code == 0, told.err
    assert re.search(r"gh pr comment 7 .*--body-file reports/\S+/gate/gate.md", called(project))


def test_the_github_workflow_keeps_ledger_and_reports() -> None:
    workflow = recipe("github.yml")
    uses = {
        step["uses"].partition("@")[0]: step for step in workflow["jobs"]["gate"]["steps"] if "uses" in step
    }

    assert workflow[True]["schedule"] == [{"cron": "17 5 * * *"}]  # YAML takes `on` for a truth value
    assert uses["actions/cache"]["with"]["path"] == ".evalbench"
    assert uses["actions/upload-artifact"]["if"] == "always()"


def test_a_regression_fails_the_gitlab_job(project: Path) -> None:
    job = recipe("gitlab.yml")["evals"]
    make_worse(project)

    done = shell(project, "\n".join(job["script"]))

    assert done.code == 1, done.err
    assert job["allow_failure"]["exit_codes"] == [3]
    assert list(project.glob(job["artifacts"]["reports"]["junit"]))


def test_a_good_night_sends_no_mail(project: Path) -> None:
    done = shell(project, shlex.quote(str(ROOT / "docs" / "ci" / "nightly.sh")) + ' "$1"', "me")

    assert done.code == 0, done.err
    assert "mail" not in called(project)


def test_a_bad_night_sends_one(project: Path) -> None:
    make_worse(project)

    done = shell(project, shlex.quote(str(ROOT / "docs" / "ci" / "nightly.sh")) + ' "$1"', "me")

    assert done.code == 1
    assert "mail -s evalbench: a task got worse me" in called(project)
    assert "FAIL  tickets" in (project / "gate.log").read_text("utf-8")


def test_the_hook_refuses_a_broken_eval_set(project: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))

    good = shell(project, hook["entry"])
    (project / "evalsets" / "tickets" / "tickets.csv").write_text("id,text,category\n1,a,b\n1,a,b\n", "utf-8")
    bad = shell(project, hook["entry"])

    assert re.search(hook["files"], "evalsets/tickets/tickets.csv")
    assert (good.code, bad.code) == (0, 2)


def test_every_command_of_the_page_is_known() -> None:
    commands = re.findall(r"`?(evalbench [a-z]+(?: accept| check| noise)?[^`\n#]*)", PAGE)

    for command in commands:
        flags = re.findall(r"--[a-z-]+", command)
        words = [word for word in command.split()[1:3] if word.isalpha() and word not in ("latest", "RUN")]
        shown = evalbench(*words, "--help", cwd=ROOT)
        assert shown.code == 0, command
        assert [flag for flag in flags if flag not in shown.out] == [], command
