"""Find inputs that are equal, or nearly so: leakage between splits, and repetitions within one.

Near duplicates are pairs whose sets of shingles have a Jaccard similarity of at least 0.8. The join
is exact: two sets that similar must share one of the rarest members of each (prefix filter; Chaudhuri,
Ganti and Kaushik 2006), so only pairs that do are compared.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

SIMILARITY = 0.8
MAX_TEXTS = 50_000
"""Above this many texts only equal ones are looked for."""

MAX_OWN_CHARACTERS = 600_000
"""Above this many characters no text is compared with all others of its own split."""

_SHORT_WORDS = 8
_LONG_WORDS = 7  # Texts of 7 and 8 words are compared both ways, so that no boundary hides a pair.
_PLAIN = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode()).translate(
    bytes.maketrans(b"\t\n\v\f\r\x1c\x1d\x1e\x1f", b" " * 9)
)
_LETTERS = bytes(
    ord(chr(code).lower()) if chr(code).isascii() and chr(code).isalpha() else ord(" ") for code in range(256)
)
_OTHERS = bytes(code for code in range(256) if _LETTERS[code] == ord(" "))
_FEWEST_WORDS = 4
_MANY_LETTERS = 200
_DIGITS = re.compile(r"\d+")
_NOT_WORD = re.compile(r"[\W_]+")


def same_form(text: str) -> str:
    """A text without case and spacing: two texts with one such form count as equal."""
    if not text.isascii():
        return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # Taking a text apart at its spaces takes five times as long.
    plain = text.encode().translate(_PLAIN)
    while b"  " in plain:
        plain = plain.replace(b"  ", b" ")
    return plain.strip().decode()


def words_form(text: str) -> str:
    """A text's words alone, without case, punctuation and spacing."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def equal_pairs(first: Iterable[str], second: Iterable[str]) -> dict[int, int]:
    """For each text of `first` that has an equal in `second`: its index, and that of the equal."""
    known: dict[int, int] = {}
    for number, text in enumerate(second):
        known.setdefault(_mark(text), number)
    found = ((number, known.get(_mark(text))) for number, text in enumerate(first))
    return {number: other for number, other in found if other is not None}


class Repetitions:
    """Tells texts that repeat an earlier one as they go by; `found` gets its index, and the earliest's."""

    def __init__(self, found: dict[int, int]) -> None:
        self._found = found
        self._known: dict[int, int] = {}

    def repeats(self, number: int, text: str) -> bool:
        """Whether this text, the one with the index `number`, is one of them."""
        earliest = self._known.setdefault(_mark(text), number)
        if earliest != number:
            self._found[number] = earliest
        return earliest != number


def _mark(text: str) -> int:
    # 64 bits tell the texts of any set apart, and take no more room for a long one.
    return hash(same_form(text))


def near_pairs(first: Sequence[str], second: Sequence[str]) -> dict[int, int]:
    """For each text of `first` that nearly equals one of `second`: its index, and that of the other."""
    forms = [words_form(text) for text in first], [words_form(text) for text in second]
    found = _join(forms, _characters)
    for number, other in _join(forms, _words).items():
        found.setdefault(number, other)
    return dict(sorted(found.items()))


def alike(texts: Sequence[str]) -> dict[int, int]:
    """For each text that nearly equals another one: its index, and that of the other."""
    forms = [words_form(text) for text in texts]
    found = _join((forms, forms), _characters, is_own=True)
    for number, other in _join((forms, forms), _words, is_own=True).items():
        found.setdefault(number, other)
    return dict(sorted(found.items()))


def families(texts: Sequence[str]) -> list[int]:
    """For each text the index of the first one that it nearly equals, directly or by way of others."""
    first = list(range(len(texts)))
    members = {number: [number] for number in first}
    forms = [words_form(text) for text in texts]
    for shingles in (_characters, _words):
        sets = [shingles(form) for form in forms]
        index = Index(sets, Counter(chain.from_iterable(sets)))
        for number, own in enumerate(sets):
            for other in chain.from_iterable(index.candidates(own)):
                one, two = sorted((first[number], first[other]))
                # Those that belong together already need not be compared.
                if one != two and _is_near(own, sets[other]):
                    moved = members.pop(two)
                    members[one] += moved
                    for each in moved:
                        first[each] = one
    return first


