from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.shell import Done, evalbench, write_project

ITEMS = 600


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("early"), ITEMS)


@pytest.fixture(scope="module")
def done(project: Path) -> Done:
    return evalbench("run", "--early-stop", cwd=project)


@pytest.fixture(scope="module")
def found(project: Path, done: Done) -> Any:
    assert done.code == 0, done.err
    return evalbench("report", "--json", cwd=project).json


def tiers_of(found: Any) -> dict[str, Any]:
    return {tier["tier"]: tier for tier in found["tasks"][0]["tiers"]}


def test_settled_tiers_are_not_paid_for_and_the_run_is_complete(done: Done, found: Any) -> None:
    tiers = tiers_of(found)

    assert (done.code, found["run"]["complete"], found["run"]["early_stop"]) == (0, True, True)
    assert found["totals"]["calls"] < 3 * ITEMS / 2
    assert found["totals"]["calls"] == sum(tier["trials"] for tier in tiers.values())
    assert 20 <= tiers["small"]["items_asked"] < tiers["medium"]["items_asked"] < ITEMS
    assert all(tier["stopped_early"] for tier in tiers.values())
    assert all(tier["answers"]["missing"] == 0 for tier in tiers.values())


def test_verdicts_and_intervals_are_those_that_hold_at_any_time(found: Any) -> None:
    small, medium = found["tasks"][0]["comparisons"]

    assert [small["verdict"], medium["verdict"]] == ["not_good_enough", "good_enough"]
    assert [small["method"], medium["method"]] == ["confidence sequence"] * 2
    assert -0.05 <= medium["low"] < medium["difference"] < medium["high"]
    assert small["high"] < -0.05
    assert medium["p_adjusted"] <= 0.05


def test_the_verdict_says_who_was_left_and_after_how_many_items(done: Done, found: Any) -> None:
    counts = {name: tier["items_asked"] for name, tier in tiers_of(found).items()}

    assert done.out.startswith("tickets  USE medium")
    assert (
        f"left early, being settled: small after {counts['small']}, medium after {counts['medium']} "
        f"and large after {counts['large']} of {ITEMS} items"
    ) in done.out
    assert "small: settled after" in done.err


def test_the_pages_say_it_too(project: Path, found: Any) -> None:
    folder = project / "reports" / found["run"]["id"]

    page, words = (folder / name for name in ("report.html", "summary.md"))

    small = f"left early, settled: {tiers_of(found)['small']['items_asked']} of {ITEMS} items"
    assert small in page.read_text("utf-8")
    assert "Stopping early." in page.read_text("utf-8")
    assert small in words.read_text("utf-8")
    assert "--early-stop" in words.read_text("utf-8")


def test_the_table_has_a_row_for_each_answer_there_is(project: Path, found: Any) -> None:
    table = pd.read_parquet(project / "reports" / found["run"]["id"] / "results.parquet")

    assert len(table) == found["totals"]["calls"]
    assert set(table["status"]) == {"ok"}


def test_a_report_later_tells_the_same(project: Path, found: Any) -> None:
    again = evalbench("report", found["run"]["id"], "--json", cwd=project).json

    assert again["tasks"] == found["tasks"]


def test_an_item_that_was_not_asked_is_told_from_one_that_is_not_there(project: Path, found: Any) -> None:
    table = pd.read_parquet(project / "reports" / found["run"]["id"] / "results.parquet")
    left_out = next(
        f"{number:03d}" for number in range(ITEMS) if f"{number:03d}" not in set(table["item_id"])
    )

    shown = evalbench("show", found["run"]["id"], left_out, cwd=project)

    assert shown.code == 2
    assert "was not asked: the run was settled before its turn came" in shown.err


def test_the_plan_says_what_may_be_saved_and_promises_nothing(tmp_path: Path) -> None:
    folder = write_project(tmp_path, ITEMS)

    plan = evalbench("run", "--early-stop", "--dry-run", cwd=folder)

    assert plan.code == 0
    assert "tickets: stopping early may save up to 1,740 of 1,800 calls, or none" in plan.out
    assert not (folder / ".evalbench").exists()


