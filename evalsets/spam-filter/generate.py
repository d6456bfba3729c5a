"""Writes the items of this eval set from hand-written scenarios, byte for byte the same each time.

python evalsets/spam-filter/generate.py            writes items.jsonl and train.jsonl
python evalsets/spam-filter/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
SEED: Final = 5
TEST_ITEMS: Final = 400
TRAIN_ITEMS: Final = 860
TEST_SCENARIOS: Final = 50  # of each label; the others are for training
LARGEST_GROUP: Final = 5
MOST_ALIKE: Final = 0.6  # word-shingle Jaccard above which a test text counts as seen in training
TEST_ASKS: Final = 7  # typical sentences of each label for testing, and half as many short ones
ASKS: Final = 0.6  # share of messages with a sentence that is typical of their label
DISGUISED: Final = 0.3  # share of spam that tries to hide its words
WEIGHTS: Final = {"ham": 55, "spam": 45}

CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
SLOT: Final = re.compile(r"\{(\w+)\}")
NUMBER: Final = re.compile(r"<(\d+)-(\d+)>")
WORD: Final = re.compile(r"[^\W_]+")
LONG_WORD: Final = re.compile(r"(?<![\w./:-])[^\W\d_]{4,}(?![\w/:-]|\.\w)")
LOOSE: Final = re.compile(r"(?<=\w) +([.,?! ])")
NUMBERS: Final = {
    "amount": ("$<20-900>", "<20-900> EUR", "€<20-900>", "£<20-900>", "<20-900> euros"),
    "small": ("$<1-9>.<10-99>", "€<1-9>.90", "£<1-4>.50", "<1-9>,<10-99> EUR", "<2-9> euros"),
    "big": ("$<2-90>,000", "<2-90>,000 EUR", "£<2-90>0,000", "€<2-90>.500", "<2-9> million dollars"),
    "code": ("A<1000-9999>", "<10-99>-<1000-9999>", "#<10000-99999>", "KX<100-999>"),
    "pin": ("<100000-999999>", "<100-999> <100-999>", "<1000-9999>"),
    "percent": ("<15-95>",),
    "left": ("<2-40>",),
    "few": ("<2-9>",),
    "time": ("<9-13>:15", "<9-13>.30", "<9-13> o'clock", "<9-13>:00", "<9-13>:45"),
    "time2": ("<14-19>:15", "<14-19>.30", "<14-19>:00"),
}
LOOKALIKES: Final = (
    ("e", "€"),
    ("e", "3"),
    ("a", "@"),
    ("o", "0"),
    ("i", "1"),
    ("s", "$"),
    ("l", "1"),
    ("a", "4"),
)


@dataclass(frozen=True)
class Line:
    """A hand-written line of a label: a mail, or short: a notice (`~`), chat (`-`), foreign (`=`)."""

    label: str
    wording: str
    mark: str

    @property
    def group(self) -> str:
        """An id that stays when other lines come or go, and tells nothing about the label."""
        return hashlib.sha256(self.wording.encode()).hexdigest()[:6]


def read_lines(name: str) -> list[Line]:
    """The lines of a file that has a `# label` line above those of each label."""
    found, label = [], ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            label = line[2:]
        elif line:
            mark = line[0] if line[:2] in {"~ ", "- ", "= "} else ""
            found.append(Line(label, line.removeprefix(f"{mark} "), mark))
    return found


class Writer:
    """Turns scenarios into messages as different people, and machines, would type them."""

    def __init__(self, phrases: dict[str, Any], asks: list[Line], dice: random.Random) -> None:
        self.phrases = phrases
        self.asks = asks
        self.dice = dice

    def chance(self, share: float) -> bool:
        """Whether something that happens in `share` of the cases happens now."""
        return self.dice.random() < share

    def fill(self, wording: str) -> str:
        """Choose among `[a|b]` and replace `{slots}`, those inside the values too."""
        text = CHOICE.sub(lambda found: self.dice.choice(found[1].split("|")), wording)
        filled = NUMBER.sub(self.between, SLOT.sub(lambda found: self.slot(found[1]), text))
        return LOOSE.sub(r"\1", filled)

    def slot(self, name: str) -> str:
        """A value for one slot: a made-up number, or one of the listed words."""
        forms = NUMBERS[name] if name in NUMBERS else self.phrases["slots"][name]
        return self.fill(self.dice.choice(forms))

    def between(self, bounds: re.Match[str]) -> str:
        """A whole number within `<low-high>`."""
        return str(self.dice.randint(int(bounds[1]), int(bounds[2])))

    def some(self, kind: str, share: float) -> list[str]:
        """A phrase of one kind in `share` of the cases, else none."""
        return [self.fill(self.dice.choice(self.phrases[kind]))] if self.chance(share) else []

    def message(self, scenario: Line) -> str:
        """One message: a short text or chat line as it is, a mail with greeting and closing."""
        core = self.fill(scenario.wording)
        if scenario.mark != "=" and self.chance(ASKS):
            core = self.extended(core, scenario)
        if scenario.label == "spam" and self.chance(DISGUISED):
            core = self.disguised(core)
        text = self.chatty(core, scenario.mark) if scenario.mark else self.framed(core)
        return self.mistype(text, self.dice.choice((0, 0, 0.02, 0.08)))

    def extended(self, core: str, scenario: Line) -> str:
        """The core with a sentence that messages of this label often hold."""
        mark = "-" if scenario.mark == "-" else ""
        fitting = [ask.wording for ask in self.asks if (ask.label, ask.mark) == (scenario.label, mark)]
        end = "" if mark or core[-1] in ".!?" else "."
        return f"{core}{end} {self.fill(self.dice.choice(fitting))}"

    def chatty(self, core: str, mark: str) -> str:
        """A text message in one of the ways people type on a phone."""
        casual = mark == "-"
        text = "".join([*self.some("names_first", 0.4 if casual else 0), core])
        text += "".join(self.some("last_words", 0.3 if casual else 0.04))
        emoji = "".join(self.dice.choice(self.phrases["emoji"]) for _ in range(self.dice.randint(1, 2)))
        text += f" {emoji}" if self.chance(0.15) else ""
        if self.chance(0.15):
            text = text.lower().replace("you", "u")
        return text.upper() if self.chance(0.04) else text

    def framed(self, core: str) -> str:
        """A mail around the core, from subject to footer."""
        body = " ".join([*self.some("fillers", 0.25), core, *self.some("fillers", 0.15)])
        is_greeted = core.startswith(("Dear ", "Hi", "Hello", "Good "))
        parts = [
            *self.some("greetings", 0 if is_greeted else 0.65),
            body,
            *self.some("closings", 0.6),
            *self.some("footers", 0.2),
        ]
        text = self.dice.choice((" ", "\n", "\n\n")).join(parts)
        return "\n".join([*(f"Subject: {subject}" for subject in self.some("subjects", 0.25)), text])

    def disguised(self, core: str) -> str:
        """The core with some words written so that a word filter misses them."""
        match self.dice.randrange(3):
            case 0:  # look-alike signs
                table = str.maketrans(dict(self.dice.sample(LOOKALIKES, 3)))
                return self.words(core, 0.5, lambda word: word.translate(table))
            case 1:  # spaced or dotted letters
                joint = self.dice.choice((" ", ".", "-"))
                return self.words(core, 0.12, joint.join)
            case _:  # shouted words
                return self.words(core, 0.5, str.upper)

    def words(self, text: str, share: float, change: Callable[[str], str]) -> str:
        """The text with a share of its words of four letters or more changed; addresses stay."""
        return LONG_WORD.sub(lambda found: change(found[0]) if self.chance(share) else found[0], text)

    def mistype(self, text: str, share: float) -> str:
        """The text with a share of its words mistyped."""
        return self.words(text, share, self.slip)

    def slip(self, word: str) -> str:
        """The word with one slip of the fingers: swapped, dropped or doubled letter."""
        at = self.dice.randrange(1, len(word) - 1)
        slips = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])
        return word[:at] + self.dice.choice(slips) + word[at + 2 :]


def shingles(text: str) -> frozenset[str]:
    """The three-word sequences of a text, which tell how alike two texts are."""
    words = WORD.findall(text.lower())
    return frozenset(" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


class Collection:
    """What was written so far: no text twice, no test text that nearly occurs in training."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.seen: list[frozenset[str]] = []

    def admits(self, text: str, *, is_test: bool) -> bool:
        """Whether the text is new; if so it is remembered."""
        plain = " ".join(WORD.findall(text.lower()))
        own = shingles(text)
        if plain in self.texts or (is_test and any(alike(own, other) > MOST_ALIKE for other in self.seen)):
            return False
        self.texts.add(plain)
        if not is_test:
            self.seen.append(own)
        return True


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity of two sets of shingles."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def shares(total: int) -> dict[str, int]:
    """How many of `total` items each label gets, by weight; the largest remainders round up."""
    exact = {label: total * weight / sum(WEIGHTS.values()) for label, weight in WEIGHTS.items()}
    counts = {label: int(value) for label, value in exact.items()}
    for label in sorted(exact, key=lambda name: counts[name] - exact[name])[: total - sum(counts.values())]:
        counts[label] += 1
    return counts


