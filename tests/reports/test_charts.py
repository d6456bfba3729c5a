from __future__ import annotations

import dataclasses

import pytest

from evalbench.core.recommendation import Finding
from evalbench.reports.charts import CostChart, cost_charts
from tests.reports.build_findings import Seen, make_estimate, recommended_finding


def _finding(*seen: Seen) -> Finding:
    estimates = tuple(make_estimate(one, 100) for one in seen)
    return dataclasses.replace(recommended_finding(), estimates=estimates)


def _wide(finding: Finding) -> CostChart:
    return next(chart for chart in cost_charts(finding) if chart.size.name == "wide")


def test_cheaper_is_left_and_better_is_up() -> None:
    chart = _wide(_finding(Seen("small", "a", 0.8, 0.00004), Seen("large", "b", 0.9, 0.0075)))

    small, large = chart.marks
    assert small.x < large.x
    assert small.y > large.y


def test_equal_ratios_of_cost_are_equally_far_apart() -> None:
    chart = _wide(_finding(Seen("a", "a", 0.8, 0.001), Seen("b", "b", 0.8, 0.01), Seen("c", "c", 0.8, 0.1)))

    first, second, third = (mark.x for mark in chart.marks)
    assert second - first == pytest.approx(third - second)


def test_an_unknown_cost_stands_in_a_strip_of_its_own() -> None:
    chart = _wide(_finding(Seen("small", "a", 0.8, None), Seen("large", "b", 0.9, 0.0075)))

    (strip,) = chart.strips
    unknown, known = chart.marks
    assert strip.label == "cost unknown"
    assert strip.left < unknown.x < strip.right
    assert known.x < strip.left
    assert unknown.x_whisker is None


def test_a_free_tier_does_not_share_the_strip_of_an_unknown_one() -> None:
    chart = _wide(_finding(Seen("a", "a", 0.8, 0.0), Seen("b", "b", 0.8, None), Seen("c", "c", 0.9, 0.0075)))

    assert [strip.label for strip in chart.strips] == ["no cost", "cost unknown"]
    assert chart.marks[0].x < chart.marks[2].x < chart.marks[1].x


def test_without_any_known_cost_there_is_no_cost_axis() -> None:
    chart = _wide(_finding(Seen("small", "a", 0.8, None), Seen("large", "b", 0.9, None)))

    assert chart.x_ticks == ()
    assert chart.marks[0].x != chart.marks[1].x


def test_every_mark_lies_inside_the_drawing() -> None:
    for chart in cost_charts(recommended_finding()):
        for mark in chart.marks:
            assert chart.left <= mark.x <= chart.right
            assert chart.top <= mark.y <= chart.bottom


def test_the_scale_ends_at_the_best_possible_score() -> None:
    chart = _wide(_finding(Seen("small", "a", 1.0, 0.001), Seen("large", "b", 0.99, 0.01)))

    assert max(float(tick.label) for tick in chart.y_ticks) <= 100


def test_the_tier_in_use_and_the_recommended_one_are_marked() -> None:
    marks = {mark.name: mark for mark in _wide(recommended_finding()).marks}

    assert (marks["small"].is_recommended, marks["small"].note) == (True, "recommended")
    assert (marks["large"].is_current, marks["large"].note) == (True, "in use today")
    assert marks["classical"].is_classical


def test_the_description_names_every_tier_with_its_figures() -> None:
    description = _wide(recommended_finding()).description

    assert "small (recommended): score 91.2 (88.2 to 93.7), $0.04 per 1,000 items." in description


def test_a_task_without_scores_has_no_chart() -> None:
    assert cost_charts(_finding(Seen("small", "a", None, 0.001))) == ()
