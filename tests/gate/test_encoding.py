from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.gate.encoding import count_lines, counts_from, rounded, score_lines, scores_from

SCORE = st.one_of(st.none(), st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(rounded))


@given(
    st.integers(1, 4).flatmap(lambda repeats: st.lists(st.lists(SCORE, min_size=repeats, max_size=repeats)))
)
def test_scores_come_back_as_they_were(rows: list[list[float | None]]) -> None:
    repeats = len(rows[0]) if rows else 1

    assert scores_from(score_lines(rows), repeats) == [tuple(row) for row in rows]


@given(st.lists(st.one_of(st.none(), st.lists(st.integers(0, 10**7).map(float), min_size=6, max_size=6))))
def test_counts_come_back_as_they_were(rows: list[list[float] | None]) -> None:
    assert counts_from(count_lines(rows), 6) == [None if row is None else tuple(row) for row in rows]


@given(st.lists(st.lists(SCORE, min_size=3, max_size=3), max_size=300))
def test_lines_stay_short(rows: list[list[float | None]]) -> None:
    assert all(len(line) <= 100 for line in score_lines(rows))


def test_one_changed_item_changes_one_line() -> None:
    rows = [[1.0, 0.0, 1.0]] * 500
    changed = [*rows[:250], [0.0, 0.0, 1.0], *rows[251:]]

    pairs = zip(score_lines(rows), score_lines(changed), strict=True)

    assert sum(one != other for one, other in pairs) == 1


def test_scores_read_as_one_would_write_them() -> None:
    assert score_lines([[1, 1, 0], [1, None, 1], [0.5, 1, None]]) == ["110 1-1 0.5,1,-"]


@pytest.mark.parametrize("word", ["2", "x", "11", "nan", "1.5", "-1", "0.5,0.5", "1e9"])
def test_a_word_that_is_no_score_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"no score|not 1 scores"):
        scores_from([word], 1)


@pytest.mark.parametrize("word", ["9:1", "a", "1:", "1:-1", "1"])
def test_a_word_that_is_no_count_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no list of counts"):
        counts_from([word], 3)
