from __future__ import annotations

from decimal import Decimal

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.graders.tree import sequence_document, tree_document


def test_the_order_of_keys_makes_no_difference_but_that_of_a_list_does() -> None:
    assert tree_document({"a": "x", "b": "y"}).whole == tree_document({"b": "y", "a": "x"}).whole
    assert tree_document(["x", "y"]).whole != tree_document(["y", "x"]).whole


@pytest.mark.parametrize(
    ("left", "right"), [("1", Decimal(1)), (True, Decimal(1)), ({}, []), ("", None), ({"0": "x"}, ["x"])]
)
def test_values_of_different_types_differ(left: JsonValue, right: JsonValue) -> None:
    assert tree_document(left).whole != tree_document(right).whole


def test_the_share_is_of_the_parts_of_both_documents() -> None:
    share = tree_document({"a": "x", "b": "y"}).share(tree_document({"a": "x", "c": "z"}))

    assert share == pytest.approx(1 / 3)


def test_a_different_order_never_earns_a_full_share() -> None:
    first, second = (
        [("text", "a"), ("text", "b"), ("text", "a")],
        [("text", "b"), ("text", "a"), ("text", "b")],
    )

    share = sequence_document(first).share(sequence_document(second))

    assert 0 < share < 1


def test_a_small_value_that_stands_for_a_huge_one_is_refused() -> None:
    bomb: list[JsonValue] = ["x"] * 10
    for _ in range(10):
        bomb = [bomb] * 10

    with pytest.raises(ValueError, match="too large to compare"):
        tree_document(bomb)
