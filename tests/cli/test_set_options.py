"""What the command line says of an eval set, said alike to every command that reads one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.shell import evalbench

ROWS = "key,thread,words,answer\n" + "".join(
    f"k{number},t{number // 2},the crash #{number},{('bug', 'billing')[number % 2]}\n" for number in range(6)
)
MODEL = "python/models.py:small"
COLUMNS = ("--input", "words", "--target", "answer", "--id", "key", "--group", "thread")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(ROWS, "utf-8")
    (tmp_path / "models.py").write_text("def small(prompt):\n    return 'bug'\n", "utf-8")
    return tmp_path


def flags(*command: str) -> set[str]:
    return set(re.findall(r"--[a-z-]+", evalbench(*command, "--help", cwd=Path()).out))


@pytest.mark.parametrize("command", [("run",), ("try",), ("evalsets", "check"), ("evalsets", "show")])
def test_every_way_to_read_a_set_is_known_to_whoever_reads_one(command: tuple[str, ...]) -> None:
    about_sets = {"--input", "--target", "--prompt", "--train", "--id", "--group", "--grader", "--task"}

    assert about_sets - flags(*command) == set()


def test_an_item_can_be_tried_by_the_id_of_a_named_column(folder: Path) -> None:
    arguments = ("try", "t.csv", *COLUMNS, "--item", "k3", "--dry-run", "--json", "--models", MODEL)
    done = evalbench(*arguments, cwd=folder)

    assert done.code == 0, done.err
    assert {each["item_id"] for each in done.json} == {"k3"}


def test_warnings_stop_a_try_that_is_strict(folder: Path) -> None:
    rows = (folder / "t.csv").read_text("utf-8") + "k9,t9,the crash #1,billing\n"
    (folder / "t.csv").write_text(rows, "utf-8")
    arguments = ("try", "t.csv", *COLUMNS, "--dry-run", "--models", MODEL)

    lax, strict = (evalbench(*arguments, *more, cwd=folder) for more in ((), ("--strict",)))

    assert (lax.code, strict.code) == (0, 2)
    assert "1 of 7 items repeat the input of an earlier one" in strict.err


def test_a_bare_file_is_checked_with_the_columns_that_are_named(folder: Path) -> None:
    named = evalbench("evalsets", "check", "t.csv", *COLUMNS, cwd=folder)
    wrong = evalbench("evalsets", "check", "t.csv", "--input", "wordz", cwd=folder)

    assert named.code == 0, named.out
    assert "6 items" in named.out
    assert wrong.code == 2
    assert "wordz" in wrong.out


def test_a_bare_file_is_shown_with_the_columns_that_are_named(folder: Path) -> None:
    done = evalbench("evalsets", "show", "t.csv", *COLUMNS, "--json", cwd=folder)

    assert done.code == 0, done.err
    assert done.json["balance"] == {"bug": 3, "billing": 3}


@pytest.mark.parametrize("command", [("evalsets", "check"), ("run", "--dry-run", "--models", MODEL)])
def test_columns_without_a_set_they_are_about_are_refused(folder: Path, command: tuple[str, ...]) -> None:
    done = evalbench(*command, "--input", "words", cwd=folder)

    assert done.code == 2
    assert "names no eval set" in done.err
    assert "  fix: make an eval set" in done.err
