from __future__ import annotations

import tracemalloc

from evalbench.core.plan import Slot
from evalbench.runner.works import Work, Works

WORKS = [
    Work(
        Slot(3, tier, item, repeat),
        bytes([tier, item, repeat]) * 10 + b"xy",
        item == 1,
        100 + item,
        400 + tier,
    )
    for repeat in range(2)
    for item in range(3)
    for tier in range(2)
]


def filled(works: list[Work]) -> Works:
    found = Works(3)
    for work in works:
        found.add(work)
    return found


def test_works_come_back_as_they_were_in_order() -> None:
    works = filled(WORKS)

    assert list(works) == WORKS
    assert works[-1] == WORKS[-1]
    assert works[2:7:2] == WORKS[2:7:2]


def test_the_works_of_some_tiers_keep_their_order() -> None:
    assert list(filled(WORKS).of_tiers({1})) == [work for work in WORKS if work.slot.tier == 1]


def test_the_sizes_of_a_tier_are_those_of_its_own_questions() -> None:
    sizes = filled(WORKS).sizes(1)

    assert (sizes.calls, sizes.sent_bytes, sizes.most_input_tokens) == (6, 606, {401: 6})
    assert filled(WORKS).sizes(2).calls == 0


def test_a_plan_of_many_trials_takes_few_bytes_for_each() -> None:
    works = Works(0)
    tracemalloc.start()

    for number in range(20_000):
        works.add(
            Work(Slot(0, 0, number, 0), number.to_bytes(32), sent_bytes=number, most_input_tokens=number)
        )
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held / len(works) < 80
