"""Writes the items of this eval set from hand-written sentences, byte for byte the same each time.

python evalsets/invoice-details/generate.py            writes items.jsonl and train.jsonl
python evalsets/invoice-details/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import (  # noqa: E402 - it lies beside the folders of the sets
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

SEED: Final = 53
PER_OPENING: Final = {"train": 14, "test": 11}
NO_DUE_DATE: Final = 0.15
NO_DATE: Final = 0.06
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FIRST_UNAMBIGUOUS_DAY: Final = 13
SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF "}
NAMES: Final = {"EUR": "euros", "USD": "US dollars", "GBP": "pounds sterling", "CHF": "Swiss francs"}


def spelled_date(day: date, dice: random.Random) -> str:
    """A date as people write it; all in digits only where that cannot be misread."""
    month = MONTHS[day.month - 1]
    ways = [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day}. {month} {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"the {ordinal(day.day)} of {month} {day.year}",
        day.isoformat(),
    ]
    if day.day >= FIRST_UNAMBIGUOUS_DAY:
        ways += [f"{day.day}.{day.month}.{day.year}", f"{day.month:02}/{day.day:02}/{day.year}"]
        ways.append(f"{day.day:02}/{day.month:02}/{day.year % 100:02}")
    return dice.choice(ways)


def ordinal(number: int) -> str:
    """The number with its ending, such as 1st or 22nd."""
    teens = (11, 12, 13)
    return f"{number}{'th' if number in teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def spelled_amount(cents: int, currency: str, dice: random.Random) -> str:
    """A sum of money as people write it."""
    whole, rest = divmod(cents, 100)
    english = f"{whole:,}.{rest:02}" if rest or dice.random() < 0.5 else f"{whole:,}"  # noqa: PLR2004 - half of them
    continental = f"{whole:,}".replace(",", ".") + f",{rest:02}"
    return dice.choice(
        (
            f"{SIGNS[currency]}{english}",
            f"{currency} {english}",
            f"{english} {currency}",
            f"{english} {NAMES[currency]}",
            f"{continental} {'€' if currency == 'EUR' else currency}",
        )
    )


def facts(filler: Filler) -> tuple[dict[str, str], Row]:
    """The slots of one invoice, and the answers that they hold."""
    dice = filler.dice
    issued = date(dice.choice((2023, 2024, 2025)), 1, 1) + timedelta(dice.randrange(365))
    days = dice.choice((7, 10, 14, 20, 21, 30, 45))
    currency = dice.choices(tuple(SIGNS), (5, 3, 3, 2))[0]
    cents = dice.choice((1, 1, 10, 100)) * dice.randint(4_000, 99_999)
    cents = cents // 100 * 100 if dice.random() < 0.3 else cents  # noqa: PLR2004 - round sums are common
    issuer, other = filler.fill("{kind}"), filler.fill("{kind}")
    customer = filler.fill("{client}")
    if len({name.split()[0] for name in (issuer, other)}) == 1:
        return facts(filler)
    slots = {
        "issuer": issuer,
        "other": other,
        "customer": customer,
        "issued": spelled_date(issued, dice),
        "due": spelled_date(issued + timedelta(days), dice),
        "days": str(days),
        "earlier": spelled_date(issued - timedelta(dice.randint(5, 60)), dice),
        "later": spelled_date(issued + timedelta(dice.randint(1, 5)), dice),
        "late": spelled_date(issued + timedelta(dice.randint(60, 700)), dice),
        "total": spelled_amount(cents, currency, dice),
        "net": spelled_amount(round(cents / 1.2), currency, dice),
        "deposit": spelled_amount(cents * dice.randint(20, 80) // 10_000 * 100 or 100, currency, dice),
        "person": filler.fill("{person}"),
        "work": filler.fill("{work}"),
    }
    target: Row = {
        "issuer": issuer,
        "customer": customer,
        "issued": issued.isoformat(),
        "due": (issued + timedelta(days)).isoformat(),
        "total": cents / 100 if cents % 100 else cents // 100,
        "currency": currency,
    }
    return slots, target


def row(opening: str, known: Mapping[str, Sequence[str]], filler: Filler) -> Row:
    """One text about an invoice, with what is to be read from it."""
    dice = filler.dice
    filler.held.clear()
    slots, target = facts(filler)
    filler.held.update(slots)
    sentences = {kind: dice.choice(known[kind]) for kind in ("issued", "due", "total")}
    if dice.random() < NO_DATE:
        del sentences["issued"], target["issued"]
        sentences["due"] = dice.choice([line for line in known["due"] if "{days}" not in line])
    if dice.random() < NO_DUE_DATE:
        del sentences["due"], target["due"]
    rest = [*sentences.values(), *dice.sample(known["aside"], dice.randint(1, 3))]
    dice.shuffle(rest)
    parts = [filler.fill(line) for line in (opening, *rest)]
    text = dice.choice((" ", " ", "\n")).join(part[0].upper() + part[1:] for part in parts)
    return {"text": text, "target": target, "group": short_id(opening)}


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection()
    filler = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice)
    sentences = by_label(read_lines(FOLDER / "sentences.txt"))
    found = {}
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "invoice-t"), ("test", "items.jsonl", "invoice-"))
    ):
        known = {kind: lines[at::2] for kind, lines in sentences.items()}  # each second one is for testing
        rows = [
            drawn(partial(row, opening, known, filler), collection, split)
            for opening in known["opening"]
            for _ in range(PER_OPENING[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
