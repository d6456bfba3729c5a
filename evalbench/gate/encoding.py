"""Scores and counts as short lines of text, so that a change of one item changes one line of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_MISSING = "-"
_NOTHING = "."
_PLAIN = re.compile(r"[01-]+")
_COUNT = re.compile(r"(\d+):(\d+(?:\.\d+)?)")
_WIDTH = 96
_ITEMS_A_LINE = (50, 25, 20, 10, 5, 4, 2, 1)
_DIGITS = 6


def rounded(score: float) -> float:
    """A score with the digits that a baseline keeps: both sides of a comparison are rounded alike."""
    return round(score, _DIGITS)


def score_lines(scores: Sequence[Sequence[float | None]]) -> list[str]:
    """Scores by item and repeat: `1`, `0` and `-` (missing) run together, others with commas."""
    return _lines([_score_token(row) for row in scores])


def count_lines(counts: Sequence[Sequence[float] | None]) -> list[str]:
    """The summands of a corpus metric by item, `PLACE:COUNT` for those that are not 0."""
    return _lines([_count_token(row) for row in counts])


def scores_from(lines: Sequence[str], repeats: int) -> list[tuple[float | None, ...]]:
    """The scores that `score_lines` wrote; a ValueError says which word is none."""
    return [_scores(token, repeats) for token in _tokens(lines)]


def counts_from(lines: Sequence[str], width: int) -> list[tuple[float, ...] | None]:
    """The summands that `count_lines` wrote; a ValueError says which word is none."""
    return [_counts(token, width) for token in _tokens(lines)]


def _lines(tokens: Sequence[str]) -> list[str]:
    widest = max(map(len, tokens), default=0) + 1
    each = next((size for size in _ITEMS_A_LINE if size * widest <= _WIDTH), 1)
    return [" ".join(tokens[start : start + each]) for start in range(0, len(tokens), each)]


def _score_token(row: Sequence[float | None]) -> str:
    if all(score is None or score in (0.0, 1.0) for score in row):
        return "".join(_MISSING if score is None else str(int(score)) for score in row)
    return ",".join(_MISSING if score is None else f"{score:.{_DIGITS}g}" for score in row)


def _count_token(row: Sequence[float] | None) -> str:
    if row is None:
        return _MISSING
    return ",".join(f"{place}:{count:.12g}" for place, count in enumerate(row) if count) or _NOTHING


def _tokens(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from line.split()


def _scores(token: str, repeats: int) -> tuple[float | None, ...]:
    parts = list(token) if _PLAIN.fullmatch(token) else token.split(",")
    try:
        found = tuple(None if part == _MISSING else float(part) for part in parts)
    except ValueError:
        raise ValueError(f"{token!r} is no score") from None
    if len(found) != repeats or not all(score is None or 0 <= score <= 1 for score in found):
        raise ValueError(f"{token!r} is not {repeats} scores from 0 to 1")
    return found


def _counts(token: str, width: int) -> tuple[float, ...] | None:
    if token == _MISSING:
        return None
    row = [0.0] * width
    for part in [] if token == _NOTHING else token.split(","):
        found = _COUNT.fullmatch(part)
        if found is None or int(found[1]) >= width:
            raise ValueError(f"{token!r} is no list of counts")
        row[int(found[1])] = float(found[2])
    return tuple(row)
