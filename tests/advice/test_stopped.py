from __future__ import annotations

from dataclasses import replace

from evalbench.advice.recommend import find
from evalbench.core.completion import Status
from evalbench.core.run import TaskRun
from tests.assembly.watched import Watched, watched


def hopeless(items: int = 200) -> Watched:
    found = watched(items)
    found.tell_all({"small": [0.0] * items, "large": [1.0] * items})
    return found


def at_prices_that_turn_the_ladder_round(run: TaskRun) -> TaskRun:
    trials = tuple(
        replace(trial, completion=replace(trial.completion, cost_usd=0.001 if trial.tier == "large" else 1.0))
        for trial in run.trials
        if trial.completion is not None
    )
    return replace(run, trials=trials)


def test_what_was_not_asked_of_a_settled_tier_is_not_missing() -> None:
    found = find(hopeless().run)

    assert [(each.trials, each.items_asked, each.is_stopped_early) for each in found.estimates] == [
        (20, 20, True)
    ] * 2
    assert all(each.answers[Status.MISSING] == 0 for each in found.estimates)
    assert found.recommendation.evidence[-1] == (
        "left early, being settled: small after 20 and large after 20 of 200 items"
    )


def test_what_was_not_asked_of_any_other_tier_is_missing() -> None:
    interrupted = watched(200)
    for place in interrupted.order[:50]:
        interrupted.tell(0, place, 1.0)
        interrupted.tell(1, place, 1.0)

    found = find(interrupted.run)

    assert [(each.trials, each.is_stopped_early) for each in found.estimates] == [(200, False)] * 2
    assert all(each.answers[Status.MISSING] == 150 for each in found.estimates)
    assert found.recommendation.next_commands == ("evalbench run --resume latest",)


def test_a_tier_that_is_dearer_at_other_prices_was_settled_all_the_same() -> None:
    found = find(at_prices_that_turn_the_ladder_round(hopeless().run))

    assert all(each.is_stopped_early for each in found.estimates)
    assert all(each.answers[Status.MISSING] == 0 for each in found.estimates)


def test_a_run_of_fixed_size_tells_nothing_of_how_far_it_was_asked() -> None:
    found = find(replace(hopeless().run, order_seed=None))

    assert [(each.items_asked, each.is_stopped_early) for each in found.estimates] == [(None, False)] * 2
    assert found.comparisons[0].is_sequential is False
