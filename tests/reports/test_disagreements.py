from __future__ import annotations

import dataclasses

from evalbench.core.completion import Completion, Status
from evalbench.core.recommendation import Finding, Outcome
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.reports.disagreements import disagreements, focus
from tests.build import make_item
from tests.reports.build_findings import inconclusive_finding, recommended_finding


def _graded(item_id: str, tier: str, value: float, repeat: int = 0) -> Trial:
    return Trial(item_id, tier, repeat, completion=Completion("text"), score=Score(value))


def _finding(*trials: Trial) -> Finding:
    finding = recommended_finding()
    ids = dict.fromkeys(trial.item_id for trial in trials)
    run = dataclasses.replace(finding.run, items=tuple(map(make_item, ids)), trials=trials)
    return dataclasses.replace(finding, run=run)


def test_the_largest_losses_come_first() -> None:
    found = disagreements(
        _finding(
            *(_graded("a", "small", 0.5), _graded("a", "large", 1.0)),
            *(_graded("b", "small", 0.0), _graded("b", "large", 1.0)),
            *(_graded("c", "small", 1.0), _graded("c", "large", 0.0)),
        ),
        with_texts=True,
    )

    assert found is not None
    assert [case.item_id for case in found.lost] == ["b", "a"]
    assert [case.item_id for case in found.won] == ["c"]


def test_repeats_count_by_their_mean() -> None:
    found = disagreements(
        _finding(
            *(_graded("a", "small", 1.0), _graded("a", "small", 0.0, 1)),
            *(_graded("a", "large", 1.0), _graded("a", "large", 1.0, 1)),
        ),
        with_texts=True,
    )

    assert found is not None
    assert found.lost[0].difference == "\u221250.0"


def test_a_missing_answer_is_no_disagreement() -> None:
    found = disagreements(_finding(_graded("a", "large", 1.0), Trial("a", "small")), with_texts=True)

    assert found is not None
    assert (found.lost_count, found.won_count) == (0, 0)


def test_an_ungraded_failure_of_the_model_scores_nothing() -> None:
    late = Trial("a", "small", completion=Completion("", Status.TIMEOUT))

    found = disagreements(_finding(_graded("a", "large", 1.0), late), with_texts=True)

    assert found is not None
    assert found.lost_count == 1
    assert found.lost[0].replies[0].status == "too late"


def test_at_most_ten_items_are_shown_a_side() -> None:
    trials = [
        _graded(f"i{number}", tier, float(tier == "large"))
        for number in range(25)
        for tier in ("small", "large")
    ]

    found = disagreements(_finding(*trials), with_texts=True)

    assert found is not None
    assert (len(found.lost), found.lost_count) == (10, 25)


def test_an_open_question_shows_the_cheapest_tier_compared() -> None:
    assert focus(inconclusive_finding()) == "small"


def test_nothing_compared_is_nothing_to_show() -> None:
    finding = recommended_finding()
    kept = dataclasses.replace(finding.recommendation, outcome=Outcome.RECOMMENDED, tier="large")

    alone = dataclasses.replace(finding, comparisons=(), recommendation=kept)

    assert disagreements(alone, with_texts=True) is None
