"""Writes items.jsonl and train.jsonl of this eval set from the text files beside it, byte for byte."""

from __future__ import annotations

import json
import random
import re
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
SEED = 20262
NUMBERS = ("ticket", "tracking", "invoice", "customer_no", "phone", "article", "postcode", "price")


@dataclass(frozen=True)
class Split:
    """How large a split is, and where its message frames are."""

    file: str
    frames: str
    prefix: str
    items_per_frame: int
    is_test: bool


SPLITS = (
    Split("items.jsonl", "frames-test.txt", "order-", 4, is_test=True),
    Split("train.jsonl", "frames-train.txt", "order-t", 6, is_test=False),
)


@dataclass(frozen=True)
class Frame:
    """A hand-written message with slots; its number within the file names its group."""

    group: str
    kind: str
    flag: str
    text: str

    def gives(self, slot: str) -> bool:
        """Whether the text itself holds a slot."""
        return f"{{{slot}}}" in self.text


@dataclass(frozen=True)
class Written:
    """A value as the message has it, and as the target must have it."""

    text: str
    target: str


def blocks(file: str) -> list[tuple[str, list[str]]]:
    """The blocks of a text file: what follows `= `, then the lines below it."""
    found: list[tuple[str, list[str]]] = []
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def read_frames(split: Split) -> list[Frame]:
    """The message frames of a split."""
    found = []
    for number, (head, lines) in enumerate(blocks(split.frames), start=1):
        kind, _, flag = head.partition(" ")
        group = f"{'test' if split.is_test else 'train'}-{kind}-{number:03d}"
        found.append(Frame(group, kind, flag, "\n".join(lines).strip()))
    return found


def read_phrases(*, is_test: bool) -> dict[str, list[str]]:
    """The lists of phrases.txt; train lacks what is marked for the test split alone."""
    found = {}
    for name, lines in blocks("phrases.txt"):
        known = [line for line in lines if line and not line.startswith("* ")]
        new = [line[2:] for line in lines if line.startswith("* ")]
        found[name] = [line.replace("\\n", "\n") for line in known + (new if is_test else [])]
    return found


class Writer:
    """Draws everything that one message needs."""

    def __init__(self, phrases: Mapping[str, list[str]], rng: random.Random) -> None:
        self.phrases = phrases
        self.rng = rng

    def pick(self, name: str) -> str:
        """An entry of a list."""
        return self.rng.choice(self.phrases[name])

    def happens(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.rng.random() < share

    def number(self, pattern: str) -> str:
        """A number of a pattern."""
        signs = {"9": "0123456789", "?": "ABCDEFGHKLMNPRSTUVWX", "$": "345"}
        return "".join(self.rng.choice(signs.get(sign, sign)) for sign in pattern)

    def order(self, pattern: str) -> Written:
        """An order number; a leading # or "ord" is no part of it, nor is whitespace that splits it."""
        text = self.number(pattern)
        target = text.removeprefix("#").removeprefix("ord ")
        if self.happens(0.12):
            text, target = text.lower(), target.lower()
        if self.happens(0.08):
            at = text.rfind("-") + 1 or len(text) - 3
            return Written(text[:at] + self.rng.choice((" ", "\n")) + text[at:], target)
        return Written(text, target)

    def address(self, name: str) -> str:
        """A mail address that suits a name."""
        first, last = name.lower().split()
        local = self.rng.choice(
            (
                f"{first}.{last}",
                f"{first[0]}.{last}",
                f"{first}_{last}",
                f"{last}{self.rng.randint(2, 98)}",
                f"{first}{last}",
                f"{last}.{first}",
                f"{first}-{self.rng.randint(70, 99)}",
                f"buero.{last}",
            )
        )
        return f"{local}@{self.pick('domain')}"

    def spelled(self, address: str) -> Written:
        """An address as people type it."""
        words = address.replace(".", " dot ").replace("_", " underscore ").replace("@", " at ")
        ways = (
            (address, 68),
            (words, 10),
            (address.replace("@", "(at)"), 5),
            (address.replace("@", " [at] ").replace(".", "[dot]"), 4),
            (address.replace("@", " @ "), 3),
            (address.title(), 6),
            (f"<{address}>", 4),
        )
        return Written(self.rng.choices([way for way, _ in ways], [share for _, share in ways])[0], address)

    def shop_address(self, shop: str) -> str:
        """One of the shop's own addresses."""
        name = re.sub(r"\W+", "", shop.lower())
        return self.rng.choice(
            (
                f"{self.pick('shop_local')}@example.com",
                f"{name}-{self.pick('shop_local')}@example.com",
                f"{self.pick('shop_local')}.{name}@example.net",
                f"{name}@example.org",
            )
        )

    def slots(self) -> dict[str, str | Written]:
        """A value for every slot; the two orders are of one shop, hence of one pattern."""
        (first, other_first), (last, other_last) = (
            self.rng.sample(self.phrases[part], 2) for part in ("first", "last")
        )
        name, colleague = f"{first} {last}", f"{other_first} {other_last}"
        shop, pattern = self.pick("shop"), self.pick("order")
        email = self.address(name)
        old_email = self.address(name)
        while old_email == email:
            old_email = self.address(name)
        found: dict[str, str | Written] = {slot: self.number(self.pick(slot)) for slot in NUMBERS}
        found |= {slot: self.pick(slot) for slot in ("date", "product", "city")}
        return found | {
            "name": name,
            "first": first,
            "colleague": colleague,
            "shop": shop,
            "shop_email": self.shop_address(shop),
            "order": self.order(pattern),
            "old_order": self.number(pattern),
            "email": self.spelled(email),
            "old_email": old_email,
            "other_email": self.address(colleague),
        }

    def header(self, frame: Frame, own: str) -> tuple[str, bool]:
        """Mail headers, and whether they show the sender's address."""
        shows = self.happens(0.75)
        lines = [f"From: {{name}} <{own}>" if shows else "From: {name}", "To: {shop_email}"]
        if self.happens(0.2):
            lines.append("Cc: {other_email}")
        subjects = [
            text for text in self.phrases["subject"] if frame.gives("order") or "{old_order}" not in text
        ]
        return "\n".join([*lines, f"Subject: {self.rng.choice(subjects)}"]), shows

    def ending(self, frame: Frame, own: str) -> tuple[list[str], bool]:
        """What follows the text of a mail, and whether it shows the sender's address."""
        parts, shows = [], False
        if self.happens(0.75):
            parts.append(self.pick("closing"))
        if frame.flag == "bare":
            return [*parts, "{first}"], False
        signature = self.pick("signature") if self.happens(0.7) else ""
        if signature and self.happens(0.28):
            signature += "\n" + self.pick("own_address").replace("{own}", own)
            shows = True
        parts += [signature] if signature else []
        if self.happens(0.15):
            parts.append(self.pick("footer"))
        if self.happens(0.3):
            parts.append(self.pick("history"))
        return parts, shows

    def mail(self, frame: Frame, body: str, own: str) -> tuple[str, bool]:
        """A whole mail around its text, and whether it shows the sender's address."""
        head, head_shows, opening = "", False, self.pick("opening") if self.happens(0.8) else ""
        if frame.flag != "bare" and self.happens(0.4):
            head, head_shows = self.header(frame, own)
        end, end_shows = self.ending(frame, own)
        gap = self.rng.choice(("\n", "\n\n"))
        first = gap.join(part for part in (opening, body) if part)
        return "\n\n".join(part for part in (head, first, *end) if part), head_shows or end_shows

    def roughened(self, text: str) -> str:
        """Text as typed in a hurry; slots stay as they are."""
        style, share = self.rng.random(), self.rng.choice((0, 0, 0.03, 0.07))
        pieces = []
        for piece in re.split(r"(\{\w+\}|\n|^[\w ().-]+:)", text, flags=re.MULTILINE):
            if piece.startswith("{") or piece.endswith(":") or not piece:
                pieces.append(piece)
                continue
            typed = re.sub(
                r"[a-z]{5,}", lambda word: self.typo(word[0]) if self.happens(share) else word[0], piece
            )
            pieces.append(typed.upper() if style < 0.03 else typed.lower() if style > 0.85 else typed)  # noqa: PLR2004 - few shout, more never use capitals
        return "".join(pieces)

    def typo(self, word: str) -> str:
        """A word with two letters swapped, one missing, or one doubled."""
        at = self.rng.randrange(1, len(word) - 1)
        return self.rng.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
            )
        )


