from __future__ import annotations

from dataclasses import replace

import pytest

from evalbench.core.baseline import Yardstick
from evalbench.core.evalset import Item, Limits, Task
from evalbench.errors import InputError
from evalbench.gate.yardstick import refuse_another, yardstick_of
from tests.build import make_item, make_task

ITEMS = [make_item(f"i{number}", f"text {number}", fields={"tone": "kind"}) for number in range(4)]


def stick(
    items: list[Item] | None = None,
    task: Task | None = None,
    grader: str = "label@1",
    columns: tuple[str, ...] | None = None,
) -> Yardstick:
    return yardstick_of(task or make_task(), grader, items or ITEMS, columns=columns)


def refusal(now: Yardstick) -> InputError:
    with pytest.raises(InputError) as refused:
        refuse_another(now, stick(), "baseline.json")
    return refused.value


def test_the_same_items_in_another_order_are_the_same() -> None:
    refuse_another(stick(list(reversed(ITEMS))), stick(), "baseline.json")


def test_what_is_under_test_may_change() -> None:
    task = make_task()
    changed = replace(task, prompt=replace(task.prompt, template="Now: {{ text }}", shots=4), max_drop=0.2)

    refuse_another(stick(task=changed), stick(), "baseline.json")


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([*ITEMS[:3], make_item("i3", "another", fields={"tone": "kind"})], "1 with another input: i3"),
        ([*ITEMS[:3], make_item("i3", "text 3", "no", fields={"tone": "kind"})], "another right answer: i3"),
        ([*ITEMS[:3], make_item("i3", "text 3", fields={"tone": "rude"})], "1 with another input: i3"),
        (ITEMS[:3], "1 no longer there: i3"),
        ([*ITEMS, make_item("i9", "new")], "1 new: i9"),
        ([*ITEMS[:2], *(replace(item, group="g") for item in ITEMS[2:])], "in another group: i0, i1, i2, i3"),
    ],
)
def test_other_items_are_named_with_what_changed(items: list[Item], said: str) -> None:
    found = refusal(stick(items))

    assert said in found.problem
    assert "evalbench gate accept latest --baseline baseline.json" in found.fix


def test_the_name_of_a_baseline_can_be_pasted() -> None:
    with pytest.raises(InputError) as caught:
        refuse_another(stick(ITEMS[:3]), stick(ITEMS), "my bar.json")

    assert caught.value.fix.endswith("--baseline 'my bar.json'")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (stick(grader="label@1(case=exact)"), "the grader is not that of baseline.json: it was label@1"),
        (stick(task=make_task(metric="macro_f1")), "it was accuracy, and is macro_f1"),
        (stick(task=make_task(labels=("a", "b"))), "the list of labels is not that"),
        (stick(task=make_task(limits=Limits(max_answer_s=3.0))), "it was none, and is 3"),
    ],
)
def test_another_meaning_of_a_score_is_refused(now: Yardstick, said: str) -> None:
    assert said in refusal(now).problem


def test_a_column_that_was_added_since_is_part_of_the_set_up() -> None:
    accepted = stick()
    wider = [replace(item, prompt=replace(item.prompt, fields={"tone": "kind", "new": 1})) for item in ITEMS]

    refuse_another(stick(wider, columns=accepted.columns), accepted, "baseline.json")


def test_items_without_a_right_answer_take_no_part() -> None:
    blank = make_item("i8", "no answer", None)

    refuse_another(stick([*ITEMS, blank]), stick(), "baseline.json")


def test_groups_are_the_same_whatever_they_are_called() -> None:
    def grouped(*names: str) -> Yardstick:
        return stick([replace(item, group=name) for item, name in zip(ITEMS, names, strict=True)])

    refuse_another(grouped("x", "y", "x", "y"), grouped("a", "b", "a", "b"), "baseline.json")
    with pytest.raises(InputError, match="in another group"):
        refuse_another(grouped("x", "x", "y", "y"), grouped("a", "b", "a", "b"), "baseline.json")
