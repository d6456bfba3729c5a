from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.errors import EvalSetError
from evalbench.loaders.find import SETTINGS_NAME, find_evalsets, shipped_folder
from tests.loaders.sets import ROWS, write_jsonl, write_set


def test_a_glob_takes_sets_and_leaves_what_lies_beside_them(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "sets" / "a", "", train=ROWS)
    bare = write_jsonl(tmp_path / "sets" / "b.jsonl", ROWS)
    write_jsonl(tmp_path / "sets" / "train.jsonl", ROWS)
    (tmp_path / "sets" / "notes").mkdir()
    (tmp_path / "sets" / "README.md").write_text("x", encoding="utf-8")

    assert find_evalsets(["sets/*"], tmp_path) == [folder, bare]


def test_a_deep_glob_finds_each_set_once(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "sets" / "deep" / "a", "", train=ROWS)

    assert find_evalsets(["**/*"], tmp_path) == [folder]


def test_an_absolute_glob_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "sets" / "a")

    assert find_evalsets([f"{tmp_path}/sets/*"], Path("elsewhere")) == [folder]


def test_a_name_with_brackets_that_is_there_is_no_glob(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "a[1]")

    assert find_evalsets(["a[1]"], tmp_path) == [folder]


def test_the_starter_sets_are_those_of_the_checkout() -> None:
    folder = shipped_folder()

    assert folder == Path(__file__).parents[2] / "evalsets"
    assert list(folder.glob(f"*/{SETTINGS_NAME}"))


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "tickets.jsonl", ROWS)

    with pytest.raises(EvalSetError) as caught:
        find_evalsets(["tickts.jsonl"], tmp_path)

    assert caught.value.problem == f"there is no file {str(tmp_path / 'tickts.jsonl')!r}"
    assert caught.value.fix == "did you mean 'tickets.jsonl'?"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("evalsets/tickts", "evalsets/tickets"), ("tickts", "tickets"), ("supprt-triage", "support-triage")],
)
def test_a_mistyped_name_of_an_eval_set_gets_the_nearest_one(tmp_path: Path, said: str, meant: str) -> None:
    write_set(tmp_path / "evalsets" / "tickets")

    with pytest.raises(EvalSetError) as caught:
        find_evalsets([said], tmp_path)

    assert caught.value.fix.startswith(f"did you mean {meant!r}? ")


def test_a_name_that_is_like_none_there_says_how_to_make_an_eval_set(tmp_path: Path) -> None:
    write_set(tmp_path / "evalsets" / "tickets")

    with pytest.raises(EvalSetError) as caught:
        find_evalsets(["evalsets/xyz"], tmp_path)

    assert caught.value.fix == "make an eval set with: evalbench evalsets new FILE.csv"