def make_item(frame: Frame, writer: Writer) -> dict[str, object]:
    """One message with what is to be read from it."""
    slots = writer.slots()
    email = slots["email"]
    assert isinstance(email, Written)  # noqa: S101 - says the type
    own = str(slots["old_email"]) if frame.flag == "reply" else email.target
    body, shows = writer.roughened(frame.text), False
    if frame.kind == "mail":
        body, shows = writer.mail(frame, body, own)
    body = re.sub(r"(<|From: |Reply-To: )\{email\}", lambda place: place[1] + email.target, body)
    text = body.format(
        **{slot: value.text if isinstance(value, Written) else value for slot, value in slots.items()}
    )
    if frame.kind == "mail" and writer.happens(0.25):
        text = "\n".join(textwrap.fill(line, 64, break_on_hyphens=False) for line in text.split("\n"))
    order = slots["order"]
    assert isinstance(order, Written)  # noqa: S101 - says the type
    target = {"order_number": order.target} if frame.gives("order") else {}
    if frame.gives("email") or (shows and frame.flag != "reply"):
        target["email"] = email.target
    return {"text": text, "target": target}


def make_split(split: Split) -> str:
    """The whole file of a split."""
    rng = random.Random(f"{SEED}/{split.file}")
    writer = Writer(read_phrases(is_test=split.is_test), rng)
    rows, seen = [], set()
    for frame in read_frames(split):
        for _ in range(split.items_per_frame):
            item = make_item(frame, writer)
            if item["text"] not in seen:  # a frame without slots comes out the same now and then
                seen.add(item["text"])
                rows.append({**item, "group": frame.group})
    rng.shuffle(rows)
    lines = [
        json.dumps({"id": f"{split.prefix}{number:04d}", **row}, ensure_ascii=False)
        for number, row in enumerate(rows, start=1)
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both files, or with --check say whether they are as written."""
    stale = 0
    for split in SPLITS:
        path, text = FOLDER / split.file, make_split(split)
        if "--check" in sys.argv[1:]:
            is_same = path.is_file() and path.read_bytes() == text.encode()
            stale += not is_same
            print(f"{split.file}: {'as generated' if is_same else 'differs from what generate.py writes'}")
        else:
            path.write_bytes(text.encode())
            print(f"{split.file}: {text.count(chr(10))} items")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
