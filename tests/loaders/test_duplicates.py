from __future__ import annotations

import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalbench.loaders.duplicates import (
    SIMILARITY,
    Index,
    Repetitions,
    Templates,
    alike,
    equal_pairs,
    families,
    near_pairs,
    same_form,
    words_form,
)

DATA = Path(__file__).parents[3] / "shared" / "data" / "plain"


def templates_of(texts: Sequence[str | None]) -> dict[int, int]:
    templates = Templates()
    for number, text in enumerate(texts):
        if text is not None:
            templates.add(number, text)
    return templates.found


def test_case_and_spacing_do_not_make_another_text() -> None:
    assert equal_pairs(["Hello  World ", "bye"], ["x", "hello world"]) == {0: 1}


def test_punctuation_makes_another_text_but_a_near_one() -> None:
    first, second = ["My card hasn't arrived yet!"], ["my card hasn't arrived yet"]

    assert equal_pairs(first, second) == {}
    assert near_pairs(first, second) == {0: 0}


def test_a_repetition_points_to_the_earliest() -> None:
    found: dict[int, int] = {}
    repetitions = Repetitions(found)

    told = [repetitions.repeats(number, text) for number, text in enumerate(["a", "b", "A", "c", " a"])]

    assert told == [False, False, True, False, True]
    assert found == {2: 0, 4: 0}


@pytest.mark.parametrize(
    ("first", "second", "is_near"),
    [
        ("The exchange rate on my purchase is wrong.", "This exchange rate on my purchase is wrong.", True),
        ("How do I locate my card?", "How do I lock my phone?", False),
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen sixteen",
            True,
        ),
        (
            "one two three four five six seven eight nine ten eleven twelve",
            "twelve eleven ten nine eight seven six five four three two one",
            False,
        ),
        ("???", "!!!", False),
        ("", "", False),
    ],
)
def test_near_texts_share_most_of_their_shingles(first: str, second: str, *, is_near: bool) -> None:
    assert bool(near_pairs([first], [second])) is is_near


def _similarity(first: str, second: str) -> float:
    """The definition, without any index: the larger similarity of word and of character shingles."""
    found = 0.0
    texts = [words_form(first), words_form(second)]
    counts = [len(text.split()) for text in texts]
    if all(texts) and max(counts) <= 8:
        sets = [{text[n : n + 5] for n in range(max(1, len(text) - 4))} for text in texts]
        found = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    if min(counts) >= 7:
        words = [text.split() for text in texts]
        grams = [{tuple(one[n : n + 3]) for n in range(len(one) - 2)} for one in words]
        found = max(found, len(grams[0] & grams[1]) / len(grams[0] | grams[1]))
    return found


_WORDS = st.lists(st.sampled_from(["pay", "card", "bill", "late", "open", "fix"]), max_size=14).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(_WORDS, max_size=6), st.lists(_WORDS, max_size=6))
def test_the_index_finds_exactly_what_comparing_all_pairs_finds(first: list[str], second: list[str]) -> None:
    expected = {
        number
        for number, text in enumerate(first)
        if any(_similarity(text, other) >= SIMILARITY - 1e-9 for other in second)
    }

    assert set(near_pairs(first, second)) == expected


@settings(deadline=None, max_examples=60)
@given(st.lists(_WORDS, max_size=8))
def test_texts_alike_within_a_set_are_exactly_those_that_comparing_all_pairs_finds(texts: list[str]) -> None:
    expected = {
        number
        for number, text in enumerate(texts)
        if any(
            _similarity(text, other) >= SIMILARITY - 1e-9 for at, other in enumerate(texts) if at != number
        )
    }

    found = alike(texts)

    assert set(found) == expected
    assert all(number != other for number, other in found.items())


@settings(deadline=None, max_examples=60)
@given(st.lists(_WORDS, max_size=10))
def test_families_are_what_near_texts_join_directly_or_by_way_of_others(texts: list[str]) -> None:
    expected = list(range(len(texts)))
    for number, other in combinations(range(len(texts)), 2):
        if _similarity(texts[number], texts[other]) >= SIMILARITY - 1e-9:
            one, two = sorted((expected[number], expected[other]))
            expected = [one if first == two else first for first in expected]

    assert families(texts) == expected


def test_of_thousands_of_texts_by_one_template_hardly_any_are_compared() -> None:
    order = [f"where{place}" for place in range(20)]
    sets = [{*order, *(f"{number} {place}" for place in range(3))} for number in range(3000)]

    index = Index(sets, Counter(chain.from_iterable(sets)))

    candidates = [list(chain.from_iterable(index.candidates(members))) for members in sets]
    assert [set(found) for found in candidates] == [{number} for number in range(3000)]


def test_a_template_filled_with_other_numbers_is_recognized_in_all_its_copies() -> None:
    texts = [
        "Ship 12 boxes of tea, now!",
        "hello",
        None,
        "ship 7.5 boxes of tea now",
        "Ship 3 boxes of tea now",
    ]

    assert templates_of(texts) == {0: 3, 3: 0, 4: 0}


def test_a_long_template_is_recognized_by_its_letters() -> None:
    words = "the parcel that I ordered came late again " * 8
    texts = [f"{words} No. {number}: {'-' * number} {words.upper()}" for number in (7, 31)]

    assert templates_of([*texts, f"{words} other", "x" * 300]) == {0: 1, 1: 0}


def test_texts_that_are_little_but_their_numbers_have_no_template() -> None:
    assert templates_of(["What is 1 + 1?", "What is 2 + 3?"]) == {}


def test_a_template_in_another_script_is_one_too() -> None:
    assert templates_of(["Bitte zähle 3 große Äpfel", "bitte zähle 44 große äpfel"]) == {0: 1, 1: 0}


def test_thousands_of_real_texts_are_compared_in_seconds() -> None:
    if not DATA.is_dir():
        pytest.skip("the shared data sets are not beside this checkout")
    test, train = (
        [json.loads(line)["input"] for line in (DATA / name).read_text("utf-8").splitlines()]
        for name in ("banking77-test.jsonl", "banking77-train.jsonl")
    )
    started = time.process_time()

    equal, near = equal_pairs(test, train), near_pairs(test, train)

    assert time.process_time() - started < 10
    assert len(equal) < len(near) < 200
    assert set(equal) <= set(near)


def test_forms_are_stable_under_themselves() -> None:
    text = "\uff21  Straße\u00a0№ 5 — İstanbul"

    assert same_form(same_form(text)) == same_form(text)


@given(st.text() | st.text(st.sampled_from("aB \t\n\v\f\r\x1c\x1d\x1e\x1f\x00\x7fé\u00a0")))
def test_the_form_is_without_any_spacing_that_a_pattern_would_find(text: str) -> None:
    plain = unicodedata.normalize("NFKC", text).casefold()

    assert same_form(text) == re.sub(r"\s+", " ", plain).strip()
