from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.core.looks import LookPlan, Spending
from evalbench.reports.looks import look_fact, looks_words
from tests.reports.build_findings import inconclusive_finding, recommended_finding, second_look


@pytest.mark.parametrize(
    ("plan", "fact", "words"),
    [
        (None, "second", "second look, each of which used all of alpha (0.05)"),
        (LookPlan(3), "second of 3 planned", "second look, tested at 0.015 of 0.05 (3 looks planned)"),
        (
            LookPlan(items=1000, spending=Spending.OBF),
            "second, up to 1,000 items planned",
            "second look, tested at 0.015 of 0.05 (bounds of the obf kind, up to 1,000 items)",
        ),
    ],
)
def test_a_look_is_told_among_the_facts_and_in_the_method(
    plan: LookPlan | None, fact: str, words: str
) -> None:
    taken = replace(second_look(), plan=plan)

    assert look_fact(taken) == fact
    assert looks_words(replace(recommended_finding(), look=taken)) == words


def test_nothing_is_told_of_looks_that_nobody_counted() -> None:
    assert looks_words(inconclusive_finding()) == ""
