from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from evalbench.advice.estimates import estimate_tier
from evalbench.advice.observations import ANSWERED, MODEL_FAILURE, NO_ANSWER, item_costs_usd, observe
from evalbench.core.completion import Completion, Status
from evalbench.core.estimate import TierEstimate
from evalbench.core.models import ModelPool
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.errors import InputError
from tests.build import make_item, make_pool, make_task, make_task_run, make_trial


def make_run(trials: Sequence[Trial], targets: Mapping[str, str], metric: str = "accuracy") -> TaskRun:
    """A run of one tier called `small` on a task with the labels a and b."""
    items = tuple(make_item(item_id, target=target) for item_id, target in targets.items())
    pool: ModelPool = make_pool(("small",))
    return TaskRun(make_task(metric=metric, labels=("a", "b")), pool, items, tuple(trials), "label@1", "s")


def estimated(run: TaskRun) -> TierEstimate:
    return estimate_tier(run, "small")


def failed(item_id: str, status: Status) -> Trial:
    return Trial(item_id, "small", completion=Completion("", status=status, cost_usd=0.01))


def test_answers_failures_and_gaps_are_told_apart() -> None:
    gap = make_trial("i2", score=None)
    run = make_run([make_trial("i0"), failed("i1", Status.REFUSED), gap], {"i0": "a", "i1": "a", "i2": "a"})

    seen = observe(run, ("small",))

    assert seen.status[0, :, 0].tolist() == [ANSWERED, MODEL_FAILURE, NO_ANSWER]
    assert seen.scores[0, :2, 0].tolist() == [1.0, 0.0]
    assert np.isnan(seen.scores[0, 2, 0])


def test_an_answer_that_no_grader_could_judge_is_a_gap_and_not_a_wrong_answer() -> None:
    run = make_run([Trial("i0", "small", completion=Completion("a"))], {"i0": "a"})

    seen = observe(run, ("small",))

    assert seen.status[0, 0, 0] == NO_ANSWER


def test_a_refusal_that_was_judged_right_is_an_answer() -> None:
    refusal = Trial("i0", "small", completion=Completion("no", status=Status.REFUSED), score=Score(1.0, "no"))

    seen = observe(make_run([refusal], {"i0": "no"}), ("small",))

    assert (seen.status[0, 0, 0], seen.scores[0, 0, 0]) == (ANSWERED, 1.0)


def test_an_item_without_a_group_stands_for_itself() -> None:
    run = make_task_run({"small": [1.0] * 4}, {"small": 0.01}, groups=["g", "g", "h", "h"])
    items = (*run.items[:3], replace(run.items[3], group=None))

    seen = observe(replace(run, items=items), ("small",))

    assert seen.clusters is not None
    assert seen.clusters.tolist() == [0, 0, 1, 2]


def test_the_cost_of_an_item_is_averaged_over_its_repeats() -> None:
    first, second = make_trial("i0", cost_usd=0.01), replace(make_trial("i0", cost_usd=0.03), repeat=1)
    run = make_run([first, second, make_trial("i1", score=None)], {"i0": "a", "i1": "a"})

    costs_usd = item_costs_usd(run, ("small",))

    assert costs_usd[0, 0] == pytest.approx(0.02)
    assert np.isnan(costs_usd[0, 1])


def label_trial(item_id: str, target: str, reading: str) -> Trial:
    """An answer with its counts per class: right, wrong, missed."""
    counts = [
        float(count)
        for label in ("a", "b")
        for count in (label == target == reading, label == reading != target, label == target != reading)
    ]
    score = Score(float(target == reading), reading, statistics=tuple(counts))
    return Trial(item_id, "small", completion=Completion(reading, cost_usd=0.01), score=score)


def test_macro_f1_is_computed_from_summed_counts() -> None:
    pairs = [("a", "a")] * 10 + [("b", "b")] * 8 + [("b", "a")] * 2
    trials = [label_trial(f"i{n}", *pair) for n, pair in enumerate(pairs)]
    targets = {f"i{n}": target for n, (target, _) in enumerate(pairs)}

    score = estimated(make_run(trials, targets, "macro_f1")).score

    assert score is not None
    assert score.value == pytest.approx((20 / 22 + 16 / 18) / 2)
    assert score.method == "jackknife"


def test_micro_f1_adds_up_the_counts_of_all_classes() -> None:
    pairs = [("a", "a")] * 10 + [("b", "b")] * 8 + [("b", "a")] * 2
    trials = [label_trial(f"i{n}", *pair) for n, pair in enumerate(pairs)]
    targets = {f"i{n}": target for n, (target, _) in enumerate(pairs)}

    score = estimated(make_run(trials, targets, "micro_f1")).score

    assert score is not None
    assert score.value == pytest.approx(0.9)


def test_a_refusal_misses_the_label_that_was_expected_in_macro_f1() -> None:
    trials = [label_trial("i0", "a", "a"), label_trial("i1", "b", "b"), failed("i2", Status.REFUSED)]

    score = estimated(make_run(trials, {"i0": "a", "i1": "b", "i2": "b"}, "macro_f1")).score

    assert score is not None
    assert score.value == pytest.approx((1 + 2 / 3) / 2)


def test_a_metric_that_the_scores_cannot_give_is_refused_with_a_way_out() -> None:
    run = make_run([make_trial("i1")], {"i1": "a"}, "macro_f1")

    with pytest.raises(InputError) as refused:
        estimated(run)

    assert "macro_f1" in refused.value.problem
    assert "metric: accuracy" in refused.value.fix


def test_what_a_failed_answer_missed_is_read_from_another_tiers_answer() -> None:
    judged = Trial("i0", "large", completion=Completion("{}"), score=Score(0.5, statistics=(2.0, 1.0, 1.0)))
    items = (make_item("i0", target={"a": 1, "b": 2, "c": 3}),)
    task = make_task(metric="micro_f1")
    run = TaskRun(
        task, make_pool(("small", "large")), items, (failed("i0", Status.EMPTY), judged), "json_fields@1", "s"
    )

    seen = observe(run, ("small", "large"))

    assert seen.statistics is not None
    assert seen.statistics[:, 0].tolist() == [[0.0, 0.0, 3.0], [2.0, 1.0, 1.0]]
