"""Longest common subsequences of whole summaries, sentence by sentence: what ROUGE-Lsum counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

Sentences = Sequence[Sequence[str]]


def words_in_common(answer: Sentences, target: Sentences) -> int:
    """How many words of the target's sentences stand, in order, in sentences of the answer (Lin 2004, 3.2).

    For each sentence of the target the union of its longest common subsequences with all sentences of
    the answer; no word counts more often than either text has it, as in ROUGE 1.5.5. Where there are
    several longest subsequences, the one is taken that the package rouge-score takes.
    """
    left = Counter(word for sentence in answer for word in sentence)
    wanted = Counter(word for sentence in target for word in sentence)
    left &= wanted
    distinct = list(dict.fromkeys(map(tuple, answer)))
    common = 0
    for sentence in target:
        places = {place for other in distinct for place in _common_places(sentence, other)}
        for place in sorted(places):
            if left[sentence[place]] > 0:
                left[sentence[place]] -= 1
                common += 1
    return common


def _common_places(words: Sequence[str], others: Sequence[str]) -> Iterator[int]:
    """The places in `words` of one longest common subsequence with `others`, from the last.

    A row of the usual table is kept as the bits where it grows, so that each takes a few operations on
    whole numbers (Crochemore et al. 2001), and the way back reads lengths off by counting bits.
    """
    rows = _rows(words, others)
    place, other = len(words), len(others)
    while place and other:
        if words[place - 1] == others[other - 1]:
            place, other = place - 1, other - 1
            yield place
        elif _length(rows[place], other) > _length(rows[place - 1], other):
            other -= 1
        else:
            place -= 1


def _rows(words: Sequence[str], others: Sequence[str]) -> list[int]:
    """Row by row of the table: bit j is set where `others[: j + 1]` has a longer one than `others[:j]`."""
    whole = (1 << len(others)) - 1
    matches: dict[str, int] = {}
    for number, word in enumerate(others):
        matches[word] = matches.get(word, 0) | (1 << number)
    flat, rows = whole, [0]
    for word in words:
        met = flat & matches.get(word, 0)
        flat = ((flat + met) | (flat - met)) & whole
        rows.append(whole & ~flat)
    return rows


def _length(row: int, until: int) -> int:
    return (row & ((1 << until) - 1)).bit_count()
