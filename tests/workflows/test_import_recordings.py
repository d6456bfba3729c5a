from __future__ import annotations

import cProfile
import json
import pstats
from pathlib import Path
from typing import Any

import pytest

from evalbench.assembly.concluded import Concluded
from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.outputs import summary_of
from evalbench.errors import InputError
from evalbench.workflows.import_recordings import ImportOptions, import_recordings


def calls_made(folder: Path, items: int) -> int:
    """How many function calls it takes to import so many items of two models."""
    folder.mkdir()
    recording = folder / "answers.jsonl"
    rows = (
        {"task": "t", "item_id": str(item), "model": model, "output": "a", "score": 1.0, "cost_usd": cost}
        for model, cost in (("s", 0.001), ("l", 0.01))
        for item in range(items)
    )
    recording.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    options = ImportOptions((recording,), {"small": "s", "large": "l"}, trust_scores=True)
    project = ProjectOptions(ledger=folder / "ledger.sqlite", reports=folder / "reports")
    profile = cProfile.Profile()
    profile.runcall(import_recordings, options, project)
    made: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]  # not in the stubs
    return made


def test_the_work_of_an_import_grows_with_its_answers_and_no_faster(tmp_path: Path) -> None:
    calls_made(tmp_path / "first", 10)  # Everything that is imported late is imported here.

    few, many = (calls_made(tmp_path / str(items), items) for items in (400, 1600))

    assert many < 6 * few


def imported_from(folder: Path, *changes: dict[str, Any], tiers: str = "sl") -> Concluded:
    """The run of recorded answers that each differ so from an ordinary one."""
    recording = folder / "answers.jsonl"
    plain = {"task": "t", "item_id": "1", "model": "s", "output": "a", "target": "a", "score": 1.0}
    recording.write_text("".join(f"{json.dumps({**plain, **change})}\n" for change in changes), "utf-8")
    options = ImportOptions((recording,), {f"tier-{model}": model for model in tiers}, trust_scores=True)
    project = ProjectOptions(ledger=folder / "ledger.sqlite", reports=folder / "reports")
    return import_recordings(options, project)[0]


def test_an_item_without_right_answer_and_score_is_unlabelled(tmp_path: Path) -> None:
    bare = {"item_id": "2", "target": None, "score": None}

    concluded = imported_from(tmp_path, {}, {"model": "l"}, bare, {**bare, "model": "l"})

    (task,) = summary_of(concluded)["tasks"]
    assert (task["items"], task["unlabelled"], concluded.run.is_complete) == (2, 1, True)
    assert [tier["score"]["value"] for tier in task["tiers"]] == [1.0, 1.0]


def test_a_missing_answer_needs_no_score(tmp_path: Path) -> None:
    missing = {"item_id": "2", "output": "", "status": "missing", "score": None}

    concluded = imported_from(tmp_path, {}, {"model": "l"}, missing, {"item_id": "2", "model": "l"})

    small, large = summary_of(concluded)["tasks"][0]["tiers"]
    assert (small["answers"]["missing"], large["answers"]["missing"]) == (1, 0)
    assert (small["score"]["value"], concluded.run.is_complete) == (1.0, False)


def test_a_failure_of_the_model_scores_0_whoever_says_so(tmp_path: Path) -> None:
    late = {"item_id": "2", "status": "timeout", "score": None}

    concluded = imported_from(tmp_path, {}, {"model": "l"}, late, {"item_id": "2", "model": "l"})

    small, large = summary_of(concluded)["tasks"][0]["tiers"]
    assert (small["score"]["value"], large["score"]["value"]) == (0.5, 1.0)


@pytest.mark.parametrize("lacking", [{"item_id": "2"}, {"item_id": "2", "target": None}])
def test_an_answer_that_others_were_scored_for_needs_a_score(tmp_path: Path, lacking: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="1 answers of 't' carry no score, the first on line 1"):
        imported_from(tmp_path, {**lacking, "score": None}, {**lacking, "model": "l"}, {}, {"model": "l"})


def test_a_file_without_any_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 answers of 't' carry no score"):
        imported_from(tmp_path, *({"model": model, "target": None, "score": None} for model in "sl"))


def test_answers_that_could_not_be_read_are_counted_as_such(tmp_path: Path) -> None:
    unread = {"item_id": "2", "status": "invalid", "score": 0.0}

    concluded = imported_from(tmp_path, {}, {"model": "l"}, unread, {"item_id": "2", "model": "l"})

    (small, _) = summary_of(concluded)["tasks"][0]["tiers"]
    assert (small["answers"]["invalid"], small["answers"]["ok"], small["score"]["value"]) == (1, 1, 0.5)


def test_a_model_takes_part_only_in_the_tasks_that_it_was_asked(tmp_path: Path) -> None:
    lines = [{"task": task, "model": model} for task in "tu" for model in "sl"]

    concluded = imported_from(tmp_path, *lines, {"task": "u", "model": "x"}, tiers="xsl")

    tiers = {
        task["name"]: [tier["tier"] for tier in task["tiers"]] for task in summary_of(concluded)["tasks"]
    }
    assert tiers == {"t": ["tier-s", "tier-l"], "u": ["tier-x", "tier-s", "tier-l"]}
    assert concluded.run.notes == ("t: has no answers of tier-x (x), which so takes no part in it",)
    assert concluded.run.is_complete


@pytest.mark.parametrize("target", [[1.5, "a"], {"count": 2**70}])
def test_a_target_with_numbers_inside_stays_what_it_is(tmp_path: Path, target: Any) -> None:
    concluded = imported_from(tmp_path, *({"model": model, "target": target} for model in "sl"))

    assert concluded.run.tasks[0].items[0].target == target


def test_half_a_character_in_an_answer_is_replaced_as_in_a_live_one(tmp_path: Path) -> None:
    concluded = imported_from(tmp_path, *({"model": model, "output": "a\ud800"} for model in "sl"))

    assert list(concluded.run.tasks[0].outputs()) == ["a?", "a?"]


def test_a_shipped_eval_set_is_found_by_its_name(tmp_path: Path) -> None:
    recording = tmp_path / "answers.jsonl"
    line = {"task": "spam-filter", "item_id": "none", "model": "m", "output": "spam"}
    recording.write_text(f"{json.dumps(line)}\n", "utf-8")
    options = ImportOptions((recording,), {"only": "m"}, evalset=Path("spam-filter"))
    project = ProjectOptions(ledger=tmp_path / "ledger.sqlite", reports=tmp_path / "reports")

    concluded, _ = import_recordings(options, project)

    assert concluded.run.notes == ("spam-filter: 1 recorded items are not in the eval set",)
    assert len(concluded.run.tasks[0].items) == 400
