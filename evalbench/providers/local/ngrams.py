"""Turn text into weighted words and word parts, fast enough for one text at a time."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Columns: TypeAlias = npt.NDArray[np.int32]

Analyze: TypeAlias = Callable[[str], list[str]]
"""Cuts a text into the terms that are counted."""

_MANY_TEXTS = 500
_WORD = re.compile(r"\w+|[^\w\s]")


def words(text: str) -> list[str]:
    """The words and signs of a text in lower case."""
    return _WORD.findall(text.lower())


def word_pairs(text: str) -> list[str]:
    """The words of a text, and each two that follow one another."""
    single = words(text)
    return single + [f"{left} {right}" for left, right in pairwise(single)]


def word_parts(text: str) -> list[str]:
    """Every three to five letters in a row within a word, its edges included."""
    return [part for word in words(text) for part in _parts(word)]


@lru_cache(maxsize=50_000)
def _parts(word: str) -> tuple[str, ...]:
    edged = f" {word} "
    return tuple(
        edged[start : start + size] for size in (3, 4, 5) for start in range(max(1, len(edged) - size + 1))
    )


@dataclass(frozen=True, slots=True)
class Weighing:
    """Terms with their columns and weights: log term frequency times inverse document frequency.

    Rows have length one (Salton and Buckley 1988). Of many training texts, terms seen in
    only one are left out.
    """

    analyze: Analyze
    columns: dict[str, int]
    weights: list[float]
    offset: int = 0

    @classmethod
    def learn(cls, analyze: Analyze, counted: Sequence[Counter[str]], offset: int = 0) -> Weighing:
        """The weighing of texts whose terms have been counted."""
        frequency: Counter[str] = Counter()
        for terms in counted:
            frequency.update(terms.keys())
        fewest = 1 if len(counted) < _MANY_TEXTS else 2
        kept = [term for term, count in frequency.items() if count >= fewest]
        weights = [math.log((1 + len(counted)) / (1 + frequency[term])) + 1 for term in kept]
        return cls(analyze, {term: column for column, term in enumerate(kept)}, weights, offset)

    def row(self, text: str) -> tuple[list[int], list[float]]:
        """The columns and values of one text."""
        return self.row_of(Counter(self.analyze(text)))

    def row_of(self, terms: Counter[str]) -> tuple[list[int], list[float]]:
        """The columns and values of one text whose terms have been counted."""
        columns: list[int] = []
        values: list[float] = []
        for term, count in terms.items():
            column = self.columns.get(term)
            if column is not None:
                columns.append(column + self.offset)
                weight = self.weights[column]
                values.append(weight if count == 1 else weight * (1 + math.log(count)))
        length = math.sqrt(math.fsum(value * value for value in values)) or 1.0
        return columns, [value / length for value in values]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Several weighings side by side, each of the same total weight."""

    weighings: tuple[Weighing, ...]

    @classmethod
    def learn(cls, texts: Sequence[str], analyzers: Sequence[Analyze]) -> tuple[Vectors, Any]:
        """The vectors of texts: how to make more, and the sparse matrix of these."""
        weighings: list[Weighing] = []
        rows: list[tuple[list[int], list[float]]] = [([], []) for _ in texts]
        offset = 0
        for analyze in analyzers:
            counted = [Counter(analyze(text)) for text in texts]
            weighing = Weighing.learn(analyze, counted, offset)
            weighings.append(weighing)
            offset += len(weighing.weights)
            for (columns, values), terms in zip(rows, counted, strict=True):
                more_columns, more_values = weighing.row_of(terms)
                columns.extend(more_columns)
                values.extend(more_values)
        return cls(tuple(weighings)), sparse_matrix(rows, max(offset, 1))

    def row(self, text: str) -> tuple[Columns, Floats]:
        """The columns and values of one text."""
        columns: list[int] = []
        values: list[float] = []
        for weighing in self.weighings:
            more_columns, more_values = weighing.row(text)
            columns.extend(more_columns)
            values.extend(more_values)
        return np.array(columns, np.int32), np.array(values, np.float32)


def hashed_counts(terms: Iterable[str], buckets: int) -> tuple[list[int], list[float]]:
    """Log counts of terms by bucket, without a vocabulary (feature hashing; Weinberger et al. 2009)."""
    counts = Counter(zlib.crc32(term.encode()) % buckets for term in terms)
    return list(counts), [1 + math.log(count) for count in counts.values()]


def weighted(table: Floats, columns: Columns, values: Floats) -> Floats:
    """The sum of the table's rows in `columns`, each times its value."""
    # Not a matrix product: for one text, a second thread would cost more than it brings.
    found: Floats = np.einsum("i,ij->j", values, table[columns])
    return found


def sparse_matrix(rows: Sequence[tuple[Sequence[int], Sequence[float]]], width: int) -> Any:
    """Rows of columns and values as one compressed matrix."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.fromiter((column for found, _ in rows for column in found), np.int32, ends[-1])
    values = np.fromiter((value for _, found in rows for value in found), np.float32, ends[-1])
    return csr_matrix((values, columns, ends), shape=(len(rows), width))
