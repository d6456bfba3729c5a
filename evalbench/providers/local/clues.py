"""What speaks for or against a piece of text being the value of a field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evalbench.providers.local.passages import Candidate, Passage, shape

_NEAR = 4
_SHORT_TEXT = 3


class Clues:
    """The clues in one passage, each looked up once although candidates and fields share them."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self._shared = [f"mark {mark}" for mark in passage.marks]
        self._shared.append(f"length {min(len(passage.words), _SHORT_TEXT + 1)}")
        self._before: dict[int, list[str]] = {}
        self._behind: dict[int, list[str]] = {}
        self._looks: dict[tuple[int, int], list[str]] = {}

    def of(self, candidates: Sequence[Candidate], wanted: Iterable[int] | None = None) -> list[list[str]]:
        """The clues of the candidates, or only of those at the wanted places."""
        first_of: dict[str, int] = {}
        last_of: dict[str, int] = {}
        for number, candidate in enumerate(candidates):
            for name in candidate.patterns:
                first_of.setdefault(name, number)
                last_of[name] = number
        numbers = range(len(candidates)) if wanted is None else wanted
        return [
            [*_place(candidates[number], number, first_of, last_of), *self._clues(candidates[number])]
            for number in numbers
        ]

    def _clues(self, candidate: Candidate) -> list[str]:
        first, after = self.passage.places(candidate)
        if first not in self._before:
            self._before[first] = list(_before(self.passage, first, candidate.start))
        if after not in self._behind:
            self._behind[after] = list(_behind(self.passage, after))
        span = candidate.start, candidate.end
        if span not in self._looks:
            self._looks[span] = list(_look(self.passage, candidate, first, after))
        return [*self._shared, *self._before[first], *self._behind[after], *self._looks[span]]


def _place(
    candidate: Candidate, number: int, first_of: dict[str, int], last_of: dict[str, int]
) -> Iterator[str]:
    for name in candidate.patterns:
        yield f"is {name}"
        if first_of[name] == number:
            yield f"first {name}"
        if last_of[name] == number:
            yield f"last {name}"


def _before(passage: Passage, first: int, start: int) -> Iterator[str]:
    words = [passage.word(first - distance) for distance in range(1, _NEAR + 1)]
    yield f"before {words[0]}"
    yield f"before {words[1]} {words[0]}"
    yield f"before {words[2]} {words[1]} {words[0]}"
    for word in set(words):
        yield f"near before {word}"
    line = passage.line(start)
    head, mark, _ = line.partition(":")
    yield f"line {head.strip().lower()[:30]}" if mark else "line without head"
    yield f"line starts {line[:1]}" if not line[:1].isalnum() else "line starts with a word"


def _behind(passage: Passage, after: int) -> Iterator[str]:
    words = [passage.word(after + distance) for distance in range(_NEAR)]
    yield f"behind {words[0]}"
    yield f"behind {words[0]} {words[1]}"
    for word in set(words):
        yield f"near behind {word}"


def _look(passage: Passage, candidate: Candidate, first: int, after: int) -> Iterator[str]:
    words = passage.words[first:after]
    yield f"around {passage.word(first - 1)} {passage.word(after)}"
    yield f"shape {shape(candidate.text)}"
    yield f"size {min(len(candidate.text), 12)}"
    yield f"words {len(words)}"
    yield f"text {candidate.text.lower()[:40]}"
    if words:
        yield f"opens {words[0]}"
        yield f"closes {words[-1]}"
    if after - first == len(passage.words):
        yield "is all there is"
    times = passage.text.count(candidate.text)
    if times > 1:
        yield f"times {min(times, 3)}"