class Templates:
    """Tells texts that equal another but for all that is no letter, and case.

    Texts of very few words are none of them: they are their numbers.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._found: dict[int, int] = {}

    def add(self, number: int, text: str) -> None:
        """Look at one more text, the one with the index `number`."""
        mark = _template_mark(text)
        if mark is None:
            return
        earliest = self._first.setdefault(mark, number)
        if earliest != number:
            self._found[number] = earliest
            self._found.setdefault(earliest, number)

    @property
    def found(self) -> dict[int, int]:
        """For each text that is like another: its index, and the other's."""
        return dict(sorted(self._found.items()))


def _template_mark(text: str) -> int | None:
    if not text.isascii():
        words = _DIGITS.sub(" ", words_form(text)).encode(errors="surrogatepass").split()
    else:
        letters = text.encode().translate(_LETTERS, _OTHERS)
        if len(letters) >= _MANY_LETTERS:  # Then there are words enough, and nobody has to count them.
            return hash(letters)
        words = text.encode().translate(_LETTERS).split()
    return hash(b"".join(words)) if len(words) >= _FEWEST_WORDS else None


def _words(text: str) -> set[str]:
    words = text.split()
    if len(words) < _LONG_WORDS:
        return set()
    return {" ".join(words[start : start + 3]) for start in range(len(words) - 2)}


def _characters(text: str) -> set[str]:
    if not text or text.count(" ") >= _SHORT_WORDS:
        return set()
    return {text[start : start + 5] for start in range(max(1, len(text) - 4))}


def _join(
    forms: tuple[Sequence[str], Sequence[str]],
    shingles: Callable[[str], set[str]],
    *,
    is_own: bool = False,
) -> dict[int, int]:
    second = [shingles(text) for text in forms[1]]
    first = second if is_own else [shingles(text) for text in forms[0]]
    index = Index(second, Counter(chain.from_iterable(second if is_own else chain(first, second))))
    found: dict[int, int] = {}
    for number, members in enumerate(first):
        for candidates in index.candidates(members):
            for other in candidates:
                if other >= found.get(number, len(second)):
                    break
                if not (is_own and other == number) and _is_near(members, second[other]):
                    found[number] = other
                    break
    return found


class Index:
    """Sets by their rarest members and their size, so that only those are compared that could be near.

    Near sets share so many members that they share one of the first few of each: of the fewer, the
    more alike their sizes are.
    """

    def __init__(self, sets: Sequence[set[str]], rarity: Mapping[str, int]) -> None:
        self._rarity = rarity
        self._entries: dict[str, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for number, members in enumerate(sets):
            for place, member in enumerate(self._rarest(members)):
                self._entries[member][len(members)].append((place, number))

    def candidates(self, members: set[str]) -> Iterator[Iterator[int]]:
        """The numbers of sets that could be near, in several lists, each in order."""
        size = len(members)
        for place, member in enumerate(self._rarest(members)):
            for other, entries in self._entries.get(member, {}).items():
                shared = math.ceil((size + other) * SIMILARITY / (1 + SIMILARITY) - 1e-9)
                if place <= size - shared:
                    yield (number for earlier, number in entries if earlier <= other - shared)

    def _rarest(self, members: set[str]) -> list[str]:
        length = len(members) - math.ceil(SIMILARITY * len(members) - 1e-9) + 1
        return sorted(members, key=lambda member: (self._rarity[member], member))[:length]


def _is_near(members: set[str], other: set[str]) -> bool:
    if not SIMILARITY * len(members) <= len(other) <= len(members) / SIMILARITY:
        return False
    shared = len(members & other)
    return shared >= SIMILARITY * (len(members) + len(other) - shared) - 1e-9
