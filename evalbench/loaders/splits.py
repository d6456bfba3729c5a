"""Check the test items against themselves and against train: what leaks makes every score a lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalbench.core.evalset import Item
from evalbench.loaders.duplicates import (
    MAX_OWN_CHARACTERS,
    MAX_TEXTS,
    alike,
    equal_pairs,
    near_pairs,
)
from evalbench.loaders.items import Split
from evalbench.loaders.likes import text_of
from evalbench.loaders.problems import Problems

MOST_COMPARED = 5_000
"""Among more items than these only those are looked for that differ in numbers and punctuation alone."""

NOTEWORTHY = 0.05
"""Fewer near duplicates than this share of the items change hardly anything."""

_MOST_CHARACTERS = 12_000_000


def check_splits(test: Split, train: Split | None, problems: Problems) -> None:
    """Note ids and groups in both splits as problems, leaking and repeated inputs as warnings."""
    _warn_of_repetitions_and_likes(test, problems)
    if train is None:
        return
    if test.has_ids and train.has_ids:
        _check_shared("id", {item.id: item.line for item in train.items}, test, problems)
    groups = {item.group: item.line for item in train.items if item.group is not None}
    if groups:
        _check_shared("group", groups, test, problems)
    _warn_of_leaks(test.items, train.items, problems)


def _warn_of_repetitions_and_likes(test: Split, problems: Problems) -> None:
    """Warn of items that are equal to others, or variations of them that no group says they are."""
    items, noticed = test.items, test.likes
    repeated, likes = noticed.repeated, noticed.templates.found
    if len(items) <= MOST_COMPARED:
        is_left_out = (number in repeated or item.group is not None for number, item in enumerate(items))
        texts = [None if out else text_of(item) for out, item in zip(is_left_out, items, strict=True)]
        likes |= _alike(texts)
    if repeated:
        number, other = next(iter(repeated.items()))
        problems.warn(
            f"{len(repeated)} of {len(items)} items repeat the input of an earlier one "
            f"(for example {items[number].id!r} that of {items[other].id!r})"
        )
    if likes and len(likes) >= NOTEWORTHY * len(items):
        number, other = min(likes.items())
        problems.warn(
            f"{len(likes):,} of {len(items):,} items are nearly equal to another one (for example "
            f"{items[number].id!r} and {items[other].id!r}): give a `group` column so that they count as one"
        )


def _alike(texts: Sequence[str | None]) -> dict[int, int]:
    looked_at = [(number, text) for number, text in enumerate(texts) if text is not None]
    if sum(len(text) for _, text in looked_at) > MAX_OWN_CHARACTERS:
        return {}
    numbers = [number for number, _ in looked_at]
    return {numbers[own]: numbers[other] for own, other in alike([text for _, text in looked_at]).items()}


def _check_shared(word: str, known: Mapping[str, int | None], test: Split, problems: Problems) -> None:
    told: set[str] = set()
    for item in test.items:
        value = item.id if word == "id" else item.group
        if value is None or value in told or value not in known:
            continue
        told.add(value)
        problems.add(
            test.place,
            item.line,
            f"the {word} {value!r} is in train too (line {known[value]})",
            f"keep all rows of one {word} in one of the two files.",
        )


def _warn_of_leaks(items: Sequence[Item], train: Sequence[Item], problems: Problems) -> None:
    equal = equal_pairs(map(text_of, items), map(text_of, train))
    if equal:
        problems.warn(f"{_example('equal', equal, items, train)}: train leaks into the test")
    found = _texts_of([items, train])
    if found is None:
        problems.note("nearly equal inputs in items and train were not looked for: there are too many texts")
        return
    texts, known = found
    others = [number for number in range(len(texts)) if number not in equal]
    near = near_pairs([texts[number] for number in others], known)
    if near:
        pairs = {others[number]: other for number, other in near.items()}
        problems.warn(f"{_example('nearly equal', pairs, items, train)}: train leaks into the test")


def _texts_of(splits: Sequence[Sequence[Item]]) -> list[list[str]] | None:
    """The texts of each split; None where they are too many or too long to be compared."""
    if sum(map(len, splits)) > MAX_TEXTS:
        return None
    characters = 0
    found: list[list[str]] = []
    for split in splits:
        texts = []
        for item in split:
            texts.append(text_of(item))
            characters += len(texts[-1])
            if characters > _MOST_CHARACTERS:
                return None
        found.append(texts)
    return found


def _example(word: str, pairs: Mapping[int, int], items: Sequence[Item], train: Sequence[Item]) -> str:
    number, other = next(iter(pairs.items()))
    return (
        f"{len(pairs)} of {len(items)} items have an input that is {word} to one in train "
        f"(for example {items[number].id!r} and {train[other].id!r})"
    )
