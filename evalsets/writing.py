"""What the generators of the eval sets share: phrases in, rows out, byte for byte the same each time.

A phrase may hold `[this|that]`, `{slot}` and `<1-9>`: a choice, a listed word, a whole number.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

MOST_ALIKE_TRAIN: Final = 0.6  # word-shingle Jaccard above which a test text counts as seen in training
MOST_ALIKE_OWN: Final = 0.78  # and above which it repeats another text of its own split
TRIES: Final = 400

_CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = re.compile(r"<(\d+)-(\d+)>")
_WORD: Final = re.compile(r"[^\W_]+")
_LOOSE: Final = re.compile(r" +([.,?! ])")


@dataclass(frozen=True)
class Line:
    """A hand-written line of a label; `mark` is the sign before it, if there is one."""

    label: str
    wording: str
    mark: str = ""

    @property
    def group(self) -> str:
        """An id that stays when other lines come or go, and tells nothing about the label."""
        return short_id(self.wording)


def short_id(text: str) -> str:
    """Six characters that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def read_lines(path: Path, marks: str = "") -> list[Line]:
    """The lines of a file that has a `# label` line above those of each label; `% ` begins a remark."""
    found, label = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            label = line[2:]
        elif line and not line.startswith("% "):
            mark = line[0] if line[0] in marks and line[1:2] == " " else ""
            found.append(Line(label, line.removeprefix(f"{mark} ") if mark else line, mark))
    return found


def by_label(lines: Iterable[Line]) -> dict[str, list[str]]:
    """The wordings under each label."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        found[line.label].append(line.wording)
    return dict(found)


@dataclass
class Filler:
    """Fills phrases with the listed words and with made-up numbers."""

    slots: Mapping[str, Sequence[str]]
    dice: random.Random
    held: dict[str, str] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        """Whether something that happens in `share` of the cases happens now."""
        return self.dice.random() < share

    def fill(self, wording: str) -> str:
        """The wording with every choice made, every slot filled and every number drawn."""
        text = _CHOICE.sub(lambda found: self.dice.choice(found[1].split("|")), wording)
        text = _SLOT.sub(lambda found: self._slot(found[1]), text)
        return _LOOSE.sub(r"\1", _NUMBER.sub(self._between, text)).strip(" ")

    def some(self, phrases: Sequence[str], share: float) -> list[str]:
        """One of the phrases, filled, in `share` of the cases; else none."""
        return [self.fill(self.dice.choice(phrases))] if self.chance(share) else []

    def _slot(self, name: str) -> str:
        return self.held[name] if name in self.held else self.fill(self.dice.choice(self.slots[name]))

    def _between(self, bounds: re.Match[str]) -> str:
        return str(self.dice.randint(int(bounds[1]), int(bounds[2])))


def shingles(text: str) -> frozenset[str]:
    """The three-word sequences of a text, which tell how alike two texts are."""
    words = _WORD.findall(text.lower())
    return frozenset(" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


class Collection:
    """What was written so far: no text twice, no two nearly equal, no test text from training."""

    def __init__(self, alike_own: float = MOST_ALIKE_OWN, alike_train: float = MOST_ALIKE_TRAIN) -> None:
        self._limits = {True: alike_own, False: alike_train}
        self._texts: set[str] = set()
        self._sets: list[tuple[str, frozenset[str]]] = []
        self._places: dict[str, list[int]] = defaultdict(list)

    def admits(self, text: str, split: str) -> bool:
        """Whether the text is new enough for its split; if so it is remembered."""
        plain, own = " ".join(text.lower().split()), shingles(text)
        if plain in self._texts or self._is_like_another(own, split):
            return False
        self._texts.add(plain)
        for shingle in own:
            self._places[shingle].append(len(self._sets))
        self._sets.append((split, own))
        return True

    def _is_like_another(self, own: frozenset[str], split: str) -> bool:
        shared = Counter(place for shingle in own for place in self._places[shingle])
        for place, count in shared.items():
            its_split, other = self._sets[place]
            if count / (len(own) + len(other) - count) > self._limits[its_split == split]:
                return True
        return False


def drawn(make: Callable[[], Row], known: Collection, split: str, key: str = "text") -> Row:
    """A row whose text is new; a phrase that yields too few different texts is an error."""
    for _ in range(TRIES):
        row = make()
        if known.admits(str(row[key]), split):
            return row
    raise SystemExit(f"no new text after {TRIES} tries; the last one: {row[key]!r}")


def split_lines(lines: Sequence[Line], test_lines: int, dice: random.Random) -> dict[str, list[Line]]:
    """Different lines for training and for testing, `test_lines` of each label for testing."""
    found: dict[str, list[Line]] = {"train": [], "test": []}
    for label in dict.fromkeys(line.label for line in lines):
        own = sorted((line for line in lines if line.label == label), key=lambda line: line.group)
        dice.shuffle(own)
        found["test"] += own[:test_lines]
        found["train"] += own[test_lines:]
    return found


def numbered(rows: list[Row], prefix: str, dice: random.Random) -> str:
    """The rows in random order as JSON Lines, each with an id."""
    dice.shuffle(rows)
    return "".join(
        json.dumps({"id": f"{prefix}{number:04d}", **row}, ensure_ascii=False) + "\n"
        for number, row in enumerate(rows, start=1)
    )


def write_or_check(wanted: Mapping[Path, str], arguments: Sequence[str]) -> int:
    """Write the files, or with `--check` name those that differ."""
    if list(arguments) == ["--check"]:
        stale = [
            path.name
            for path, text in wanted.items()
            if not path.exists() or path.read_bytes() != text.encode()
        ]
        print(f"differs: {', '.join(stale)}; run this script without --check" if stale else "up to date")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_bytes(text.encode())
        print(f"{path.name}: {text.count(chr(10))} rows")
    return 0
