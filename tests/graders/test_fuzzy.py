from __future__ import annotations

import pytest

from evalbench.errors import InputError
from evalbench.graders.fuzzy import Fuzzy
from tests.build import make_item, make_task


def test_likeness_is_the_share_of_characters_that_stay() -> None:
    score = Fuzzy({}, make_task()).grade("colour", make_item(target="color"))

    assert score.value == pytest.approx(1 - 1 / 11)
    assert score.explanation == '91% like "color"'


@pytest.mark.parametrize(("threshold", "value"), [(0.9, 1.0), (0.95, 0.0)])
def test_a_threshold_makes_it_right_or_wrong(threshold: float, value: float) -> None:
    score = Fuzzy({"threshold": threshold}, make_task()).grade("colour", make_item(target="color"))

    assert score.value == value


def test_the_order_of_words_can_be_ignored() -> None:
    item = make_item(target="Jane Doe")

    assert Fuzzy({"order": "ignore"}, make_task()).grade("doe jane", item).value == 1.0
    assert Fuzzy({}, make_task()).grade("doe jane", item).value < 0.6


def test_case_counts_without_normalisation() -> None:
    item = make_item(target="ABC")

    assert Fuzzy({"normalize": "none"}, make_task()).grade("abc", item).value == 0.0
    assert Fuzzy({}, make_task()).grade("abc", item).value == 1.0


def test_two_empty_texts_are_alike() -> None:
    assert Fuzzy({}, make_task()).grade("", make_item(target="")).value == 1.0


def test_a_threshold_above_one_is_refused() -> None:
    with pytest.raises(InputError, match="number from 0 to 1"):
        Fuzzy({"threshold": 90}, make_task())


def test_two_very_different_long_texts_take_no_long_time() -> None:
    target = "ab" * 45_000

    assert Fuzzy({}, make_task()).grade("ba" * 45_000, make_item(target=target)).value > 0.99
