from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from evalbench.advice.changed import BeforeAfter, ChangeVerdict, TierChange
from evalbench.advice.changes import compare_tasks
from evalbench.advice.setup_changes import setup_changes
from evalbench.advice.shared_items import share_items
from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import GraderSpec, Item, Limits, PromptSpec
from evalbench.core.models import Model, ModelPool, Price
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.errors import InputError
from evalbench.graders.translation import Chrf
from evalbench.stats.paired import paired_interval
from evalbench.stats.power import detectable_drop
from tests.build import make_item, make_task, make_task_run

LOST = Failure("error", "the endpoint said no")


def one_tier(scores: Sequence[float | None], **changes: Any) -> TaskRun:
    return make_task_run({"small": scores}, {"small": 0.01}, **changes)


def line(older: TaskRun, newer: TaskRun) -> TierChange:
    ((found,),) = (task.lines for task in compare_tasks([(older, newer)]))
    return found


def moved(items: int, wins: int, losses: int) -> tuple[list[float], list[float]]:
    """Scores before and after of which so many were won and lost."""
    before = [0.0] * wins + [1.0] * (items - wins)
    after = [1.0] * (items - losses) + [0.0] * losses
    return before, after


def test_a_run_shows_no_difference_to_itself() -> None:
    run = one_tier([1.0, 0.0] * 100)

    found = line(run, run)

    assert found.verdict is ChangeVerdict.NO_DIFFERENCE
    assert (found.difference, found.p_value, found.wins, found.losses) == (0.0, 1.0, 0.0, 0.0)
    assert found.changes == ()


def test_right_and_wrong_answers_are_tested_by_mid_p_in_the_direction_seen() -> None:
    before, after = moved(21, wins=1, losses=7)

    found = line(one_tier(before), one_tier(after))

    # One-sided .0195313 for (1, 7): Fagerland et al. 2014.
    assert found.test == "mcnemar_mid_p"
    assert found.p_value == pytest.approx(2 * 0.0195313, abs=1e-6)
    assert found.difference == pytest.approx(-6 / 21)
    assert found.verdict is ChangeVerdict.WORSE
    assert found.level == 0.95
    differences = np.array(after) - np.array(before)
    assert (found.low, found.high) == pytest.approx(paired_interval(differences, level=0.95))


def test_the_other_way_round_worse_is_better() -> None:
    before, after = moved(21, wins=1, losses=7)

    there, back = (
        line(one_tier(before), one_tier(after)),
        line(one_tier(after), one_tier(before)),
    )

    assert back.verdict is ChangeVerdict.BETTER
    assert back.difference == pytest.approx(-(there.difference or 0.0))
    assert back.p_value == there.p_value


def test_more_lines_need_more_proof() -> None:
    before, after = moved(21, wins=1, losses=7)
    costs_usd = {"small": 0.01, "large": 0.1}
    older = make_task_run({"small": before, "large": before}, costs_usd)
    newer = make_task_run({"small": after, "large": before}, costs_usd)

    (task,) = compare_tasks([(older, newer)])
    small, large = task.lines

    assert small.p_adjusted == pytest.approx(4 * 0.0195313, abs=1e-6)
    assert small.verdict is ChangeVerdict.NO_DIFFERENCE
    assert large.p_adjusted == 1.0


def test_only_the_lines_compared_are_adjusted_for() -> None:
    before, after = moved(21, wins=1, losses=7)
    costs_usd = {"small": 0.01, "large": 0.1}
    older = make_task_run({"small": before, "large": before}, costs_usd)
    newer = make_task_run({"small": after, "large": before}, costs_usd)

    (task,) = compare_tasks([(older, newer)], ["small"])

    assert [found.tier for found in task.lines] == ["small"]
    assert task.lines[0].verdict is ChangeVerdict.WORSE


GRADED = [-0.2, -0.1, -0.3, 0.1, -0.4, -0.2]


def test_graded_scores_are_tested_by_flipping_signs() -> None:
    found = line(one_tier([0.5] * 6), one_tier([0.5 + difference for difference in GRADED]))

    # One-sided .046875: six signs, all patterns counted.
    assert found.test == "sign_flip"
    assert found.p_value == pytest.approx(2 * 0.046875)
    assert found.losses == pytest.approx(1.2)
    assert found.wins == pytest.approx(0.1)


def test_items_of_a_group_are_flipped_together() -> None:
    groups = ["a", "a", "b", "b", "c", "c"]
    older = one_tier([0.5] * 6, groups=groups)

    found = line(older, one_tier([0.5 + difference for difference in GRADED], groups=groups))

    assert found.p_value == pytest.approx(2 * 0.125)
    assert found.groups == 3


