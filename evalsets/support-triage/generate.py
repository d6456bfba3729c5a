"""Writes the items of this eval set from hand-written scenarios, byte for byte the same each time.

python evalsets/support-triage/generate.py            writes items.jsonl and train.jsonl
python evalsets/support-triage/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
SEED: Final = 23
TEST_ITEMS: Final = 500
TRAIN_ITEMS: Final = 1100
TEST_SCENARIOS: Final = 9  # of each category; the others are for training
TEST_ASKS: Final = 4  # plain statements of each category for testing, and half as many subject lines
LARGEST_GROUP: Final = 5
MOST_ALIKE: Final = 0.6  # word-shingle Jaccard above which a test text counts as seen in training
ASKS: Final = 0.65  # share of tickets that say plainly what is wanted, besides the scenario
SUBJECTS: Final = 0.45  # share of tickets with a subject line
ASIDES: Final = 0.06  # share of tickets with a remark about another category, thrice that in long ones

# How often each category occurs among the test items, relative to the others.
WEIGHTS: Final = {
    "delivery_delay": 40, "login_problem": 36, "refund_request": 34, "bug_report": 34, "charge_dispute": 30,
    "password_reset": 30, "invoice_copy": 28, "damaged_item": 27, "cancel_order": 27, "wrong_item": 24,
    "change_address": 24, "outage": 23, "upgrade_plan": 23, "account_closure": 22, "feature_request": 22,
    "downgrade_plan": 18, "data_export": 17, "privacy_request": 16, "praise": 13, "partnership": 12,
}  # fmt: skip

CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
SLOT: Final = re.compile(r"\{(\w+)\}")
NUMBER: Final = re.compile(r"<(\d+)-(\d+)>")
WORD: Final = re.compile(r"[a-z0-9']+")
LONG_WORD: Final = re.compile(r"(?<![\w.@])[A-Za-z]{4,}(?![\w@]|\.\w)")  # addresses stay
LOOSE: Final = re.compile(r" +([.,?! ])")
KEPT: Final = {"item", "order", "amount", "feature", "low", "high", "number", "version"}
NUMBERS: Final = {
    "amount": ("$<6-480>.<10-99>", "<6-480>.<10-99> EUR", "€<6-480>", "£<6-480>.50", "<6-480> euros"),
    "order": ("#<10402-98731>", "<10402-98731>", "no. <10402-98731>", "A-<10402-98731>"),
    "number": ("<100200-998700>",),
    "date": ("<1-28> {month}", "{month} <1-28>", "the <4-20>th", "<1-28>.<1-12>.", "Monday", "Thursday"),
    "days": ("<3-19>",),
    "seats": ("<5-60>",),
    "percent": ("<15-90>",),
}
NEIGHBOURS: Final = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A hand-written line of a label; `is_bare` ones, marked `~`, are a few words that stand alone."""

    label: str
    wording: str
    is_bare: bool

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
            found.append(Line(label, line.removeprefix("~ "), line.startswith("~ ")))
    return found


