from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from evalbench.core.evalset import Item
from evalbench.core.order import asking_order
from tests.build import make_item

ITEMS = [make_item(f"i{number}") for number in range(50)]
GROUPED = [make_item(f"i{number}", group=f"g{number % 7}" if number % 3 else None) for number in range(50)]


def ids(items: Sequence[Item], task: str = "demo", seed: int = 7) -> list[str]:
    return [items[place].id for place in asking_order(items, task, seed).places]


def test_every_item_has_one_place() -> None:
    assert sorted(asking_order(ITEMS, "demo", 7).places) == list(range(50))


def test_the_order_of_the_file_does_not_matter() -> None:
    assert ids(GROUPED[::-1]) == ids(GROUPED)


def test_another_seed_and_another_task_have_another_order() -> None:
    orders = [ids(ITEMS), ids(ITEMS, seed=8), ids(ITEMS, task="other"), [item.id for item in ITEMS]]

    assert len({tuple(order) for order in orders}) == 4


def test_the_items_of_a_group_stand_together() -> None:
    order = asking_order(GROUPED, "demo", 7)

    found = [GROUPED[place].group or GROUPED[place].id for place in order.places]

    changes = sum(one != other for one, other in pairwise(found))
    assert changes == len(set(found)) - 1
    assert list(order.clusters) == sorted(order.clusters)
    assert order.clusters[-1] == changes


def test_a_group_and_an_item_of_the_same_name_are_two_clusters() -> None:
    items = [make_item("a"), make_item("b", group="a")]

    assert list(asking_order(items, "demo", 7).clusters) == [0, 1]


def test_items_that_are_added_leave_the_order_of_the_others_as_it_is() -> None:
    wider = ids([*ITEMS, *(make_item(f"new{number}") for number in range(20))])

    assert [item for item in wider if not item.startswith("new")] == ids(ITEMS)