def test_a_group_column_also_rules_the_test_of_right_and_wrong() -> None:
    before, after = moved(40, wins=0, losses=10)
    groups = [str(number // 10) for number in range(40)]

    found = line(one_tier(before, groups=groups), one_tier(after, groups=groups))

    # Ten items lost in one group are one thing that went wrong.
    assert found.p_value == 1.0
    assert found.verdict is ChangeVerdict.NO_DIFFERENCE


def test_repeats_of_an_item_are_averaged_and_are_no_items() -> None:
    once = one_tier([1.0, 1.0, 0.0])
    again = [replace(trial, repeat=1, score=Score(0.0)) for trial in once.trials]
    twice = TaskRun(once.task, once.models, once.items, (*once.trials, *again), once.grader, once.signature)

    found = line(once, twice)

    assert (found.items, found.test) == (3, "sign_flip")
    assert (found.score.older, found.score.newer) == pytest.approx((2 / 3, 1 / 3))
    assert [each.newer for each in found.changes] == [0.5, 0.5]


def test_missing_answers_are_counted_on_their_side_and_left_out() -> None:
    found = line(one_tier([1.0, None, 1.0, 0.0]), one_tier([1.0, 1.0, None, None]))

    assert (found.items, found.missing_older, found.missing_newer) == (1, 1, 2)
    assert found.difference == 0.0


def with_gaps(
    items: int, wins: int, losses: int, missing: int
) -> tuple[list[float | None], list[float | None]]:
    before, after = moved(items, wins, losses)
    return [*before, *[1.0] * missing], [*after, *[None] * missing]


@pytest.mark.parametrize(("missing", "is_sensitive"), [(4, False), (30, True)])
def test_a_drop_with_missing_answers_is_tried_with_all_of_them_won(
    missing: int, *, is_sensitive: bool
) -> None:
    older, newer = with_gaps(200, wins=2, losses=30, missing=missing)

    found = line(one_tier(older), one_tier(newer))

    assert found.verdict is ChangeVerdict.WORSE
    assert found.is_missing_sensitive is is_sensitive


@pytest.mark.parametrize(("missing", "is_sensitive"), [(4, False), (30, True)])
def test_a_gain_with_missing_answers_is_tried_with_all_of_them_lost(
    missing: int, *, is_sensitive: bool
) -> None:
    older, newer = with_gaps(200, wins=30, losses=2, missing=missing)

    found = line(one_tier(older), one_tier(newer))

    assert found.verdict is ChangeVerdict.BETTER
    assert found.is_missing_sensitive is is_sensitive


def test_missing_answers_that_would_turn_a_finding_round_are_no_proof_of_it() -> None:
    older, newer = with_gaps(200, wins=2, losses=30, missing=120)

    found = line(one_tier(older), one_tier(newer))

    # With 122 won and 30 lost the difference is as clear, but the other way.
    assert found.is_missing_sensitive is True


def test_missing_answers_of_one_group_speak_as_one() -> None:
    older, newer = with_gaps(200, wins=0, losses=40, missing=40)
    groups = [str(number // 4) for number in range(200)] + ["last"] * 40
    apart = [str(number // 4) for number in range(240)]

    together, alone = (
        line(one_tier(older, groups=own), one_tier(newer, groups=own)) for own in (groups, apart)
    )

    assert (together.verdict, alone.verdict) == (ChangeVerdict.WORSE, ChangeVerdict.WORSE)
    assert together.is_missing_sensitive is alone.is_missing_sensitive is True
    assert together.groups == alone.groups == 50


def test_nothing_shown_is_nothing_to_undo() -> None:
    older, newer = with_gaps(200, wins=5, losses=5, missing=30)

    found = line(one_tier(older), one_tier(newer))
    complete = line(one_tier([1.0] * 40), one_tier([0.0] * 40))

    assert found.verdict is ChangeVerdict.NO_DIFFERENCE
    assert (found.is_missing_sensitive, complete.is_missing_sensitive) == (None, None)


def test_without_a_single_pair_of_answers_there_is_nothing_to_compare() -> None:
    found = line(one_tier([None, 1.0]), one_tier([1.0, None]))

    assert found.verdict is ChangeVerdict.NOTHING
    assert (found.difference, found.p_value, found.p_adjusted, found.low) == (None, None, None, None)


def test_the_drop_that_would_have_been_seen_follows_from_how_much_differs() -> None:
    before, after = moved(400, wins=20, losses=20)

    found = line(one_tier(before), one_tier(after))

    assert found.detectable_drop == pytest.approx(detectable_drop(400, 42 / 402, 0.025))


@pytest.mark.parametrize("items", [50, 5_000])
def test_where_nothing_differs_enough_items_must_be_lost_to_be_seen(items: int) -> None:
    run = one_tier([1.0] * items)

    drop = line(run, run).detectable_drop

    # Five lost and none won is the least that the mid-p value shows: 1/64 is below .025.
    assert drop is not None
    assert binom.sf(4, items, drop) == pytest.approx(0.8)


def test_groups_in_which_nothing_moved_count_as_one_item_each() -> None:
    groups = [str(number // 10) for number in range(400)]
    run = one_tier([1.0] * 400, groups=groups)

    drop = line(run, run).detectable_drop

    # Six of forty, all lost, are the least that flipped signs show: 1/64 is below .025.
    assert drop is not None
    assert binom.sf(5, 40, drop) == pytest.approx(0.8)


def test_too_few_items_can_show_no_drop() -> None:
    run = one_tier([1.0] * 3)

    assert line(run, run).detectable_drop is None


def test_the_items_that_changed_come_largest_first_and_losses_before_gains() -> None:
    found = line(one_tier([0.0, 1.0, 0.5, 0.5, 0.2]), one_tier([1.0, 0.0, 0.4, 0.5, 0.4]))

    assert [each.item_id for each in found.changes] == ["i0001", "i0000", "i0004", "i0002"]


def corpus_run(counts: Sequence[tuple[float, ...]], **changes: Any) -> TaskRun:
    run = one_tier([float(row[0] > 0) for row in counts], task=make_task(metric="micro_f1", **changes))
    trials = tuple(
        replace(trial, score=Score(float(row[0] > 0), statistics=row))
        for trial, row in zip(run.trials, counts, strict=True)
    )
    return replace(run, trials=trials)


def test_corpus_metrics_are_compared_by_swapping_counts() -> None:
    older = [
        (3.0, 0.0, 0.0),
        (2.0, 1.0, 1.0),
        (2.0, 0.0, 0.0),
        (1.0, 0.0, 1.0),
        (4.0, 1.0, 0.0),
        (2.0, 0.0, 1.0),
    ]
    newer = [
        (3.0, 1.0, 0.0),
        (2.0, 0.0, 1.0),
        (1.0, 1.0, 1.0),
        (0.0, 1.0, 2.0),
        (4.0, 0.0, 0.0),
        (2.0, 1.0, 1.0),
    ]

    found = line(corpus_run(older * 5), corpus_run(newer * 5))

    assert found.test == "swap"
    assert (found.score.older, found.score.newer) == pytest.approx((0.848485, 0.727273), abs=1e-6)
    assert found.difference == pytest.approx(-0.121212, abs=1e-6)
    assert found.verdict is ChangeVerdict.WORSE


def test_a_mean_over_labels_needs_the_same_labels() -> None:
    rows = [(1.0, 0.0, 0.0, 0.0, 0.0, 0.0)] * 4
    older, newer = corpus_run(rows, labels=("a", "b")), corpus_run(rows, labels=("a", "c"))
    older, newer = (replace(run, task=replace(run.task, metric="macro_f1")) for run in (older, newer))

    with pytest.raises(InputError, match="other labels"):
        compare_tasks([(older, newer)])


@pytest.mark.parametrize(("missing", "is_sensitive"), [(2, False), (60, True)])
def test_missing_answers_speak_against_a_change_of_a_corpus_metric(
    missing: int, *, is_sensitive: bool
) -> None:
    older = corpus_run([(2.0, 0.0, 0.0)] * 100)
    newer = corpus_run([(2.0, 0.0, 0.0)] * 60 + [(0.0, 2.0, 2.0)] * 40)
    gone = [replace(trial, completion=None, score=None, failure=LOST) for trial in newer.trials[:missing]]
    gaps = replace(newer, trials=(*gone, *newer.trials[missing:]))

    found = line(older, gaps)

    assert (found.verdict, found.test) == (ChangeVerdict.WORSE, "swap")
    assert found.is_missing_sensitive is is_sensitive


def test_cost_and_time_are_those_of_the_shared_items() -> None:
    older, newer = one_tier([1.0] * 4), one_tier([1.0] * 4)
    newer = replace(newer, trials=tuple(_dearer(trial) for trial in newer.trials))

    found = line(older, newer)

    assert (found.cost_usd.older, found.cost_usd.newer) == pytest.approx((0.01, 0.02))
    assert found.cost_ratio is not None
    assert found.cost_ratio.value == pytest.approx(2.0)
    assert (found.p95_s.older, found.p95_s.newer) == pytest.approx((0.1, 0.3))


def test_the_cost_ratio_of_grouped_items_rests_on_the_groups() -> None:
    groups = ["a", "a", "b", "b"]
    older, newer = one_tier([1.0] * 4), one_tier([1.0] * 4, groups=groups)
    newer = replace(newer, trials=(*newer.trials[:2], *map(_dearer, newer.trials[2:])))

    found = line(older, newer)

    assert found.cost_ratio is not None
    assert found.cost_ratio.value == pytest.approx(1.5)
    assert found.cost_ratio.count == 2


def _dearer(trial: Trial) -> Trial:
    return replace(trial, completion=Completion("yes", cost_usd=0.02, latency_s=0.3))


def test_an_unknown_cost_stays_unknown() -> None:
    older, newer = one_tier([1.0] * 4), make_task_run({"small": [1.0] * 4}, {"small": None})

    found = line(older, newer)

    assert found.cost_usd == BeforeAfter(None, None)
    assert found.cost_ratio is None


def with_items(run: TaskRun, *items: Item) -> TaskRun:
    trials = tuple(replace(trial, item_id=item.id) for trial, item in zip(run.trials, items, strict=True))
    return replace(run, items=items, trials=trials)


def test_items_that_are_not_the_same_are_left_out_with_their_reason() -> None:
    older = with_items(
        one_tier([1.0] * 5),
        make_item("same"),
        make_item("gone"),
        make_item("reworded", "old"),
        make_item("corrected", target="no"),
        make_item("column", fields={"subject": "old"}),
    )
    newer = with_items(
        one_tier([1.0] * 5),
        make_item("new"),
        make_item("column", fields={"subject": "new"}),
        make_item("corrected", target="yes"),
        make_item("reworded", "new"),
        make_item("same", fields={"added": "later"}),
    )

    found = share_items(older, newer)

    assert found.ids == ("same",)
    assert (found.older.tolist(), found.newer.tolist()) == ([0], [4])
    assert (found.only_older, found.only_newer) == (("gone",), ("new",))
    assert found.prompt_changed == ("column", "reworded")
    assert found.target_changed == ("corrected",)


def test_items_without_a_right_answer_are_left_out() -> None:
    bare = with_items(one_tier([1.0, 1.0]), make_item("known"), make_item("open", target=None))
    run = replace(bare, trials=(bare.trials[0], replace(bare.trials[1], score=None)))

    found = share_items(run, run)

    assert (found.ids, found.unlabelled) == (("known",), ("open",))


def test_what_was_set_up_otherwise_is_named() -> None:
    older = one_tier([1.0], task=make_task(digest="a"))
    task = make_task(digest="b", prompt=PromptSpec("Be brief: {{ input }}"), limits=Limits(max_answer_s=2.0))
    model = Model("openai/gpt-5", params={"temperature": 0})
    newer = replace(one_tier([1.0], task=task), models=ModelPool({"small": model}, "small"))

    found = [(change.setting, change.tier) for change in setup_changes(older, newer)]

    assert found == [
        ("prompt", None),
        ("max_answer_s", None),
        ("digest", None),
        ("model", "small"),
        ("params", "small"),
    ]


def test_a_price_that_rose_is_named_and_its_source_is_not() -> None:
    older = one_tier([1.0])
    prices = [Price(input=1.0, source="list"), Price(input=1.0, source="file"), Price(input=2.0)]
    same, cheap, dear = (
        replace(older, models=ModelPool({"small": Model("python/models.py:small", price=price)}, "small"))
        for price in prices
    )

    assert setup_changes(same, cheap) == ()
    assert [change.setting for change in setup_changes(cheap, dear)] == ["price"]


def test_a_prompt_of_one_tier_alone_is_named_with_the_tier() -> None:
    older = one_tier([1.0])
    newer = replace(
        older, task=replace(older.task, per_tier={"small": PromptSpec("Short: {{ input }}", shots=8)})
    )

    found = [(change.setting, change.tier, change.older) for change in setup_changes(older, newer)]

    assert found == [("prompt", "small", None), ("shots", "small", None)]


def test_translations_are_compared_by_what_is_summed_over_all_of_them() -> None:
    task = make_task(metric="chrf", grader=GraderSpec("chrf"))
    grader = Chrf({}, task)
    targets = [f"the cat number {number} sat on the mat" for number in range(30)]

    def translated(answers: Sequence[str]) -> TaskRun:
        run = one_tier([1.0] * len(answers), task=task)
        items = tuple(replace(item, target=target) for item, target in zip(run.items, targets, strict=True))
        trials = tuple(
            replace(trial, score=grader.grade(answer, item))
            for trial, item, answer in zip(run.trials, items, answers, strict=True)
        )
        return replace(run, items=items, trials=trials)

    found = line(translated(targets), translated([target.removesuffix(" the mat") for target in targets]))

    assert (found.test, found.verdict) == ("swap", ChangeVerdict.WORSE)
    assert found.score.older == 1.0
    assert found.score.newer is not None
    assert 0.5 < found.score.newer < 0.9
