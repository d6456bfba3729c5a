from __future__ import annotations

import pytest

from evalbench.graders.csv_text import by_header, read_csv


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a,b\r\n1,2", 'a,"b"\n"1","2"\n\n', "a,b\r1,2\r"])
def test_quoting_and_line_ends_make_no_difference(text: str) -> None:
    assert read_csv(text) == [["a", "b"], ["1", "2"]]


def test_text_is_kept_as_it_is() -> None:
    assert read_csv('007,NA," x","say ""hi"""') == [["007", "NA", " x", 'say "hi"']]


def test_broken_quoting_is_refused() -> None:
    with pytest.raises(ValueError, match="not CSV"):
        read_csv('a,"b"c')


def test_columns_can_be_put_in_the_order_of_their_names() -> None:
    assert by_header([["b", "a"], ["1", "2"], ["ragged"]]) == [["a", "b"], ["2", "1"], ["ragged"]]
