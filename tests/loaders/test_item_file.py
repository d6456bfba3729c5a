from __future__ import annotations

import errno
import gc
import os
import tracemalloc
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import Item, JsonValue, Message, Prompt
from evalbench.errors import EvalSetError
from evalbench.loaders.item_file import (
    ItemFile,
    Selection,
    canonical_texts,
    count_groups,
    few_targets,
    kept,
    labelled,
)
from evalbench.loaders.load import load_evalset
from evalbench.loaders.task import digest_of
from tests.build import make_item
from tests.loaders.sets import load, write_jsonl
from tests.loaders.test_canonical import VALUES

TEXT = st.text(st.characters(codec="utf-8"))
ITEMS = st.lists(
    st.builds(
        Item,
        id=TEXT,
        prompt=st.builds(
            Prompt,
            text=TEXT,
            messages=st.lists(st.builds(Message, TEXT, TEXT), max_size=2).map(tuple),
            fields=st.dictionaries(TEXT, VALUES, max_size=3),
        ),
        target=VALUES,
        group=st.none() | TEXT,
        tags=st.lists(TEXT, max_size=2).map(tuple),
        line=st.integers(1, 10**9),
        solution=st.none() | TEXT,
    ),
    max_size=8,
)
MANY = tuple(make_item(f"i{number}", f"text {number} " * 40, f"t{number % 3}") for number in range(3000))


def as_written(items: Sequence[Item]) -> str:
    return repr(list(items))  # Tells 1 from 1.0 and True, and one order of keys from another.


@given(ITEMS)
def test_items_come_back_exactly_as_they_were(items: list[Item]) -> None:
    kept_items = ItemFile(items)

    assert as_written(kept_items) == as_written(items)
    assert as_written([kept_items[place] for place in range(len(items))]) == as_written(items)


def test_a_digest_is_that_of_earlier_versions() -> None:
    items = (
        Item(
            "i1", Prompt("où?", (), {"b": 1.5, "a": [10**20, 1e16, None]}), ["yes", "ja"], "g", ("x", "y"), 1
        ),
        Item("i2", Prompt("t", (Message("user", "hi\n"),)), None),
    )

    expected = "7d7f20ae6a325f3e775cebcf3904c0329c6b8c48aec994461b48d98801525acb"
    assert digest_of(items, ("a", "b")) == digest_of(ItemFile(items), ("a", "b")) == expected


@given(ITEMS)
def test_a_digest_does_not_tell_where_the_items_are_kept(items: list[Item]) -> None:
    assert digest_of(ItemFile(items), ("a",)) == digest_of(items, ("a",))


@given(ITEMS)
def test_what_is_known_without_reading_is_what_reading_tells(items: list[Item]) -> None:
    kept_items = ItemFile(items)

    assert as_written(labelled(kept_items)) == as_written([item for item in items if item.target is not None])
    assert count_groups(kept_items) == len({item.group for item in items if item.group is not None})


def test_many_items_are_read_in_blocks_one_at_a_time_and_by_slices() -> None:
    kept_items = ItemFile(MANY)

    assert tuple(kept_items) == MANY
    assert kept_items[-1] == MANY[-1]
    assert tuple(kept_items[10:2000:7]) == MANY[10:2000:7]
    assert tuple(kept_items[100:200][5:7]) == MANY[105:107]
    assert b"".join(canonical_texts(kept_items)) == b"".join(canonical_texts(MANY))
    with pytest.raises(IndexError):
        _ = kept_items[3000]


def test_threads_read_without_disturbing_each_other() -> None:
    kept_items = ItemFile(MANY)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(kept_items.__getitem__, range(len(MANY))))

    assert tuple(found) == MANY


def test_a_selection_holds_places_and_reads_the_items_when_asked() -> None:
    chosen = Selection(ItemFile(MANY), [3, 5, 8])

    assert [item.id for item in chosen] == ["i3", "i5", "i8"]
    assert [item.id for item in chosen[1:]] == ["i5", "i8"]


def test_small_sets_stay_in_memory_and_large_ones_do_not() -> None:
    assert kept(iter(MANY[:3]), 1000) == MANY[:3]
    assert isinstance(kept(iter(MANY), 1000), ItemFile)


def test_a_large_set_is_loaded_into_a_file_that_nobody_sees(tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    rows = [
        {"id": f"t{number}", "text": f"{number} " * 300, "label": "ab"[number % 2]} for number in range(1000)
    ]

    items = write_jsonl(tmp_path / "set" / "items.jsonl", rows)
    evalset = load_evalset(items, read_settings=read_evalset_file, held_in=tmp_path / "temporary")

    assert isinstance(evalset.items, ItemFile)
    assert [(item.id, item.target, item.line) for item in evalset.items[:2]] == [
        ("t0", "a", 1),
        ("t1", "b", 2),
    ]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_large_set_is_held_in_the_folder_that_is_named(tmp_path: Path) -> None:
    rows = [
        {"id": f"t{number}", "text": f"{number} " * 300, "label": "ab"[number % 2]} for number in range(1000)
    ]
    items = write_jsonl(tmp_path / "set" / "items.jsonl", rows)

    with pytest.raises(EvalSetError) as caught:
        load_evalset(items, read_settings=read_evalset_file, held_in=tmp_path / "nowhere")

    assert caught.value.problems == (
        "there is no room for the items in a temporary file: No such file or directory",
    )


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a system that lists open files")
def test_the_file_goes_when_the_items_go() -> None:
    kept_items = ItemFile(MANY)
    while_kept = unnamed_files()

    del kept_items
    gc.collect()

    assert unnamed_files() < while_kept


def unnamed_files() -> set[str]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them
            found.add(f"{entry.name} {entry.readlink()}")
    return {name for name in found if name.endswith("(deleted)")}


def test_no_room_for_the_file_is_told_as_such() -> None:
    def full(descriptor: int, block: memoryview) -> int:
        del descriptor, block
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(EvalSetError, match="no room for the items in a temporary file: No space left"):
        ItemFile(MANY, write=full)


def test_a_large_set_takes_few_bytes_of_memory_for_each_item(tmp_path: Path) -> None:
    rows = [
        {"id": f"t{number}", "text": f"{number} " * 100, "label": "ab"[number % 2]} for number in range(5000)
    ]
    path = write_jsonl(tmp_path / "items.jsonl", rows)
    load(path)  # What is made once and kept is no part of an item.
    tracemalloc.start()

    evalset = load(path)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held / len(evalset.items) < 50
    assert peak < 3_500_000


def test_different_targets_are_known_without_reading_where_they_are_few_texts() -> None:
    def targets_of(*targets: JsonValue) -> Collection[str] | None:
        items = [Item(f"i{number}", Prompt("x"), target) for number, target in enumerate(targets)]
        return few_targets(ItemFile(items))

    assert targets_of("a", None, "b", "a") == {"a", "b"}
    assert targets_of("a", ["b"]) is None
    assert targets_of(*map(str, range(2_000))) is None
    assert few_targets((Item("i", Prompt("x"), "a"),)) is None