def split(lines: list[Line], test_lines: int, dice: random.Random) -> tuple[list[Line], list[Line]]:
    """The lines for training and for testing: different ones, `test_lines` of each label for testing."""
    train, test = [], []
    for label in WEIGHTS:
        own = sorted((line for line in lines if line.label == label), key=lambda line: line.group)
        dice.shuffle(own)
        test += own[:test_lines]
        train += own[test_lines:]
    return train, test


def rows(scenarios: list[Line], total: int, writer: Writer, known: Collection) -> list[dict[str, str]]:
    """`total` rows from these scenarios, by turns, in shuffled order."""
    is_test = bool(known.seen)  # training rows are made first
    made = []
    for label, count in shares(total).items():
        own = [scenario for scenario in scenarios if scenario.label == label]
        if count > LARGEST_GROUP * len(own):
            raise SystemExit(
                f"{label}: {count} rows from {len(own)} scenarios is more than {LARGEST_GROUP} each"
            )
        for number in range(count):
            scenario = own[number % len(own)]
            text = next(
                t for t in (writer.message(scenario) for _ in range(500)) if known.admits(t, is_test=is_test)
            )
            made.append({"id": f"{scenario.group}-{number // len(own) + 1}", "text": text,
                         "label": label, "group": scenario.group})  # fmt: skip
    writer.dice.shuffle(made)
    return made


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice = random.Random(SEED)
    phrases = json.loads((FOLDER / "phrases.json").read_text(encoding="utf-8"))
    asks, known = read_lines("asks.txt"), Collection()
    scenarios = split(read_lines("scenarios.txt"), TEST_SCENARIOS, dice)
    long = split([line for line in asks if not line.mark], TEST_ASKS, dice)
    short = split([line for line in asks if line.mark], TEST_ASKS // 2, dice)
    found = {}
    for at, (name, total) in enumerate((("train.jsonl", TRAIN_ITEMS), ("items.jsonl", TEST_ITEMS))):
        table = rows(scenarios[at], total, Writer(phrases, long[at] + short[at], dice), known)
        found[FOLDER / name] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)
    return found


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` name those that differ."""
    wanted = contents()
    if arguments == ["--check"]:
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


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
