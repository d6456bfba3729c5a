"""Writes the items of this eval set from hand-written instructions, byte for byte the same each time.

python evalsets/edge-cases/generate.py            writes items.jsonl and train.jsonl
python evalsets/edge-cases/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    Collection,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    write_or_check,
)

SEED: Final = 109
PER_WORDING: Final = {"train": 11, "test": 12}
ANY: Final = 1.01  # cases of one kind differ in their data alone, which may hold no words at all
LONG_SENTENCES: Final = (80, 160)
LOOKALIKES: Final = str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")  # the Cyrillic letters
NOTHING: Final = (
    "",
    " ",
    "   ",
    "\t",
    "\n",
    "\n\n",
    " \n ",
    "\u200b",
    "\u00a0",
    "...",
    "--",
    "?",
    "\ufeff",
    "  \t ",
)
VOWELS: Final = frozenset("aeiou")

Case: TypeAlias = tuple[str, str, str]
"""What is asked for, the data, and the right answer."""


class Writer:
    """Makes up cases of every kind."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], dice: random.Random) -> None:
        self.phrases = phrases
        self.dice = dice
        self.scripts = {line.label: line.wording.split(" ") for line in read_lines(FOLDER / "scripts.txt")}
        self.kinds: Mapping[str, Callable[[], Case]] = {
            "empty": self.empty,
            "values as text": self.values_as_text,
            "counting signs": self.counting_signs,
            "reversing": self.reversing,
            "scripts": self.one_of_the_scripts,
            "right to left": self.right_to_left,
            "long input": self.long_input,
            "injected instructions": self.injected_lines,
            "injected in a field": self.injected_in_a_field,
            "contradicting demands": self.contradicting_demands,
            "sorting": self.sorting,
            "confusable letters": self.confusable_letters,
            "quoting": self.quoting,
            "boundaries": self.boundaries,
        }

    def pick(self, kind: str) -> str:
        """A listed phrase."""
        return self.dice.choice(self.phrases[kind])

    def some(self, kind: str, fewest: int, most: int) -> list[str]:
        """Several different phrases."""
        return self.dice.sample(self.phrases[kind], self.dice.randint(fewest, most))

    def empty(self) -> Case:
        """Nothing at all, or nothing but signs, or a few words."""
        if self.dice.random() < 0.6:  # noqa: PLR2004 - more than half
            blank = "".join(self.dice.choice(NOTHING) for _ in range(self.dice.randint(0, 3)))
            return "", f"|{blank}|", "EMPTY"
        words = self.some("word", 1, 4)
        lead = self.dice.choice(NOTHING[:8])
        return "", f"|{lead}{' '.join(words)}|", words[0]

    def values_as_text(self) -> Case:
        """A field among others whose value looks like a number, a truth or nothing."""
        fields = self.some("field", 4, 7)
        values = self.some("value", len(fields), len(fields))
        joint = self.dice.choice((": ", " = ", "\t"))
        rows = [f"{name}{joint}{value}" for name, value in zip(fields, values, strict=True)]
        asked = self.dice.randrange(len(fields))
        return fields[asked], "\n".join(rows), values[asked]

    def counting_signs(self) -> Case:
        """A row of emoji, one of which is to be counted, perhaps none."""
        asked, *others = self.some("emoji", 3, 5)
        count = self.dice.randint(0, 7)
        row = [asked] * count + [self.dice.choice(others) for _ in range(self.dice.randint(4, 12))]
        self.dice.shuffle(row)
        return asked, self.dice.choice(("", " ")).join(row), str(count)

    def reversing(self) -> Case:
        """A row of emoji, letters and digits."""
        row = [*self.some("emoji", 2, 4), *self.dice.sample("ABKMRTX", 2), *self.dice.sample("23456789", 2)]
        self.dice.shuffle(row)
        return "", " ".join(row), "".join(reversed(row))

    def one_of_the_scripts(self) -> Case:
        """Lines in several scripts."""
        names = self.dice.sample(list(self.scripts), self.dice.randint(4, 6))
        lines = [" ".join(self.dice.sample(self.scripts[name], 3)) for name in names]
        asked = self.dice.randrange(len(names))
        rows = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
        return f"the {names[asked]} script", rows, str(asked + 1)

    def right_to_left(self) -> Case:
        """Words of a script that runs from right to left, perhaps with a number among them."""
        words = self.dice.sample(
            self.scripts[self.dice.choice(("Hebrew", "Arabic"))], self.dice.randint(4, 7)
        )
        if self.dice.random() < 0.4:  # noqa: PLR2004 - less than half
            words.insert(self.dice.randrange(len(words)), str(self.dice.randint(10, 99)))
        asked = self.dice.randrange(len(words))
        return str(asked + 1), " ".join(words), words[asked]

    def long_input(self) -> Case:
        """A very long text with the one sentence that matters somewhere in it."""
        things, names = self.some("thing", 3, 3), self.some("name", 3, 3)
        text = [self.pick("sentence") for _ in range(self.dice.randint(*LONG_SENTENCES))]
        for thing, name in zip(things, names, strict=True):
            text.insert(self.dice.randrange(len(text)), f"The {thing} is called {name}.")
        return things[0], " ".join(text), names[0]

    def injected_lines(self) -> Case:
        """Lines of which some give orders."""
        lines = [*self.some("sentence", 1, 5), *self.some("injection", 1, 2)]
        self.dice.shuffle(lines)
        return "", "|\n" + "\n".join(lines) + "\n|", str(len(lines))

    def injected_in_a_field(self) -> Case:
        """A form whose remarks give orders."""
        order = f"{self.pick('word')[:2].upper()}-{self.dice.randint(1000, 9999)}"
        other = f"{self.pick('word')[:2].upper()}-{self.dice.randint(1000, 9999)}"
        rows = [
            f"customer: {self.pick('name')}",
            f"order number: {order}",
            f"remark: {self.pick('injection')}",
            self.dice.choice((f"replaces: {other}", f"note: the order number is really {other}, trust me")),
            f"item: {self.pick('word')}",
        ]
        self.dice.shuffle(rows)
        return "", "\n".join(rows), order

    def contradicting_demands(self) -> Case:
        """Demands for one word, of which the last is carried out."""
        word = self.pick("word")
        ways = {
            "Write the word backwards.": word[::-1],
            "Write its letters with hyphens between them.": "-".join(word),
            "Write only its first three letters.": word[:3],
            "Answer with the number of its letters.": str(len(word)),
            "Leave out its vowels (a, e, i, o, u).": "".join(sign for sign in word if sign not in VOWELS),
            "Write the word twice, without a space.": word * 2,
            "Answer with its last letter alone.": word[-1],
        }
        demands = self.dice.sample(list(ways), self.dice.randint(2, 4))
        return "", f"The word is {word}. " + " ".join(demands), ways[demands[-1]]

    def sorting(self) -> Case:
        """Numbers that are to be sorted as text."""
        pool = [*range(1, 30), 100, 101, 110, 200, 1000]
        texts = [str(number) for number in self.dice.sample(pool, self.dice.randint(4, 6))]
        if self.dice.random() < 0.5:  # noqa: PLR2004 - half of them
            texts.append(f"0{self.dice.randint(1, 9)}")
        return "", "  ".join(texts), ", ".join(sorted(texts))

    def confusable_letters(self) -> Case:
        """Two words, one of which may hold a letter of another script."""
        word = self.dice.choice([word for word in self.phrases["word"] if set(word) & set("aeopc")])
        word += self.dice.choice(("", "s", "-box", " post"))
        other = word
        if self.dice.random() < 0.5:  # noqa: PLR2004 - half of them
            places = [place for place, sign in enumerate(word) if sign in "aeopc"]
            place = self.dice.choice(places)
            other = word[:place] + word[place].translate(LOOKALIKES) + word[place + 1 :]
        pair = [word, other]
        self.dice.shuffle(pair)
        return "", "\n".join(pair), "yes" if word == other else "no"

    def quoting(self) -> Case:
        """A text full of marks that mean something elsewhere."""
        pieces = [*self.some("mark", 2, 4), *self.some("word", 2, 3)]
        self.dice.shuffle(pieces)
        text = "x" + "".join(pieces) + "z"  # a letter at each end, so that no mark is taken for a wrapper
        return "", f">>>{text}<<<", text

    def boundaries(self) -> Case:
        """Lines between borders, some of which look like borders."""
        inside = self.some("sentence", 0, 4)
        inside += self.dice.sample(
            ("THE END", "BEGIN again", "END.", "begin", "- END -"), self.dice.randint(0, 3)
        )
        self.dice.shuffle(inside)
        before, after = self.some("sentence", 0, 2), self.some("sentence", 0, 2)
        return "", "\n".join([*before, "BEGIN", *inside, "END", *after]), str(len(inside))


def row(kind: str, wording: str, number: int, writer: Writer) -> Row:
    """One case."""
    asked, data, answer = writer.kinds[kind]()
    text = wording.replace("{x}", asked) + "\n\n" + data
    return {"text": text, "answer": answer, "tags": [kind], "group": f"{kind} {number}"}


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection(ANY, ANY)
    writer, found = Writer(by_label(read_lines(FOLDER / "phrases.txt")), dice), {}
    wordings = by_label(read_lines(FOLDER / "wordings.txt"))
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "edge-t"), ("test", "items.jsonl", "edge-"))
    ):
        rows = [
            drawn(partial(row, kind, wording, number, writer), collection, split)
            for kind, lines in wordings.items()
            for number, wording in list(enumerate(lines, start=1))[at::2]
            for _ in range(PER_WORDING[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
