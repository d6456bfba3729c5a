"""Writes the items of this eval set from hand-written meetings, byte for byte the same each time.

python evalsets/meeting-notes/generate.py            writes items.jsonl and train.jsonl
python evalsets/meeting-notes/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
    TRIES,
    Collection,
    Filler,
    Row,
    by_label,
    drawn,
    numbered,
    read_lines,
    short_id,
    write_or_check,
)

SEED: Final = 157
PER_MEETING: Final = {"train": 26, "test": 8}
# Variants of a meeting share what is said in it, so they may be quite alike.
ALIKE: Final = 0.95
MOVED: Final = 0.5  # share of meetings whose next date is put off at once
WORDS: Final = (120, 250)
MOST_WORDS: Final = 60  # of a summary, as the prompt says

MONTHS: Final = ("January", "February", "March", "April", "May", "June", "September", "October", "November")
USUAL_SUMS: Final = (400, 4_900)
CENTS_BELOW: Final = 10
UNITS_BELOW: Final = 100
NUMBERS: Final = (12, 48)

Said = tuple[str, str]
"""Who speaks, A, B or C, and what is said."""


@dataclass
class Matter:
    """What a meeting settles: what is said, what comes out, and what a summary must and must not have."""

    lets: list[tuple[list[str], list[str]]] = field(default_factory=list)
    sums: tuple[int, int] = USUAL_SUMS
    ranks: list[tuple[str, str]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    summary: str = ""
    facts: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in one line of the file."""
        kind, _, rest = line.partition(" ")
        match kind:
            case "let":
                names, _, words = rest.partition(" = ")
                self.lets.append((names.split(", "), words.split(" | ")))
            case "sums":
                low, high = map(int, rest.split("-"))
                self.sums = low, high
            case "rank":
                low_name, _, high_name = rest.partition(" < ")
                self.ranks.append((low_name, high_name))
            case "!":
                self.summary = rest
            case "*":
                self.facts = rest.split(" ; ")
            case "-":
                self.dropped = rest.split(" ; ")
            case _:
                self.said.append((kind, rest))

    def values(self, dice: random.Random) -> dict[str, str]:
        """Words, sums and numbers for its slots."""
        found: dict[str, str] = {}
        for names, words in self.lets:
            found |= zip(names, dice.sample(words, len(names)), strict=True)
        while True:
            amounts = {f"s{at}": _amount(dice, *self.sums) for at in range(1, 4)}
            numbers = {f"n{at}": float(dice.randint(*NUMBERS)) for at in range(1, 3)}
            known = amounts | numbers
            if len(set(known.values())) == len(known) and all(known[a] < known[b] for a, b in self.ranks):
                break
        found |= {name: f"{value:.0f}" for name, value in numbers.items()}
        return found | {name: _money(value) for name, value in amounts.items()}


def _amount(dice: random.Random, low: int, high: int) -> float:
    if high < CENTS_BELOW:
        return dice.randrange(low * 10, high * 10) / 10
    return float(dice.randrange(low, high, 1 if high < UNITS_BELOW else 10 if high < 10_000 else 500))  # noqa: PLR2004 - a round sum


def _money(value: float) -> str:
    return f"${value:,.0f}" if value == int(value) else f"${value:.2f}"


def read_meetings(name: str) -> list[tuple[str, list[Matter]]]:
    """The meetings of a file, each with its title."""
    found: list[tuple[str, list[Matter]]] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append((line[2:], [Matter()]))
        elif line == "+":
            found[-1][1].append(Matter())
        elif line and not line.startswith("% "):
            found[-1][1][-1].read(line)
    return found


def dates(dice: random.Random, count: int) -> list[str]:
    """So many different days in order, all with two digits, so that none is part of another."""
    first = dice.randrange(len(MONTHS) - 1)
    days = [f"{day} {month}" for month in MONTHS[first : first + 2] for day in range(10, 29)]
    return [days[at] for at in sorted(dice.sample(range(len(days)), count))]


def wordings(fact: str) -> list[str]:
    """A fact in the ways in which it may be written."""
    found = []
    for text in fact.split(" / "):
        plain = re.sub(r"^(?:a|an|the) ", "", text)
        if (date := re.fullmatch(r"(\d\d) (\w+)", plain)) and date[2] in MONTHS:
            day, month = date[1], date[2]
            ordinal = day + ("th" if day[0] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(day[1], "th"))
            found += [f"{day} {month}", f"{month} {day}", f"{ordinal} {month}", f"{ordinal} of {month}"]
        elif plain.startswith("$"):
            found += dict.fromkeys((plain, plain.replace(",", ""), f"{plain[1:]} dollars"))
        else:
            found.append(plain)
    return found


