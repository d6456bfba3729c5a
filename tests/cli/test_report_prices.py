from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import evalbench, write_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(tmp_path_factory.mktemp("project"))
    source = (folder / "models.py").read_text("utf-8")
    tokens = '"input_tokens": 100, "output_tokens": share'
    (folder / "models.py").write_text(source.replace('"cost_usd": share / 1000', tokens), "utf-8")
    settings = (folder / "evalbench.yaml").read_text("utf-8")
    for tier in ("small", "medium", "large"):
        model = f"python/models.py:{tier}"
        settings = settings.replace(model, f"{{model: '{model}', price: {{input: 1.0, output: 10.0}}}}")
    (folder / "evalbench.yaml").write_text(settings, "utf-8")
    for day, output in (("2026-11-01", 20.0), ("2026-12-01", 0.5)):
        (folder / f"{day}.yaml").write_text(
            f"as_of: {day}\nprices:\n  'models.py:medium': {{input: 1.0, output: {output}}}\n", "utf-8"
        )
    done = evalbench("run", "--quiet", cwd=folder)
    assert done.code == 0, done.err
    return folder


def test_the_same_answers_are_shown_at_other_prices(project: Path) -> None:
    before = evalbench("report", "--json", cwd=project).json["tasks"][0]
    after = evalbench("report", "--json", "--prices", "2026-12-01.yaml", cwd=project).json["tasks"][0]

    assert before["tiers"][1]["cost_usd"]["per_item"] == pytest.approx(0.00107)
    assert after["tiers"][1]["cost_usd"]["per_item"] == pytest.approx(0.0001485)
    assert after["tiers"][1]["prices"]["as_of"] == "2026-12-01"
    assert after["tiers"][1]["score"] == before["tiers"][1]["score"]
    assert after["recommendation"]["saving_share"] > before["recommendation"]["saving_share"]


def test_the_newest_prices_of_a_folder_before_a_day_are_taken(project: Path) -> None:
    (project / "prices").mkdir(exist_ok=True)
    for path in project.glob("2026-*.yaml"):
        (project / "prices" / path.name).write_bytes(path.read_bytes())

    done = evalbench("report", "--prices", "prices", "--as-of", "2026-11-15", cwd=project)

    assert done.out.startswith("shown at the prices of 2026-11-01.yaml, as of 2026-11-01; large, small at")
    assert "CANNOT TELL YET" in done.out or "keep it" in done.out


def test_a_day_without_price_files_is_refused_with_what_to_write(project: Path) -> None:
    done = evalbench("report", "--as-of", "2026-11-15", cwd=project)

    assert done.code == 2
    assert "--prices FILE" in done.err


def test_the_reports_of_the_run_stay_as_they_were(project: Path) -> None:
    (summary,) = project.glob("reports/*/summary.json")
    before = summary.read_bytes()

    evalbench("report", "--prices", "2026-12-01.yaml", "-o", "at.html", cwd=project)

    assert summary.read_bytes() == before
    assert "shown at the prices of 2026-12-01.yaml" in (project / "at.html").read_text("utf-8")


def test_a_plan_is_printed_as_json_before_anything_is_spent(project: Path) -> None:
    found = evalbench("run", "--dry-run", "--refresh", "--json", "--quiet", cwd=project).json

    small = found["tiers"][0]
    assert (small["calls"], small["output_tokens"], small["basis"]) == (
        200,
        12_000,
        "as in 200 stored answers",
    )
    assert small["expected_usd"] == pytest.approx(200 * 0.0007)
    assert (small["worst_usd"], small["gap"]) == (None, "output limit")


def test_a_cap_is_refused_where_answers_have_no_end(project: Path) -> None:
    done = evalbench("run", "--refresh", "--max-spend", "1", "--quiet", cwd=project)

    assert done.code == 2
    assert "fix: give tier small `params: {max_tokens: 512}`" in done.err
