from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import PROJECT, Done, evalbench, write_project


def with_file(folder: Path, text: str) -> Path:
    write_project(folder, 20)
    (folder / "evalbench.yaml").write_text(text, "utf-8")
    return folder


def add_set(folder: Path, name: str) -> None:
    made = folder / "evalsets" / name
    made.mkdir()
    (made / "items.csv").write_text("id,text,category\n1,the crash #1 came,bug\n", "utf-8")
    (made / "evalset.yaml").write_text(
        "items: items.csv\ncolumns: {input: text, target: category}\nprompt: '{{ text }}'\n", "utf-8"
    )


@pytest.mark.parametrize("command", [("run",), ("run", "--dry-run"), ("doctor",)])
def test_a_deployed_task_that_nothing_is_called_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = with_file(tmp_path, f"{PROJECT}deployed:\n  tikets: small\n")

    done = evalbench(*command, cwd=folder)

    assert done.code == 2
    assert "evalbench.yaml:6: 'deployed' names the task 'tikets'" in done.out + done.err
    assert "did you mean 'tickets'?" in done.out + done.err


def test_a_gate_refuses_a_deployed_task_that_nothing_is_called(tmp_path: Path) -> None:
    folder = with_file(tmp_path, PROJECT)
    evalbench("run", "--quiet", cwd=folder)
    evalbench("gate", "accept", "latest", "--baseline", "base.json", cwd=folder)
    (folder / "evalbench.yaml").write_text(f"{PROJECT}deployed: {{tikets: small}}\n", "utf-8")

    accepted = evalbench("gate", "accept", "latest", "--baseline", "other.json", cwd=folder)
    checked = evalbench("gate", "check", "latest", "--baseline", "base.json", cwd=folder)

    assert (accepted.code, checked.code) == (2, 2)
    assert "'tikets'" in accepted.err
    assert "'tikets'" in checked.err


@pytest.mark.parametrize("baseline", [(), ("--baseline", "b.json")])
def test_the_noise_of_a_gate_is_not_told_of_another_tier_in_silence(
    tmp_path: Path, baseline: tuple[str, ...]
) -> None:
    folder = with_file(tmp_path, PROJECT)
    assert evalbench("run", "--quiet", cwd=folder).code == 0
    assert evalbench("gate", "accept", "latest", "--baseline", "b.json", cwd=folder).code == 0
    (folder / "evalbench.yaml").write_text(f"{PROJECT}deployed: {{tikets: small}}\n", "utf-8")

    done = evalbench("gate", "noise", *baseline, cwd=folder)

    assert (done.code, done.out) == (2, "")
    assert "evalbench.yaml:5: 'deployed' names the task 'tikets'" in done.err
    assert "fix: did you mean 'tickets'?" in done.err


def test_a_run_of_some_eval_sets_may_leave_deployed_tasks_out(tmp_path: Path) -> None:
    folder = with_file(tmp_path, f"{PROJECT}deployed: {{tickets: small, other: large}}\n")
    add_set(folder, "other")

    done = evalbench("run", "--dry-run", "evalsets/tickets", cwd=folder)

    assert done.code == 0, done.err


def refusal(folder: Path, model: str, *command: str) -> Done:
    with_file(folder, f"tiers:\n  large: python/models.py:large\n  small: {model}\n")
    return evalbench(*command, cwd=folder)


@pytest.mark.parametrize("command", [("run",), ("run", "--dry-run"), ("doctor",)])
@pytest.mark.parametrize("model", ["nosuch/foo", "opnai/gpt-5-nano"])
def test_a_provider_that_nobody_knows_is_refused_before_a_call(
    tmp_path: Path, model: str, command: tuple[str, ...]
) -> None:
    done = refusal(tmp_path, model, *command)

    assert done.code == 2
    assert f"there is no provider named {model.partition('/')[0]!r}" in done.out + done.err
    assert not (tmp_path / ".evalbench").exists()


@pytest.mark.parametrize("model", ["local/smal", "recorded/foo.jsonl#m", "python/foo.py:bar", "nosuch/foo"])
def test_a_tier_that_cannot_be_asked_is_told_with_its_line(tmp_path: Path, model: str) -> None:
    done = refusal(tmp_path, model, "run", "--dry-run")

    assert done.code == 2
    assert "error: evalbench.yaml:3: tier small: " in done.err