def row(title: str, matters: Sequence[Matter], phrases: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    """The notes of a meeting, its summary, and what a summary must and must not have."""
    fault = ""
    for _ in range(TRIES):
        found = _row(title, matters, phrases, filler)
        fault = _fault(found)
        if not fault:
            return found
    raise SystemExit(f"{title}: {fault}")


def _row(title: str, matters: Sequence[Matter], phrases: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    dice = filler.dice
    people = dict(zip("ABC", dice.sample(phrases["name"], 3), strict=True))
    days = dates(dice, 4 * len(matters) + 2)
    said: list[Said] = [_line(dice.choice(phrases["opening"]), people)]
    summaries: list[str] = []
    facts: list[str] = []
    dropped: list[str] = []
    for at, matter in enumerate(matters):
        own = days[4 * at : 4 * at + 4]
        values = people | matter.values(dice) | {f"d{number}": day for number, day in enumerate(own, start=1)}
        talk = [(person, _filled(text, values)) for person, text in matter.said]
        talk.insert(dice.randint(1, len(talk) - 1), _line(dice.choice(phrases["aside"]), people))
        said += talk
        summaries.append(_filled(matter.summary, values))
        facts += [_filled(fact, values) for fact in matter.facts]
        dropped += [_filled(text, values) for text in matter.dropped]
    is_moved = filler.chance(MOVED)
    ends = people | {"e1": days[-2], "e2": days[-1]}
    said += [
        _line(text, ends) for text in dice.choice(phrases["moved next" if is_moved else "next"]).split(" | ")
    ]
    said.append(_line(dice.choice(phrases["closing"]), people))
    following = ends["e2" if is_moved else "e1"]
    summary = " ".join([*(text[0].upper() + text[1:] for text in summaries), f"Next meeting: {following}."])
    target = [
        *map(wordings, dict.fromkeys([*facts, following])),
        *({"not": wordings(text)} for text in [*dropped, *([ends["e1"]] if is_moved else [])]),
    ]
    return {
        "text": _written(title, said, people, dice),
        "facts": target,
        "summary": summary,
        "group": short_id(title),
    }


def _fault(row: Row) -> str:
    """What is wrong with lengths, or with a summary that lacks a fact or has what was dropped."""
    low, words = row["summary"].lower(), len(row["text"].split())
    if not WORDS[0] <= words <= WORDS[1]:
        return f"the notes have {words} words"
    if len(low.split()) > MOST_WORDS:
        return f"the summary has {len(low.split())} words"
    for entry in row["facts"]:
        texts = entry["not"] if isinstance(entry, dict) else entry
        if any(text.lower() in low for text in texts) == isinstance(entry, dict):
            return f"{entry} and the summary do not fit: {row['summary']}"
    return ""


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: values[slot[1]], text)


def _line(text: str, values: Mapping[str, str]) -> Said:
    person, _, rest = text.partition(" ")
    return person, _filled(rest, values)


def _written(title: str, said: Sequence[Said], people: Mapping[str, str], dice: random.Random) -> str:
    """What was said as a chat, a transcript with times, or a thread of mails."""
    lines = [
        (people[person], re.sub(r"(?:^|[.?!] )[a-z]", lambda start: start[0].upper(), text))
        for person, text in said
    ]
    form = dice.choice(("chat", "transcript", "thread"))
    if form == "chat":
        return "\n".join([title, "", *(f"{name}: {text}" for name, text in lines)])
    if form == "thread":
        return "\n\n".join([f"Subject: {title}", *(f"From: {name}\n{text}" for name, text in lines)])
    minute, found = dice.randint(0, 15), [f"Transcript, {title}", ""]
    for name, text in lines:
        minute += dice.randint(1, 3)
        found.append(f"[{minute:02d}:{dice.randint(0, 59):02d}] {name}: {text}")
    return "\n".join(found)


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection(ALIKE)
    listed, found = by_label(read_lines(FOLDER / "phrases.txt")), {}
    filler = Filler(listed, dice)
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "notes-t"), ("test", "items.jsonl", "notes-"))
    ):
        phrases = {kind: lines[at::2] for kind, lines in listed.items()}
        rows = [
            drawn(partial(row, title, matters, phrases, filler), known, split)
            for title, matters in read_meetings(f"meetings-{split}.txt")
            for _ in range(PER_MEETING[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
