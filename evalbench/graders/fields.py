"""Compare two JSON values field by field, and count what agrees, is missing and is extra."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evalbench.core.evalset import JsonValue
from evalbench.graders.forms import Reader, agree
from evalbench.graders.json_text import as_json
from evalbench.graders.text import shown

_MOST_COMPARISONS = 300_000
_MOST_PAIRS = 40_000
_MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many fields agree, are only in the answer, or only in the target; `notes` name some."""

    right: int = 0
    extra: int = 0
    missing: int = 0
    notes: tuple[str, ...] = ()

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.right + other.right,
            self.extra + other.extra,
            self.missing + other.missing,
            (self.notes + other.notes)[:_MOST_NOTES],
        )

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1.0 when there is nothing to find or say."""
        weight = 2 * self.right + self.extra + self.missing
        return 2 * self.right / weight if weight else 1.0


@dataclass(slots=True)
class FieldComparison:
    """Compares values whose strings are brought into one form by `form`.

    The values of fields in `readers`, by their path without signs for lists (`lines.price`), are read
    by these instead; what cannot be read is compared like any other value.

    Objects are compared key by key. Lists are compared without regard to order: entries are
    paired so that as many fields as possible agree (the assignment problem; Kuhn 1955). An empty
    object or list inside another counts as one field. Work is bounded: the entries of two very
    long lists that share little are paired in order, and what would still need too many
    comparisons is refused with a ValueError.
    """

    form: Callable[[str], str]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    _left: int = field(default=_MOST_COMPARISONS, init=False)
    _read: dict[tuple[str, str], Hashable | None] = field(default_factory=dict, init=False)

    def compare(self, answer: JsonValue, target: JsonValue) -> Agreement:
        """What an answer's whole object or list shares with the target's."""
        self._left = _MOST_COMPARISONS
        self._read.clear()
        if answer and target:
            return self._compare(answer, target, "")
        return _extra([answer] if answer else [], "") + _missing([target] if target else [], "")

    def _compare(self, answer: JsonValue, target: JsonValue, path: str) -> Agreement:
        self._spend(1)
        if isinstance(answer, dict) and isinstance(target, dict) and answer and target:
            return self._objects(answer, target, path)
        if isinstance(answer, list) and isinstance(target, list) and answer and target:
            return self._lists(answer, target, path)
        place = path.replace("[]", "")
        if agree(self._key(answer, place), self._key(target, place)):
            return Agreement(1)
        note = f"{path or 'value'} is {shown_value(answer)}, expected {shown_value(target)}"
        return Agreement(0, _leaves(answer), _leaves(target), (note,))

    def _objects(self, answer: dict[str, JsonValue], target: dict[str, JsonValue], path: str) -> Agreement:
        found = Agreement()
        for key, wanted in target.items():
            place = f"{path}.{key}" if path else key
            if key in answer:
                found += self._compare(answer[key], wanted, place)
            else:
                found += _missing([wanted], place)
        for key, entry in answer.items():
            if key not in target:
                found += _extra([entry], f"{path}.{key}" if path else key)
        return found

    def _lists(self, answer: list[JsonValue], target: list[JsonValue], path: str) -> Agreement:
        place = f"{path}[]"
        # Equal entries belong together in some best pairing, and finding them is cheap.
        right, extra, missing = self._shared(answer, target, place.replace("[]", ""))
        found = Agreement(right)
        if len(extra) * len(missing) > _MOST_PAIRS:
            found += Agreement(
                notes=(f"{place} is too long to pair its entries, so they are taken in order",)
            )
        pairs = self._best_pairs(extra, missing, place)
        for row, column in pairs:
            found += self._compare(extra[row], missing[column], place)
        rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
        unpaired = [entry for number, entry in enumerate(extra) if number not in rows]
        unmet = [entry for number, entry in enumerate(missing) if number not in columns]
        return found + _extra(unpaired, place) + _missing(unmet, place)

    def _shared(
        self, answer: list[JsonValue], target: list[JsonValue], place: str
    ) -> tuple[int, list[JsonValue], list[JsonValue]]:
        """The fields of entries that are in both, and the entries left over on each side."""
        self._spend(len(answer) + len(target))
        wanted: dict[Hashable, list[JsonValue]] = defaultdict(list)
        for entry in target:
            wanted[self._key(entry, place)].append(entry)
        right, extra = 0, []
        for entry in answer:
            if alike := wanted.get(self._key(entry, place)):
                right += _leaves(alike.pop())
            else:
                extra.append(entry)
        return right, extra, [entry for left in wanted.values() for entry in left]

    def _best_pairs(
        self, extra: list[JsonValue], missing: list[JsonValue], place: str
    ) -> list[tuple[int, int]]:
        can_share = all(any(map(_has_fields, side)) for side in (extra, missing))
        if not can_share or len(extra) * len(missing) > _MOST_PAIRS:
            return list(zip(range(len(extra)), range(len(missing)), strict=False))
        from scipy.optimize import linear_sum_assignment

        gains = [[self._compare(entry, wanted, place).right for wanted in missing] for entry in extra]
        rows, columns = linear_sum_assignment(gains, maximize=True)
        return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]

    def _spend(self, comparisons: int) -> None:
        self._left -= comparisons
        if self._left < 0:
            raise ValueError("is too large to compare field by field")

    def _key(self, value: JsonValue, place: str) -> Hashable:
        """Equal for values that count as equal, and only for these."""
        if place in self.readers and (found := self._reading(value, place)) is not None:
            return found
        if isinstance(value, str):
            return ("text", self.form(value))
        if isinstance(value, dict):
            inner = f"{place}." if place else ""
            return (
                "object",
                frozenset((key, self._key(entry, f"{inner}{key}")) for key, entry in value.items()),
            )
        if isinstance(value, list):
            return ("list", frozenset(Counter(self._key(entry, place) for entry in value).items()))
        return (isinstance(value, Decimal), value)

    def _reading(self, value: JsonValue, place: str) -> Hashable | None:
        reader = self.readers[place]
        if not isinstance(value, str):
            return reader.read(value)
        if (place, value) not in self._read:
            self._spend(reader.effort(value))
            self._read[place, value] = reader.read(value)
        return self._read[place, value]


def shown_value(value: JsonValue) -> str:
    """A parsed value in short."""
    return shown(value, 40) if isinstance(value, str) else as_json(value)[:40]


def leaves(value: JsonValue, place: str) -> Iterator[tuple[str, JsonValue]]:
    """The single values inside a value, each with its path; lists leave no sign in it."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(entry, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for entry in value:
            yield from leaves(entry, place)
    else:
        yield place, value


def _leaves(value: JsonValue) -> int:
    """The number of fields in a value."""
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(_leaves, entries)) or 1


def _has_fields(value: JsonValue) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _missing(values: Sequence[JsonValue], path: str) -> Agreement:
    return Agreement(missing=sum(map(_leaves, values)), notes=_notes("missing", path, values))


def _extra(values: Sequence[JsonValue], path: str) -> Agreement:
    return Agreement(extra=sum(map(_leaves, values)), notes=_notes("extra", path, values))


def _notes(kind: str, path: str, values: Sequence[JsonValue]) -> tuple[str, ...]:
    return tuple(f"{kind} {path or 'all'}: {shown_value(value)}" for value in values[:_MOST_NOTES])
