"""What a newcomer is told when a command is nearly right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import evalbench, write_project

GRADER = "def grade(answer, item):\n    return float(item['target'] == answer)\n"


def test_help_for_a_tier_that_does_not_exist_is_told_before_anything_is_asked(here: Path) -> None:
    folder = write_project(here, 20)
    with (folder / "evalsets" / "tickets" / "evalset.yaml").open("a", encoding="utf-8") as file:
        file.write("per_tier: {smal: {prompt: 'Short: {{ text }}'}}\n")

    ran = evalbench("run", "--dry-run", "--tiers", "medium,large", cwd=folder)
    tried = evalbench("try", "evalsets/tickets", "--dry-run", cwd=folder)

    told = "tickets: warning: `per_tier` names 'smal', which is no tier; did you mean 'small'?"
    assert told in ran.err
    assert told in tried.err


def test_a_grader_beside_where_one_stands_judges_a_run_and_judges_it_again(here: Path) -> None:
    folder = write_project(here, 20)
    (folder / "my_graders.py").write_text(GRADER, "utf-8")

    ran = evalbench("run", "evalsets/tickets", "--grader", "my_graders.py:grade", "--json", cwd=folder)
    graded = evalbench("grade", "--grader", "my_graders.py:grade", "--json", cwd=folder)

    assert (ran.code, graded.code) == (0, 0), (ran.err, graded.err)
    assert ran.json["tasks"][0]["tiers"] == graded.json["tasks"][0]["tiers"]


def test_an_item_that_is_not_there_is_answered_with_a_few_that_are(here: Path) -> None:
    folder = write_project(here, 300)

    done = evalbench("try", "evalsets/tickets", "--item", "nowhere", cwd=folder)

    assert done.code == 2
    assert "and 276 more" in done.err


@pytest.mark.parametrize("strict", [(), ("--strict",)])
def test_a_checked_bare_file_is_json_and_strict_says_what_it_counts(
    here: Path, strict: tuple[str, ...]
) -> None:
    (here / "t.csv").write_text("text,label\nsame thing,a\nsame thing,b\nother,a\nfourth,b\n", "utf-8")

    done = evalbench("evalsets", "check", "t.csv", "--json", *strict, cwd=here)

    assert done.json[0]["path"] == "t.csv"
    assert (done.code == 2) == bool(strict)
    assert ("--strict counts warnings as problems" in done.err) == bool(strict)


@pytest.mark.parametrize("also", [("--format", "csv"), ("-o", "r.csv"), ("-o", "-", "--format", "md")])
def test_two_formats_for_one_report_are_refused(here: Path, also: tuple[str, ...]) -> None:
    done = evalbench("report", "--json", *also, cwd=here)

    assert (done.code, done.out) == (2, "")
    assert "are two formats for one report" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--max-drop", "5%"),
            "--max-drop '5%' is no number (how much worse is still good enough, e.g. 0.05)",
        ),
        (
            ("--limit", "few"),
            "--limit 'few' is no whole number (measure on a seeded draw of this many items)",
        ),
        (("--limit", "0"), "--limit '0' is refused: input should be greater than or equal to 1 (measure"),
        (("--models",), "option '--models' requires an argument\n"),
    ],
)
def test_a_value_that_an_option_does_not_take_is_named_with_what_the_option_is_for(
    here: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = evalbench("run", *arguments, cwd=here)

    assert done.code == 2
    assert done.err.startswith(f"error: {told}")
    assert done.err.endswith("  fix: evalbench run --help\n")


def test_a_missing_option_is_told_with_what_it_is_for(here: Path) -> None:
    done = evalbench("gate", "accept", "latest", cwd=here)

    assert "missing option '--baseline' (the accepted scores, a file to commit)" in done.err
    assert done.err.endswith("  fix: evalbench gate accept --help\n")


def test_a_dry_run_tells_its_plan_once(here: Path) -> None:
    done = evalbench("run", "--dry-run", cwd=write_project(here, 20))

    assert (done.out + done.err).count("tickets small: 20 calls") == 1
    assert "tickets small: 20 calls" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "lastest"),
        ("run", "--resume", "lates"),
        ("show", "latst", "3"),
        ("compare", "LATEST", "latest"),
        ("export", "last"),
    ],
)
def test_a_mistyped_latest_is_answered_with_the_word(here: Path, arguments: tuple[str, ...]) -> None:
    folder = write_project(here, 20)
    assert evalbench("run", "--quiet", cwd=folder).code == 0

    done = evalbench(*arguments, cwd=folder)

    assert done.code == 2
    assert "  fix: did you mean latest? `evalbench runs` lists them." in done.err


def test_try_without_an_eval_set_names_those_of_the_project(here: Path) -> None:
    folder = write_project(here, 20)
    (folder / "evalsets" / "bugs.jsonl").write_text('{"input": "a", "target": "b"}\n', "utf-8")

    done = evalbench("try", cwd=folder)

    assert (done.code, done.out) == (2, "")
    assert done.err == "error: no eval set is named\n  fix: evalbench try bugs; or tickets\n"


def test_try_in_an_empty_folder_says_how_to_make_an_eval_set(here: Path) -> None:
    done = evalbench("try", cwd=here)

    assert done.code == 2
    assert "the project has none\n  fix: make an eval set with: evalbench evalsets new" in done.err
