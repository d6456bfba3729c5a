from __future__ import annotations

import dataclasses
import math

import pytest

from evalbench.core.comparison import Verdict
from evalbench.core.recommendation import Finding
from evalbench.reports.worth_chart import worth_chart
from tests.reports.build_findings import CURVE, inconclusive_finding, make_comparison, recommended_finding


def with_curves(*curves: tuple[tuple[float, float], ...]) -> Finding:
    compared = tuple(
        dataclasses.replace(make_comparison(tier, Verdict.UNKNOWN, 0.0), acceptability=curve)
        for tier, curve in zip(("classical", "small", "medium"), curves, strict=False)
    )
    return dataclasses.replace(recommended_finding(), comparisons=compared)


def test_without_costs_there_is_nothing_to_draw() -> None:
    assert worth_chart(inconclusive_finding()) is None


def test_a_curve_with_a_gap_is_not_drawn() -> None:
    chart = worth_chart(with_curves(((0.1, math.nan), (1.0, 0.5)), CURVE))

    assert chart is not None
    assert [line.name for line in chart.lines] == ["small"]


def test_surer_is_higher_and_dearer_answers_are_to_the_right() -> None:
    chart = worth_chart(with_curves(((0.1, 1.0), (1.0, 0.5), (10.0, 0.0))))

    assert chart is not None
    assert chart.lines[0].points == "50.0,14.0 225.0,103.0 400.0,192.0"
    assert [tick.label for tick in chart.x_ticks] == ["$0.10", "$1.00", "$10.00"]


def test_names_of_lines_that_end_together_are_kept_apart() -> None:
    chart = worth_chart(with_curves(*(((0.1, 1.0), (10.0, 0.0)),) * 3))

    assert chart is not None
    heights = sorted(line.name_y for line in chart.lines)
    assert [later - earlier for earlier, later in zip(heights, heights[1:], strict=False)] == [15.0, 15.0]
    assert heights[-1] <= chart.bottom


def test_long_prices_leave_each_other_room() -> None:
    tiny = tuple((10.0**power, 0.5) for power in range(-9, -4))

    chart = worth_chart(with_curves(tiny))

    assert chart is not None
    assert len(chart.x_ticks) == 3


def test_the_value_that_the_task_states_is_marked_where_the_chart_reaches_so_far() -> None:
    finding = with_curves(((0.1, 1.0), (10.0, 0.0)))
    places = {}
    for value_usd in (1.0, 50.0, None):
        task = dataclasses.replace(finding.run.task, value_usd=value_usd)
        chart = worth_chart(dataclasses.replace(finding, run=dataclasses.replace(finding.run, task=task)))
        assert chart is not None
        places[value_usd] = chart.stated

    assert places[1.0] is not None
    assert places[1.0].label == "$1.00"
    assert places[1.0].position == pytest.approx(225.0)
    assert places[50.0] is places[None] is None
