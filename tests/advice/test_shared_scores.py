"""Where two tiers stand in one sentence, both scores are of the items that both answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from evalbench.advice.decide import decide
from evalbench.advice.recommend import find
from evalbench.core.evalset import TaskKind
from evalbench.core.models import Model, ModelPool
from evalbench.core.recommendation import Finding
from evalbench.core.run import TaskRun
from evalbench.stats.metrics import micro_f1
from tests.advice.runs import comparison
from tests.assembly.watched import watched
from tests.build import make_task, make_task_run

COSTS_USD = {"small": 0.0001, "large": 0.01}


def answered(
    small: Sequence[float], large: Sequence[float], lacks: dict[str, range], kind: TaskKind = TaskKind.QA
) -> TaskRun:
    """A run in which each tier has no answer to the items, by place, that it lacks."""
    run = make_task_run({"small": small, "large": large}, COSTS_USD, make_task(kind=kind))
    gone = {(tier, f"i{place:04d}") for tier, places in lacks.items() for place in places}
    trials = tuple(trial for trial in run.trials if (trial.tier, trial.item_id) not in gone)
    return replace(named(run), trials=trials)


def named(run: TaskRun) -> TaskRun:
    """The run with models that are called what their tiers are."""
    tiers = run.models.tiers
    return replace(run, models=ModelPool({tier: Model(tier) for tier in tiers}, run.models.current))


def measured(found: Finding) -> str:
    return found.recommendation.evidence[0]


def test_items_that_one_tier_lacks_count_for_neither_score() -> None:
    run = answered([1.0] * 50 + [0.2] * 50, [1.0] * 100, {"large": range(50, 100)})

    found = find(run)

    assert comparison(found, "small").scores == (1.0, 1.0)
    assert "scores 100 of 100 on average over 50 items, large 100;" in measured(found)


def test_both_shares_are_of_the_number_of_items_said() -> None:
    small = [0.0] * 8 + [1.0] * 380 + [0.0] * 12
    large = [0.0] * 8 + [1.0] * 392

    found = find(answered(small, large, {"large": range(388, 400)}))

    assert measured(found).startswith("right on 97.9 % of 388 items, large on 97.9 %; at worst")
    assert "right on 97.9 % of 388 items, large on 97.9 %" in found.recommendation.sentence


def test_what_the_cheaper_tier_lacks_is_left_out_of_the_other_score_too() -> None:
    found = find(answered([1.0] * 100, [1.0] * 60 + [0.0] * 40, {"small": range(60, 100)}))

    assert "right on 100 % of 60 items, large on 100 %" in measured(found)


def test_the_table_keeps_what_each_tier_scored_on_its_own_items() -> None:
    found = find(answered([1.0] * 50 + [0.0] * 50, [1.0] * 100, {"large": range(50, 100)}))

    assert [(each.score and each.score.value, each.scored_items) for each in found.estimates] == [
        (0.5, 100),
        (1.0, 50),
    ]


def test_tiers_that_share_no_item_are_not_set_beside_each_other() -> None:
    found = find(
        answered([1.0] * 25 + [0.0] * 75, [1.0] * 100, {"small": range(40, 100), "large": range(40)})
    )

    assert comparison(found, "small").scores is None
    assert measured(found) == "small: right on 62.5 % of 40 items, none of them shared with large"


def test_the_tier_that_is_kept_is_said_with_the_number_of_its_own_items() -> None:
    run = named(make_task_run({"large": [1.0] * 40}, COSTS_USD))
    run = replace(run, trials=run.trials[:30])

    assert measured(find(run)) == "large: right on 100 % of 30 items"


def test_a_tier_that_was_left_early_is_compared_on_what_it_was_asked() -> None:
    early = watched(400, ("small", "medium", "large"))
    right = [float(number % 10 > 0) for number in range(400)]
    early.tell_all({"small": [0.0] * 400, "medium": right, "large": [1.0] * 400})

    found = find(named(early.run))

    small = comparison(found, "small")
    assert small.items < max(each.scored_items for each in found.estimates)
    assert small.scores == (0.0, 1.0)
    assert any(
        line.startswith(f"small: right on 0 % of {small.items} items, large on 100 %;")
        for line in found.recommendation.evidence
    )


def test_a_score_of_summed_counts_is_summed_over_the_shared_items() -> None:
    small = np.array([[1.0, 0.0, 0.0]] * 40 + [[0.0, 1.0, 1.0]] * 20)
    large = np.array([[1.0, 0.0, 0.0]] * 30 + [[0.0, 0.0, 1.0]] * 10 + [[np.nan] * 3] * 20)

    found = decide(None, [0.1, 1.0], metric="micro_f1", statistics=np.array([small, large]))

    scores = found.candidates[0].scores
    assert scores is not None
    assert scores == pytest.approx([micro_f1(small[:40].sum(axis=0)), micro_f1(large[:40].sum(axis=0))])
    assert scores[0] - scores[1] == pytest.approx(found.candidates[0].difference)
