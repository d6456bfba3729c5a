from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest

from evalbench.core.evalset import Item, Prompt
from evalbench.loaders.columns import Columns
from evalbench.loaders.items import Split
from evalbench.loaders.likes import Likes
from evalbench.loaders.problems import Problems
from evalbench.loaders.splits import check_splits
from tests.loaders.sets import ROWS, load, refusal, write_set


def test_an_id_in_both_splits_is_an_error_with_both_lines(tmp_path: Path) -> None:
    train = [{"id": "r1", "text": "new", "label": "bug"}, {"id": "t3", "text": "newer", "label": "bug"}]

    error = refusal(write_set(tmp_path / "s", "", train=train))

    assert error.problems == ("items.jsonl:3: the id 't3' is in train too (line 2)",)


def test_a_group_in_both_splits_is_an_error_told_once(tmp_path: Path) -> None:
    rows = [{**row, "group": "g1"} for row in ROWS]
    train = [{"id": "r1", "text": "new", "label": "bug", "group": "g1"}]

    error = refusal(write_set(tmp_path / "s", "", rows, train))

    assert error.problems == ("items.jsonl:1: the group 'g1' is in train too (line 1)",)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("My card  is broken", "1 of 4 items have an input that is equal to one in train"),
        ("My card is broken!", "1 of 4 items have an input that is nearly equal to one in train"),
    ],
)
def test_an_input_that_leaks_from_train_is_a_warning(tmp_path: Path, text: str, warning: str) -> None:
    evalset = load(write_set(tmp_path / "s", "", train=[{"id": "r1", "text": text, "label": "bug"}]))

    assert evalset.warnings == (f"{warning} (for example 't1' and 'r1'): train leaks into the test",)


def test_equal_rows_in_both_splits_are_leakage_when_ids_are_made_of_rows(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "label": row["label"]} for row in ROWS]

    evalset = load(write_set(tmp_path / "s", "", rows, rows[:1]))

    assert len(evalset.warnings) == 1
    assert "equal to one in train" in evalset.warnings[0]


def test_clean_splits_give_no_warning(tmp_path: Path) -> None:
    train = [{"id": "r1", "text": "something else entirely", "label": "bug"}]

    assert load(write_set(tmp_path / "s", "", train=train)).warnings == ()


def test_too_many_texts_are_compared_for_equality_only_and_said_so() -> None:
    def split(name: str, count: int) -> Split:
        items = tuple(Item(f"{name}{number}", Prompt(f"text {name} {number}")) for number in range(count))
        return Split(name, Columns(), items)

    problems = Problems()

    check_splits(split("a", 10), split("b", 50_000), problems)

    assert problems.warnings == []
    assert problems.notes == [
        "nearly equal inputs in items and train were not looked for: there are too many texts"
    ]


def ask(number: int, group: str | None = None) -> Item:
    return Item(f"i{number}", Prompt(f"How long will parcel {number} take to Rome?"), group=group)


def warnings_of(*items: Item) -> list[str]:
    problems = Problems()
    likes = Likes()
    read = tuple(likes.through(items))
    check_splits(Split("items.jsonl", Columns(), read, likes=likes), None, problems)
    return problems.warnings


def test_items_that_are_nearly_equal_without_a_group_are_a_warning_with_an_example() -> None:
    other = Item("other", Prompt("Why was my card declined?"))

    (warning,) = warnings_of(ask(1), other, ask(2), ask(3))

    assert warning == (
        "3 of 4 items are nearly equal to another one (for example 'i1' and 'i2'): "
        "give a `group` column so that they count as one"
    )


def test_items_that_share_a_template_without_being_near_are_found_too() -> None:
    pages = [f"Add the numbers of this list: {' '.join(map(str, range(at, at + 90)))}" for at in (0, 1000)]

    (warning,) = warnings_of(*(Item(f"i{at}", Prompt(page)) for at, page in enumerate(pages)))

    assert warning.startswith("2 of 2 items are nearly equal")


def test_items_with_a_group_need_no_such_warning() -> None:
    assert warnings_of(ask(1, "a"), ask(2, "a"), ask(3, "a")) == []


def test_equal_items_are_not_told_a_second_time_as_nearly_equal() -> None:
    (warning,) = warnings_of(ask(1), ask(1))

    assert "repeat the input of an earlier one" in warning


def test_a_pair_among_many_items_is_no_warning() -> None:
    others = [Item(str(at), Prompt(sha256(str(at).encode()).hexdigest())) for at in range(40)]

    assert warnings_of(ask(1), ask(2), *others) == []


def test_near_duplicates_among_a_hundred_thousand_items_are_found_in_about_a_second() -> None:
    items = tuple(
        Item(str(at), Prompt(f"ticket {at} of customer {at % 977} came late")) for at in range(100_000)
    )
    started = time.process_time()

    (warning,) = warnings_of(*items)

    assert warning.startswith("100,000 of 100,000 items are nearly equal to another one")
    assert time.process_time() - started < 5
