from __future__ import annotations

import pytest

from evalbench.loaders.columns import find_columns
from evalbench.loaders.problems import Problems


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (("text", "label"), ("text", "label")),
        (("ticket_text", "category"), ("ticket_text", "category")),
        (("Customer Message", "true_label", "date"), ("Customer Message", "true_label")),
        (("emailBody", "expectedIntent"), ("emailBody", "expectedIntent")),
        (("rezension", "label"), ("rezension", "label")),
    ],
)
def test_columns_are_found_by_habit_by_their_last_word_or_because_one_is_left(
    present: tuple[str, ...], expected: tuple[str, str]
) -> None:
    problems = Problems()

    columns, _ = find_columns({}, present, "tickets.csv", problems)

    assert not problems.found
    assert (columns.input, columns.target) == expected


def test_two_columns_that_would_do_as_well_are_not_guessed_between() -> None:
    problems = Problems()

    find_columns({}, ("short_text", "long_text", "label"), "tickets.csv", problems)

    assert "no column is named as inputs usually are" in problems.found[0]
    assert problems.fix is not None
    assert "--input short_text" in problems.fix
