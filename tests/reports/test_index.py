from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from evalbench.errors import InputError
from evalbench.reports.index import render_index
from evalbench.reports.summary import summary
from tests.reports.build_findings import hostile_finding, inconclusive_finding, make_run, recommended_finding


def _entry(day: int, score: float = 0.9) -> dict[str, Any]:
    findings = (recommended_finding(), inconclusive_finding(), hostile_finding())
    run = make_run(*findings, run_id=f"202611{day:02d}-100000-a1b2c3")
    manifest = dataclasses.replace(run.manifest, created=f"2026-11-{day:02d}T10:00:00Z")
    entry = summary(dataclasses.replace(run, manifest=manifest), findings)
    entry["tasks"][0]["tiers"][1]["score"]["value"] = score
    return entry


def test_the_newest_run_comes_first_and_links_to_its_report() -> None:
    html = render_index([_entry(3), _entry(9), _entry(5)])

    links = re.findall(r'href="([^"]*)"', html)
    assert links == [f"202611{day}-100000-a1b2c3/report.html" for day in ("09", "05", "03")]


def test_a_trend_is_drawn_from_oldest_to_newest() -> None:
    html = render_index([_entry(3, 0.7), _entry(9, 0.9), _entry(5, 0.8)])

    assert "score of small, oldest to newest: 70.0, 80.0, 90.0" in html


def test_one_run_alone_has_no_trend() -> None:
    assert "<polyline" not in render_index([_entry(3)])


def test_the_score_of_a_task_carries_its_interval() -> None:
    assert '90.0<span class="under">88.2 to 93.7</span>' in render_index([_entry(3)])


def test_a_classical_model_is_marked_in_the_list() -> None:
    entry = _entry(3)
    entry["tasks"][0]["tiers"][1]["classical"] = True

    assert render_index([entry]).count("small (classical)") == 2


def test_hostile_names_stay_text() -> None:
    html = render_index([_entry(3)])

    assert html.count("<script>") == 1
    assert "{{ 7*7 }}" in html


def test_a_run_id_cannot_lead_out_of_the_folder() -> None:
    entry = _entry(3)
    entry["run"]["id"] = "../../etc"

    assert 'href="..%2F..%2Fetc/report.html"' in render_index([entry])


def test_an_unknown_total_is_called_unknown() -> None:
    assert ">unknown</td>" in render_index([_entry(3)])


def test_no_run_at_all_says_how_to_make_one() -> None:
    assert "evalbench run" in render_index([])


def test_a_summary_of_another_version_is_refused() -> None:
    with pytest.raises(InputError, match=r"evalbench\.summary/9"):
        render_index([_entry(3) | {"schema": "evalbench.summary/9"}])


def test_hundreds_of_runs_do_not_make_an_endless_page() -> None:
    entries = [_entry(3)] * 250

    assert "50 older runs are not listed" in render_index(entries)
