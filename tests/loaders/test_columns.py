from __future__ import annotations

import shlex

import pytest

from evalbench.loaders.codes import is_id_name
from evalbench.loaders.columns import find_columns
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row


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


def rows_of(**columns: list[str]) -> list[Row]:
    return [
        Row(number, dict(zip(columns, values, strict=True)))
        for number, values in enumerate(zip(*columns.values(), strict=True), 1)
    ]


MAILS = ["my card is broken", "send me the bill again", "why was I charged twice"]


@pytest.mark.parametrize("name", ["ticket", "message", "Question"])
def test_a_column_of_short_unique_codes_is_no_input_beside_longer_texts(name: str) -> None:
    rows = rows_of(**{name: ["T-0001", "T-0002", "T-0003"], "body": MAILS, "label": ["a", "b", "a"]})

    columns, inferred = find_columns({}, list(rows[0].values), "tickets.csv", Problems(), rows)

    assert columns.input == "body"
    assert f"input: column 'body', by its name; {name!r} holds codes" in inferred


def test_texts_in_a_column_of_no_usual_name_are_the_only_ones_left_beside_codes() -> None:
    rows = rows_of(ticket=["17", "18", "19"], Nachricht=MAILS, label=["a", "b", "a"])

    columns, _ = find_columns({}, list(rows[0].values), "tickets.csv", Problems(), rows)

    assert columns.input == "Nachricht"


def test_codes_are_the_input_where_nothing_else_holds_texts() -> None:
    rows = rows_of(
        ticket=["T-0001", "T-0002", "T-0003"], colour=["red", "blue", "red"], label=["a", "b", "a"]
    )

    columns, _ = find_columns({}, list(rows[0].values), "tickets.csv", Problems(), rows)

    assert columns.input == "ticket"


def test_a_right_answer_in_words_does_not_make_codes_of_short_inputs() -> None:
    rows = rows_of(query=["17", "18", "19"], answer=MAILS)

    columns, _ = find_columns({}, list(rows[0].values), "numbers.csv", Problems(), rows)

    assert (columns.input, columns.target) == ("query", "answer")


def test_the_fix_for_an_unknown_input_names_the_longest_texts_and_can_be_pasted() -> None:
    rows = rows_of(**{"Ticket #": ["T-1", "T-2", "T-3"], "Nachricht (voll)": MAILS, "CSAT": ["1", "2", "3"]})
    problems = Problems()

    find_columns({}, list(rows[0].values), "tickets.csv", problems, rows)

    assert problems.fix is not None
    assert shlex.split(problems.fix.partition(", or")[0])[-2:] == ["--input", "Nachricht (voll)"]
    assert '{input: "Nachricht (voll)"}' in problems.fix


@pytest.mark.parametrize(
    ("name", "is_id"),
    [
        *(
            (name, True)
            for name in ("Ticket #", "order no", "Kunden-Nr.", "user_id", "orderId", "number", "№")
        ),
        *((name, False) for name in ("paid", "casino", "piano", "avoid", "notes", "text")),
    ],
)
def test_names_of_ids_are_told_from_words_that_end_like_them(name: str, is_id: bool) -> None:  # noqa: FBT001 - a parameter
    assert is_id_name(name) is is_id
