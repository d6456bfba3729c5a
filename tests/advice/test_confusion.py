from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalbench.advice.confusion import OTHER, confusion_of
from evalbench.core.completion import Completion, Status
from evalbench.core.estimate import Confusion
from evalbench.core.models import ModelPool
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from tests.build import make_item, make_pool, make_task, make_trial

LABELS = ("NA", "bug", "other")


def make_label_run(pairs: Sequence[tuple[str | None, str | None]], grader: str = "label@1") -> TaskRun:
    """One tier's answers as (expected, read); a reading of None is an unreadable answer."""
    items = tuple(make_item(f"i{n}", target=target) for n, (target, _) in enumerate(pairs))
    trials = tuple(
        Trial(
            f"i{n}",
            "small",
            completion=Completion(reading or "dunno"),
            score=Score(float(target == reading), reading, is_valid=reading is not None) if target else None,
        )
        for n, (target, reading) in enumerate(pairs)
    )
    pool: ModelPool = make_pool(("small",))
    return TaskRun(make_task(labels=LABELS), pool, items, trials, grader, "s")


def crossed(run: TaskRun) -> Confusion:
    found = confusion_of(run, "small")
    assert found is not None
    return found


def test_expected_labels_are_crossed_with_those_that_were_read() -> None:
    run = make_label_run([("bug", "bug"), ("bug", "other"), ("other", "other"), ("NA", "NA")])

    found = crossed(run)

    assert found.rows == found.columns == LABELS
    assert found.counts == ((1, 0, 0), (0, 1, 1), (0, 0, 1))


def test_an_unreadable_answer_counts_under_other() -> None:
    run = make_label_run([("bug", "bug"), ("bug", None)])

    found = crossed(run)

    assert found.columns == (*LABELS, OTHER)
    assert found.counts[1] == (0, 1, 0, 1)


def test_precision_recall_and_f1_follow_from_the_counts() -> None:
    run = make_label_run([("bug", "bug"), ("bug", "other"), ("other", "other"), ("other", "other")])

    bug = crossed(run).classes[1]

    assert (bug.precision, bug.recall, bug.support, bug.predicted) == (1.0, 0.5, 2, 1)
    assert bug.f1 == 2 / 3


def test_what_a_label_without_items_scores_is_undefined_rather_than_zero() -> None:
    run = make_label_run([("bug", "bug")])

    unseen = crossed(run).classes[0]

    assert (unseen.precision, unseen.recall, unseen.f1, unseen.support) == (None, None, None, 0)


def test_missing_answers_and_items_without_a_target_are_left_out() -> None:
    run = make_label_run([("bug", "bug"), (None, "bug"), ("bug", "bug")])
    trials = (*run.trials[:2], make_trial("i2", "small", None))

    found = crossed(replace(run, trials=trials))

    assert sum(map(sum, found.counts)) == 1


def test_a_refused_answer_counts_under_other() -> None:
    run = make_label_run([("bug", "bug")])
    refused = Trial("i0", "small", completion=Completion("I cannot.", status=Status.REFUSED))

    found = crossed(replace(run, trials=(refused,)))

    assert found.counts[1][-1] == 1


def test_labels_that_are_not_listed_are_taken_from_the_targets() -> None:
    run = make_label_run([("b", "b"), ("a", "b")])
    run = replace(run, task=make_task(labels=()))

    found = crossed(run)

    assert (found.rows, found.counts) == (("a", "b"), ((0, 1), (0, 1)))


def test_a_task_that_is_not_graded_by_label_has_no_confusion() -> None:
    run = make_label_run([("bug", "bug")], grader="exact@1")

    found = confusion_of(run, "small")

    assert found is None


def test_a_tier_without_a_single_answer_has_no_confusion() -> None:
    run = make_label_run([("bug", "bug")])
    run = replace(run, trials=(make_trial("i0", "small", None),))

    found = confusion_of(run, "small")

    assert found is None
