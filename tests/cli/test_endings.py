"""How commands end: what a shell, a pipe or a full disk sees of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import environment, evalbench, write_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(tmp_path_factory.mktemp("project"), 40)
    assert evalbench("run", "--quiet", cwd=folder).code == 0
    return folder


def unread(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit code and errors of a command whose output nobody reads, as in `evalbench … | head`."""
    command = [sys.executable, "-m", "evalbench", *arguments]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    return process.returncode, errors


@pytest.mark.parametrize(
    "arguments", [("--help",), ("report",), ("report", "--json"), ("runs",), ("show", "latest", "007")]
)
def test_a_reader_who_has_seen_enough_is_no_regression(project: Path, arguments: tuple[str, ...]) -> None:
    code, errors = unread(*arguments, cwd=project)

    assert code == 0, errors
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_no_bug(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "evalbench", "runs"],
            cwd=project,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 3
    assert done.stderr.startswith("error: there is no room left")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("run", "--limt", "5"), "evalbench run --help"),
        (("run", "--seed", "x"), "evalbench run --help"),
        (("rum",), "evalbench --help"),
        (("evalsets", "shwo"), "evalbench evalsets --help"),
        (("show", "latest"), "evalbench show --help"),
    ],
)
def test_an_argument_that_does_not_exist_is_an_error_with_a_fix(
    project: Path, arguments: tuple[str, ...], command: str
) -> None:
    done = evalbench(*arguments, cwd=project)

    assert done.code == 2
    assert done.err.startswith("error: ")
    assert done.err.endswith(f"  fix: {command}\n")


@pytest.mark.parametrize("arguments", [(), ("evalsets",)])
def test_a_group_alone_shows_its_help(project: Path, arguments: tuple[str, ...]) -> None:
    done = evalbench(*arguments, cwd=project)

    assert (done.code, done.err) == (2, "")
    assert done.out.startswith("Usage: evalbench")


@pytest.mark.parametrize("arguments", [(), ("evalsets",), ("runs",)])
def test_no_summary_in_a_help_is_cut_short(project: Path, arguments: tuple[str, ...]) -> None:
    done = evalbench(*arguments, "--help", cwd=project)

    assert "..." not in done.out.split("\n", 1)[1]


@pytest.mark.parametrize("code", ["1", "'no licence'"])
def test_a_grader_that_leaves_the_program_is_neither_a_pass_nor_a_regression(
    tmp_path: Path, code: str
) -> None:
    folder = write_project(tmp_path, 30)
    settings = next(folder.glob("evalsets/*/evalset.yaml"))
    settings.write_text(settings.read_text("utf-8") + "grader: leaves.py:grade\n", "utf-8")
    (settings.parent / "leaves.py").write_text(
        f"import sys\ndef grade(answer, item): sys.exit({code})", "utf-8"
    )

    done = evalbench("run", "--quiet", cwd=folder)

    assert done.code == 2
    assert "raises SystemExit" in done.err


def test_the_runs_are_listed_with_the_options_and_variables_of_a_list(project: Path) -> None:
    ledger = str(project / ".evalbench" / "ledger.sqlite")
    elsewhere = project.parent

    listed = evalbench("runs", "--json", "--ledger", ledger, cwd=elsewhere)
    by_variable = evalbench("runs", cwd=elsewhere, EVALBENCH_LEDGER=ledger)

    assert [run["state"] for run in listed.json] == ["complete"]
    assert "complete" in by_variable.out


MISSING = """\

def unsure(prompt):
    if int(prompt.split("#")[1].split()[0]) % 3 == 0:
        raise ValueError("no idea")
    return large(prompt)
"""


def test_a_run_graded_again_sends_whoever_lacks_answers_to_the_run_that_has_them(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 60)
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8") + MISSING, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers: {small: 'python/models.py:unsure', large: 'python/models.py:large'}\n", "utf-8"
    )
    first = evalbench("run", "--quiet", "--json", cwd=folder)
    source = first.json["run"]["id"]

    again = evalbench("grade", "--grader", "exact", "--json", cwd=folder)
    resumed = evalbench("run", "--resume", "latest", cwd=folder)

    assert first.code == 3
    assert again.json["tasks"][0]["recommendation"]["next"] == [f"evalbench run --resume {source}"]
    assert resumed.code == 2
    assert f"holds the answers of run {source}, graded again" in resumed.err
    assert f"fix: evalbench run --resume {source}" in resumed.err
