import pytest

from evalbench.core.evalset import JsonValue
from evalbench.providers.local.rewriting import REWRITES, best_rewrite


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("address", "anna dot berg at example dot org", "anna.berg@example.org"),
        ("address", "Anna.Berg (at) Example.org", "anna.berg@example.org"),
        ("joined", "SO-12 34\n5", "SO-12345"),
        ("digits", "+49 (30) 1234", "49301234"),
        ("decimal", "1,234.50 EUR", 1234.5),
        ("continental", "1.234,50 EUR", 1234.5),
        ("decimal", "no digits", None),
        ("iso_day_first", "31.03.2024", "2024-03-31"),
        ("iso_month_first", "3/31/24", "2024-03-31"),
        ("iso_day_first", "31 March 2024", "2024-03-31"),
        ("iso_day_first", "March 31, 2024", "2024-03-31"),
        ("iso_day_first", "2024-03-31", "2024-03-31"),
        ("iso_day_first", "32.03.2024", None),
        ("iso_day_first", "next week", None),
    ],
)
def test_text_is_rewritten(name: str, text: str, value: JsonValue) -> None:
    found = REWRITES[name](text)

    assert found == value


def test_the_least_meddling_way_wins_where_several_do_as_well() -> None:
    name, share = best_rewrite([(["abc", "x"], "abc"), (["def"], "def")])

    assert (name, share) == ("as_written", 1.0)


def test_the_way_that_reproduces_most_targets_is_found() -> None:
    name, share = best_rewrite([(["A B"], "ab"), (["C d"], "cd"), (["E"], "zzz")])

    assert name == "joined_lower"
    assert share == pytest.approx(2 / 3)


def test_a_number_is_no_text() -> None:
    name, _ = best_rewrite([(["12"], 12)])

    assert name == "decimal"
