from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import evalbench, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path, 200)


def say(project: Path, line: str) -> None:
    with (project / "evalsets" / "tickets" / "evalset.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def look(project: Path, *arguments: str) -> dict[str, object]:
    (task,) = evalbench("run", "--json", "--quiet", *arguments, cwd=project).json["tasks"]
    found: dict[str, object] = task["looks"]
    return found


def test_a_run_with_new_evidence_is_another_look_and_one_without_is_none(
    project: Path,
) -> None:
    pilot, again = (look(project, "--limit", "50")["count"] for _ in range(2))
    all_items, anew = look(project)["count"], look(project, "--refresh")["count"]
    fewer_tiers = look(project, "--tiers", "small,large")["count"]

    assert (pilot, again, all_items, anew, fewer_tiers) == (1, 1, 2, 3, 1)


def test_a_pilot_tells_the_next_plan_how_often_tiers_differ(project: Path) -> None:
    before = evalbench("run", "--dry-run", cwd=project).out
    evalbench("run", "--limit", "50", "--quiet", cwd=project)

    after = evalbench("run", "--dry-run", cwd=project).out

    assert "a pilot of 50 items (--limit 50) would tell how often they do" in before
    assert "items wanted to show a cheaper tier good enough" in before
    assert "(from your run of 50 items on 20" in after
    assert "this would be the second look at this question (before: 50 items on 20" in after


def test_a_dry_run_has_the_items_wanted_as_numbers(project: Path) -> None:
    rows = evalbench("run", "--dry-run", "--json", cwd=project).json["items_wanted"]

    assert {row["true_drop"] for row in rows} == {0.0, 0.0125, 0.025}
    assert all(row["items"] < row["most_items"] for row in rows)


def test_looks_planned_are_used_up_and_say_so_before_another_is_paid_for(project: Path) -> None:
    say(project, "looks: 2")
    first, second = look(project, "--limit", "60"), look(project, "--limit", "120")

    third = evalbench("run", cwd=project)

    assert [first["alpha_used"], second["alpha_used"]] == pytest.approx([0.05 * 2 / 3, 0.05 / 3])
    assert "the looks planned are used up, so it can prove nothing: draw new items" in third.err
    assert "CANNOT TELL YET" in third.out
    assert third.code == 0


def test_a_drop_allowed_that_was_changed_after_results_is_written_into_the_report(project: Path) -> None:
    evalbench("run", "--quiet", cwd=project)

    changed = evalbench("run", "evalsets/tickets", "--quiet", "--max-drop", "0.1", cwd=project)

    assert "the largest drop allowed was changed after results were seen: 5 points in run 20" in changed.out


def test_grading_again_by_the_same_grader_is_no_look_and_by_another_is_one(project: Path) -> None:
    evalbench("run", "--quiet", cwd=project)

    same = evalbench("grade", "--json", cwd=project).json["tasks"][0]["looks"]
    other = evalbench("grade", "--grader", "exact", "--json", cwd=project).json["tasks"][0]["looks"]

    assert (same["count"], other["count"]) == (1, 2)


def test_a_stated_value_shows_what_each_tier_gains(project: Path) -> None:
    say(project, "value_usd: 2.5")

    done = evalbench("run", "--quiet", cwd=project)

    assert "at $2.50 a right answer and 100,000 requests a month, small (models.py:small) loses" in done.out
    assert "knowing for certain which tier pays most would be worth at most $" in done.out