def test_doing_it_again_costs_nothing_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    folder = write_project(tmp_path, ITEMS)
    first = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json

    again = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json

    assert again["run"]["answers_new"] == 0
    assert again["run"]["answers_reused"] == first["run"]["answers_new"]
    assert again["tasks"][0]["comparisons"] == first["tasks"][0]["comparisons"]


def test_a_run_of_fixed_size_afterwards_asks_for_the_rest(tmp_path: Path) -> None:
    folder = write_project(tmp_path, ITEMS)
    early = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json

    whole = evalbench("run", "--json", "--quiet", cwd=folder).json

    assert whole["run"]["answers_reused"] == early["run"]["answers_new"]
    assert whole["run"]["answers_new"] == 3 * ITEMS - early["run"]["answers_new"]
    assert [tier["trials"] for tier in whole["tasks"][0]["tiers"]] == [ITEMS] * 3
    assert whole["tasks"][0]["comparisons"][0]["method"] == "one test of all items"


def test_a_comparison_tells_items_not_asked_from_answers_missing(tmp_path: Path) -> None:
    folder = write_project(tmp_path, ITEMS)
    early = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json
    whole = evalbench("run", "--json", "--quiet", cwd=folder).json

    runs = (early["run"]["id"], whole["run"]["id"])
    told, asked = (evalbench("compare", *runs, *more, cwd=folder) for more in ((), ("--json",)))
    small = asked.json["tasks"][0]["tiers"][0]

    left = ITEMS - tiers_of(early)["small"]["items_asked"]
    assert f"{left} items not asked in the older run, which stopped early" in told.out
    assert "missing" not in told.out
    assert small["not_asked"] == {"older": left, "newer": 0}
    assert small["missing"] == {"older": 0, "newer": 0}


def test_stored_answers_of_all_items_are_all_used(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 100)
    evalbench("run", "--quiet", cwd=folder)

    early = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json

    assert (early["run"]["answers_new"], early["run"]["answers_reused"]) == (0, 300)
    assert not any(tier["stopped_early"] for tier in tiers_of(early).values())


def test_few_items_give_no_verdict(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 19)

    early = evalbench("run", "--early-stop", "--json", "--quiet", cwd=folder).json

    assert [found["verdict"] for found in early["tasks"][0]["comparisons"]] == ["unknown"] * 2
    assert [found["reasons"] for found in early["tasks"][0]["comparisons"]] == [["too_few_items"]] * 2


def test_a_metric_of_all_items_together_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 50)
    with (folder / "evalsets" / "tickets" / "evalset.yaml").open("a", encoding="utf-8") as file:
        file.write("metric: macro_f1\n")

    refused = evalbench("run", "--early-stop", cwd=folder)

    assert refused.code == 2
    assert "tickets cannot be stopped early: metric 'macro_f1' has no score for a single item" in refused.err
    assert "fix: run it without --early-stop" in refused.err
    assert not (folder / ".evalbench").exists()


def test_repeats_are_asked_item_by_item(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 200)

    early = evalbench("run", "--early-stop", "--repeats", "3", "--json", "--quiet", cwd=folder)

    tiers = tiers_of(early.json)
    assert early.code == 0
    assert tiers["small"]["stopped_early"]
    assert (
        3 * tiers["small"]["items_asked"] <= tiers["small"]["trials"] <= 3 * tiers["small"]["items_asked"] + 8
    )


def test_an_answer_that_never_comes_is_missing_all_the_same(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 200)
    models = (folder / "models.py").read_text("utf-8")
    broken = 'def small(prompt):\n    if "#1" in prompt:\n        raise RuntimeError("no")\n'
    (folder / "models.py").write_text(models.replace("def small(prompt):\n", broken), "utf-8")
    (folder / "evalbench.yaml").write_text(
        (folder / "evalbench.yaml").read_text("utf-8") + "retries: 0\n", "utf-8"
    )

    early = evalbench("run", "--early-stop", "--quiet", "--json", cwd=folder)

    assert early.code == 3
    assert not early.json["run"]["complete"]
    assert tiers_of(early.json)["small"]["answers"]["missing"] > 0


def test_it_can_be_said_in_the_environment(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 300)

    early = evalbench("run", "--quiet", "--json", cwd=folder, EVALBENCH_EARLY_STOP="1")

    assert json.loads(early.out)["run"]["early_stop"]