class Writer:
    """Turns scenarios into tickets as different people would type them."""

    def __init__(self, phrases: dict[str, Any], asks: list[Line], dice: random.Random) -> None:
        self.phrases = phrases
        self.asks = asks
        self.dice = dice
        self.kept: dict[str, str] = {}

    def chance(self, share: float) -> bool:
        """Whether something that happens in `share` of the cases happens now."""
        return self.dice.random() < share

    def fill(self, wording: str) -> str:
        """Choose among `[a|b]` and replace `{slots}`."""
        text = CHOICE.sub(lambda found: self.dice.choice(found[1].split("|")), wording)
        return LOOSE.sub(r"\1", SLOT.sub(lambda found: self.slot(found[1]), text))

    def slot(self, name: str) -> str:
        """A value for one slot, within a ticket always the same for what the ticket is about."""
        if name in KEPT:
            return self.kept.setdefault(name, self.value(name))
        return self.value(name)

    def value(self, name: str) -> str:
        """A new value for one slot: a made-up number, or one of the listed words."""
        if name in NUMBERS:
            form = self.dice.choice(NUMBERS[name])
            return SLOT.sub(lambda found: self.slot(found[1]), NUMBER.sub(self.between, form))
        return self.dice.choice(self.phrases["slots"][name])

    def between(self, bounds: re.Match[str]) -> str:
        """A whole number within `<low-high>`."""
        return str(self.dice.randint(int(bounds[1]), int(bounds[2])))

    def some(self, kind: str, count: int = 1) -> list[str]:
        """Different phrases of one kind, filled in."""
        return [self.fill(wording) for wording in self.dice.sample(self.phrases[kind], count)]

    def aside(self, kind: str, label: str) -> str:
        """A remark about another category: settled business (`background`) or a request for `later`."""
        unfit = {label, *self.phrases["unfit"].get(label, ())}
        topics = [topic for topic in self.phrases[kind] if topic not in unfit]
        return self.fill(self.dice.choice(self.phrases[kind][self.dice.choice(topics)]))

    def ask(self, label: str, *, is_subject: bool) -> str:
        """A plain statement of what a sender with this concern wants, or the subject line."""
        fitting = [line for line in self.asks if line.label == label and line.is_bare == is_subject]
        return self.fill(self.dice.choice(fitting).wording)

    def ticket(self, scenario: Line) -> str:
        """One ticket, from subject to typing errors."""
        self.kept = {}
        core = self.fill(scenario.wording)
        if scenario.is_bare:
            return self.mistype(self.terse(core), 0.03)
        mood = self.dice.choices(("plain", "rambling", "angry", "foreign", "hasty"), (44, 18, 12, 12, 14))[0]
        if scenario.label == "praise" and mood == "angry":
            mood = "plain"
        body = " ".join(self.around(self.coloured(core, mood), scenario.label, mood))
        text = self.framed(body, mood)
        if self.chance(SUBJECTS):
            text = (
                self.dice.choice(("Subject: ", "", ""))
                + self.ask(scenario.label, is_subject=True)
                + "\n"
                + text
            )
        return self.mistype(text, {"hasty": 0.06, "angry": 0.03}.get(mood, 0.01))

    def terse(self, core: str) -> str:
        """A ticket of a few words, varied a little."""
        before = self.dice.choice(
            ("", "", "", "hi, ", "hello ", "hey ", "URGENT ", "question: ", "Re: ", "help! ")
        )
        after = self.dice.choice(
            ("", "", "", "!", "!!", " thx", "?", " :(", ", thanks", " pls", " asap", " ...")
        )
        return before + self.dice.choice((core, core, core.capitalize(), core.upper())) + after

    def coloured(self, core: str, mood: str) -> str:
        """The core as someone in this mood writes it."""
        if mood == "foreign":
            articles = {"the", "a", "an"}
            return " ".join(w for w in core.split(" ") if w.lower() not in articles or self.chance(0.3))
        if mood == "angry":
            shouted = core.upper() if self.chance(0.35) else core
            return shouted.removesuffix(".") + self.dice.choice(("!", "!!", "!!!", "."))
        if mood == "hasty":
            return core.lower().replace("'", "" if self.chance(0.6) else "'").removesuffix(".")
        return core if core[-1] in ".!?" else core + "."

    def around(self, core: str, label: str, mood: str) -> Iterator[str]:
        """The sentences of the body: the core with what people say before and after it."""
        is_long = mood == "rambling"
        yield from self.some("fillers", self.dice.randint(1, 2) if is_long else self.chance(0.12))
        if self.chance(ASIDES * (3 if is_long else 1)):
            yield self.aside("background", label)
        if mood == "angry" and self.chance(0.4):
            yield from self.some("anger")
        yield core
        if self.chance(ASKS):
            yield self.ask(label, is_subject=False)
        if label == "praise":  # any request would change what the ticket is about
            return
        yield from self.some("urgency", self.chance(0.2))
        if self.chance(ASIDES * (3 if is_long else 1)):
            yield self.aside("later", label)

    def framed(self, body: str, mood: str) -> str:
        """The body with greeting, closing, signature and quoted mail, as this mood has them."""
        polite = {"plain": 0.5, "rambling": 0.8, "foreign": 0.8}.get(mood, 0.2)
        kind = "non_native_greetings" if mood == "foreign" and self.chance(0.5) else "greetings"
        parts = [*self.some(kind, self.chance(polite)), body]
        parts += self.some("closings", self.chance(polite * 0.8))
        parts += self.some("signatures", self.chance(polite * 0.4))
        text = self.dice.choice((" ", "\n", "\n\n")).join(parts)
        return "\n\n".join([text, *self.some("quotes", self.chance(0.05))])

    def mistype(self, text: str, share: float) -> str:
        """The text with a share of its words mistyped."""
        return LONG_WORD.sub(lambda found: self.slip(found[0]) if self.chance(share) else found[0], text)

    def slip(self, word: str) -> str:
        """The word with one slip of the fingers: swapped, dropped, doubled or neighbouring letter."""
        at = self.dice.randrange(1, len(word) - 1)
        neighbour = self.dice.choice(NEIGHBOURS.get(word[at], word[at]))
        slips = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1], neighbour + word[at + 1])
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
                t for t in (writer.ticket(scenario) for _ in range(500)) if known.admits(t, is_test=is_test)
            )
            made.append({"id": f"{scenario.group}-{number // len(own) + 1}", "text": text,
                         "category": label, "group": scenario.group})  # fmt: skip
    writer.dice.shuffle(made)
    return made


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice = random.Random(SEED)
    phrases = json.loads((FOLDER / "phrases.json").read_text(encoding="utf-8"))
    asks, known = read_lines("asks.txt"), Collection()
    scenarios = split(read_lines("scenarios.txt"), TEST_SCENARIOS, dice)
    sentences = split([line for line in asks if not line.is_bare], TEST_ASKS, dice)
    subjects = split([line for line in asks if line.is_bare], TEST_ASKS // 2, dice)
    found = {}
    for at, (name, total) in enumerate((("train.jsonl", TRAIN_ITEMS), ("items.jsonl", TEST_ITEMS))):
        table = rows(scenarios[at], total, Writer(phrases, sentences[at] + subjects[at], dice), known)
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
