from __future__ import annotations

from pathlib import Path

from evalbench.config.evalset_file import read_evalset_file
from evalbench.loaders.check import CheckResult, check_paths
from tests.loaders.sets import ROWS, write_set


def check(path: Path) -> CheckResult:
    (result,) = check_paths([path], read_settings=read_evalset_file)
    return result


def test_a_sound_set_is_described(tmp_path: Path) -> None:
    train = [{"id": "r1", "text": "something else entirely", "label": "bug"}]

    result = check(write_set(tmp_path / "s", "", [*ROWS, {"id": "t5", "text": "what"}], train))

    assert (result.name, result.kind, result.items, result.train, result.unlabelled) == (
        "s",
        "classification",
        5,
        1,
        1,
    )
    assert (result.problems, result.warnings) == ((), ())
    assert "1 of 5 items have no target" in result.notes[0]
    assert result.is_usable(strict=True)


def test_a_broken_set_is_a_result_with_every_problem(tmp_path: Path) -> None:
    rows = [{"id": str(number), "text": f"text {number}", "label": "x"} for number in range(60)]

    result = check(write_set(tmp_path / "s", "labels: [a]\n", rows))

    assert len(result.problems) == 60
    assert result.fix is not None
    assert not result.is_usable()


def test_warnings_stop_only_a_strict_check(tmp_path: Path) -> None:
    result = check(write_set(tmp_path / "s", "", [*ROWS, {**ROWS[0], "id": "t5"}]))

    assert len(result.warnings) == 1
    assert result.is_usable()
    assert not result.is_usable(strict=True)


def test_one_set_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    good = write_set(tmp_path / "good")

    results = check_paths([tmp_path / "missing.csv", good], read_settings=read_evalset_file)

    assert [result.name for result in results] == [None, "good"]


def test_lines_that_no_single_edit_mends_have_a_fix_too(tmp_path: Path) -> None:
    broken = tmp_path / "t.jsonl"
    broken.write_text('{"text": "a", "label": "x"}\n{"text": \n{"text": "b" "label": "y"}\n', "utf-8")

    result = check(broken)

    assert len(result.problems) == 2
    assert result.fix == "mend these lines; nothing is dropped in silence."
