"""Which labels were found and which were taken for others, per tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalbench.core.estimate import ClassScore, Confusion
from evalbench.reports import numbers
from evalbench.reports.plain_text import one_line

WIDEST_MATRIX = 25
_MOST_PAIRS = 20
_MOST_CLASSES = 60


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How well one label was found."""

    label: str
    precision: str
    recall: str
    f1: str
    support: str
    predicted: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One count, with its share of the row for shading in steps of a tenth."""

    count: str
    shade: int
    is_hit: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """All counts of one expected label."""

    label: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pair of labels that are mixed up, and how often."""

    expected: str
    read: str
    count: str


@dataclass(frozen=True, slots=True)
class Mistakes:
    """One tier's labels: a matrix when there are few, the commonest mix-ups when there are many."""

    tier: str
    classes: tuple[ClassRow, ...]
    classes_left_out: int
    columns: tuple[str, ...]
    matrix: tuple[MatrixRow, ...]
    pairs: tuple[Mistake, ...]


def mistakes(found: Confusion, *, with_texts: bool) -> Mistakes:
    """What `found` shows; without texts, labels go by their number in the eval set."""
    names = _names(found, with_texts=with_texts)
    classes = found.classes
    if len(classes) > _MOST_CLASSES:
        classes = tuple(sorted(classes, key=_worst_first)[:_MOST_CLASSES])
    is_small = len(found.rows) <= WIDEST_MATRIX
    return Mistakes(
        tier=one_line(found.tier),
        classes=tuple(_class_row(score, names) for score in classes),
        classes_left_out=len(found.classes) - len(classes),
        columns=tuple(names[label] for label in found.columns) if is_small else (),
        matrix=_matrix(found, names) if is_small else (),
        pairs=() if is_small else _pairs(found, names),
    )


def _names(found: Confusion, *, with_texts: bool) -> Mapping[str, str]:
    labels = dict.fromkeys((*found.rows, *found.columns, *(score.label for score in found.classes)))
    if with_texts:
        return {label: one_line(label) or "(empty)" for label in labels}
    known = {label: f"label {number}" for number, label in enumerate(found.rows, start=1)}
    others = (label for label in labels if label not in known)
    return known | dict.fromkeys(others, "(other)")


def _worst_first(score: ClassScore) -> tuple[float, int]:
    return (-1.0 if score.f1 is None else score.f1, -score.support)


def _class_row(found: ClassScore, names: Mapping[str, str]) -> ClassRow:
    return ClassRow(
        label=names[found.label],
        precision=_percent(found.precision),
        recall=_percent(found.recall),
        f1=_percent(found.f1),
        support=numbers.count(found.support),
        predicted=numbers.count(found.predicted),
    )


def _percent(share: float | None) -> str:
    return "undefined" if share is None else numbers.percent(share)


def _matrix(found: Confusion, names: Mapping[str, str]) -> tuple[MatrixRow, ...]:
    rows = []
    for label, counts in zip(found.rows, found.counts, strict=True):
        total = sum(counts) or 1
        cells = tuple(
            MatrixCell(numbers.count(count), round(10 * count / total), is_hit=column == label)
            for column, count in zip(found.columns, counts, strict=True)
        )
        rows.append(MatrixRow(names[label], cells))
    return tuple(rows)


def _pairs(found: Confusion, names: Mapping[str, str]) -> tuple[Mistake, ...]:
    pairs = [
        (count, row, column)
        for row, counts in zip(found.rows, found.counts, strict=True)
        for column, count in zip(found.columns, counts, strict=True)
        if count and row != column
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return tuple(
        Mistake(names[row], names[column], numbers.count(count)) for count, row, column in pairs[:_MOST_PAIRS]
    )
