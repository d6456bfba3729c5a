"""Writes the items of this eval set from hand-written sentences, byte for byte the same each time.

python evalsets/translation/generate.py            writes items.jsonl and train.jsonl
python evalsets/translation/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    short_id,
    write_or_check,
)

SEED: Final = 149
PER_LANGUAGE: Final = {"train": 3, "test": 2}
# Variants of a sentence differ in one or two words, so they may be quite alike.
ALIKE: Final = 0.97
MOST_ACCEPTED: Final = 16

LANGUAGES: Final[Mapping[str, str]] = {"de": "German", "fr": "French", "es": "Spanish"}
ORDER: Final = ("en", *LANGUAGES)

_RANGE: Final = re.compile(r"<(\d+)-(\d+)>")
_CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")

Forms = Mapping[str, str]
"""One word, name or number as each language writes it."""


@dataclass
class Frame:
    """A sentence with slots, and its translations with the wordings that are accepted alike."""

    english: str
    translations: dict[str, list[str]] = field(default_factory=dict)


def read_frames(name: str) -> list[Frame]:
    """The sentences of a file; each needs all languages."""
    found: list[Frame] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        language, _, text = line.partition(" ")
        if language == "=":
            found.append(Frame(text))
        elif language in LANGUAGES:
            found[-1].translations[language] = expanded(text)
    for frame in found:
        if set(frame.translations) != set(LANGUAGES):
            raise SystemExit(f"a language is missing: {frame.english}")
    return found


def expanded(text: str) -> list[str]:
    """Every wording that the choices of a text allow."""
    parts = _CHOICE.split(text)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    wordings = ["".join(chosen) for chosen in product(*choices)]
    if len(wordings) > MOST_ACCEPTED:
        raise SystemExit(f"{len(wordings)} wordings are too many: {text}")
    return wordings


class Words:
    """Draws what goes into the slots, in all languages at once."""

    def __init__(self, listed: Mapping[str, Sequence[str]], dice: random.Random) -> None:
        self._listed = listed
        self._dice = dice

    def forms(self, slot: str) -> Forms:
        """A value for a slot as each language writes it."""
        if slot in self._listed:
            words = self._dice.choice(self._listed[slot]).split(" | ")
            return dict(zip(ORDER, words * (1 if len(words) > 1 else len(ORDER)), strict=True))
        return getattr(self, f"_{slot}")()  # type: ignore[no-any-return]  # the makers below

    def pair(self, slot: str) -> tuple[Forms, Forms]:
        """Two different values; of times the earlier one first."""
        while True:
            first, second = self.forms(slot), self.forms(slot)
            if first["en"].rjust(5) < second["en"].rjust(5):
                return first, second

    def number(self, low: int, high: int) -> str:
        """A whole number."""
        return str(self._dice.randint(low, high))

    def _date(self) -> Forms:
        day, month = self._dice.randint(2, 28), self.forms("month")
        pattern = {"en": "{} {}", "de": "{}. {}", "fr": "{} {}", "es": "{} de {}"}
        return {language: pattern[language].format(day, month[language]) for language in ORDER}

    def _time(self) -> Forms:
        hour = self._dice.choice((8, 9, 10, 11, 14, 15, 16, 17, 18))
        minute = self._dice.choice(("00", "15", "30", "45"))
        usual = f"{hour}:{minute}"
        french = f"{hour} h" if minute == "00" else f"{hour} h {minute}"
        return {"en": usual, "de": f"{usual} Uhr", "fr": french, "es": usual}

    def _amount(self) -> Forms:
        sum_ = self._dice.choice((self._dice.randrange(150, 990, 10), self._dice.randrange(1_200, 9_900, 50)))
        grouped = f"{sum_:,}"
        return {
            "en": f"€{grouped}",
            "de": f"{grouped.replace(',', '.')} Euro",
            "fr": f"{grouped.replace(',', ' ')} euros",
            "es": f"{sum_} euros",
        }

    def _percent(self) -> Forms:
        share = self._dice.randint(3, 45)
        return {"en": f"{share}%", "de": f"{share} Prozent", "fr": f"{share} %", "es": f"{share} %"}

    def _decimal(self) -> Forms:
        length = f"{self._dice.randint(2, 4)}.{self._dice.randint(1, 9)}"
        return {language: length if language == "en" else length.replace(".", ",") for language in ORDER}

    def _ref(self) -> Forms:
        return dict.fromkeys(ORDER, f"{self._dice.choice('KRTX')}-{self._dice.randint(10_000, 99_999)}")


def row(frame: Frame, language: str, words: Words) -> Row:
    """The sentence with new words, and every accepted translation of it."""
    values: dict[str, Forms] = {}
    for slot in re.findall(r"\{(\w+)\}", frame.english):
        if slot.endswith("2"):
            values[slot[:-1]], values[slot] = words.pair(slot[:-1])
        elif slot not in values:
            values[slot] = words.forms(slot)
    numbers = [words.number(int(low), int(high)) for low, high in _RANGE.findall(frame.english)]
    english = _RANGE.sub("<>", frame.english)
    translations = [filled(text, language, values, numbers) for text in frame.translations[language]]
    return {
        "text": filled(english, "en", values, numbers),
        "language": LANGUAGES[language],
        "translation": translations,
        "tags": [LANGUAGES[language]],
        "group": short_id(frame.english),
    }


def filled(text: str, language: str, values: Mapping[str, Forms], numbers: Sequence[str]) -> str:
    """A wording with its slots filled as the language writes them, and its numbers in order."""
    for slot, forms in values.items():
        text = text.replace(f"{{{slot}}}", forms[language])
    for number in numbers:
        text = text.replace("<>", number, 1)
    if re.search(r"[{}<>]", text):
        raise SystemExit(f"something is left open: {text}")
    return text


def rows(frames: Sequence[Frame], split: str, known: Collection, words: Words) -> list[Row]:
    """All rows of a split: every sentence into every language, each time with other words."""
    return [
        drawn(partial(row, frame, language, words), known, split)
        for frame in frames
        for language in LANGUAGES
        for _ in range(PER_LANGUAGE[split])
    ]


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection(ALIKE)
    words, found = Words(by_label(read_lines(FOLDER / "words.txt")), dice), {}
    for split, name, prefix in (("train", "train.jsonl", "trans-t"), ("test", "items.jsonl", "trans-")):
        found[FOLDER / name] = numbered(
            rows(read_frames(f"frames-{split}.txt"), split, known, words), prefix, dice
        )
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
