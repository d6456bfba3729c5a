from __future__ import annotations

from dataclasses import replace

from evalbench.core.facts import facts_of
from tests.build import make_item

ITEMS = (
    make_item("a", "same", target="1", group="g"),
    make_item("b", "other", target=1),
    make_item("c", "same", target=None, group="g"),
    make_item("d", "same", target="1", fields={"hint": "x"}),
    make_item("e", "last", target={"k": [1]}),
)


def test_groups_are_numbered_and_other_items_stand_for_themselves() -> None:
    found = facts_of(ITEMS, are_labels=False)

    assert list(found.cluster) == [0, 1, 0, 2, 3]
    assert found.groups == 1


def test_a_prompt_is_repeated_only_when_all_that_is_shown_is_equal() -> None:
    alone = [replace(item, group=None) for item in ITEMS]

    assert facts_of(alone, are_labels=False).repeated == 1


def test_a_number_is_not_the_text_that_spells_it() -> None:
    assert facts_of(ITEMS, are_labels=False).commonest == 2
    assert facts_of(ITEMS[:2], are_labels=False).commonest == 1


def test_targets_become_labels_only_where_answers_are() -> None:
    found = facts_of(ITEMS[:3], are_labels=True)

    assert (found.targets, list(found.target)) == (("1",), [0, 0, -1])
    assert facts_of(ITEMS, are_labels=False).targets == ()
    assert list(found.has_target) == [1, 1, 0]


def test_no_items_have_no_facts() -> None:
    found = facts_of((), are_labels=True)

    assert (found.groups, found.repeated, found.commonest, len(found.has_target)) == (0, 0, 0, 0)


def test_a_prompt_that_comes_again_within_its_group_is_no_repetition() -> None:
    grouped = [make_item(name, "same", group="g") for name in "abc"]

    assert facts_of(grouped, are_labels=False).repeated == 0
    assert facts_of([*grouped, make_item("d", "same", group="h")], are_labels=False).repeated == 1
    assert facts_of([make_item(name, "same") for name in "abc"], are_labels=False).repeated == 2
