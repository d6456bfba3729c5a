"""Writes the items of this eval set from hand-written policies, byte for byte the same each time.

python evalsets/policy-questions/generate.py            writes items.jsonl and train.jsonl
python evalsets/policy-questions/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass, field
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

SEED: Final = 97
NOT_THERE: Final = "not in the text"
PER_QUESTION: Final = {"train": 9, "test": 5}
PER_ABSENT: Final = {"train": 5, "test": 3}
LISTED: Final = 0.5  # share of rules that are a list
LEFT_OUT: Final = 1  # how many items of a question lack its clause, so that it has no answer
# Variants of a question share its policy, so they may be quite alike.
ALIKE: Final = 0.9


@dataclass
class Policy:
    """Clauses with a question each, and questions that no clause answers."""

    title: str
    clauses: list[str] = field(default_factory=list)
    questions: list[tuple[str, list[str]]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def read_policies(name: str) -> list[Policy]:
    """The policies of a file."""
    found: list[Policy] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        sign, _, rest = line.partition(" ")
        if sign == "=":
            found.append(Policy(rest))
        elif sign == "+":
            found[-1].clauses.append(rest)
        elif sign == "?":
            question, *answers = rest.split(" / ")
            found[-1].questions.append((question, answers))
        elif sign == "-":
            found[-1].absent.append(rest)
    return found


def draw_words(filler: Filler) -> None:
    """New numbers and words for every slot; no two numbers are equal, so that none is right by chance."""
    numbers = filler.dice.sample(range(2, 12), 4)
    filler.held.update(zip("abcd", map(str, numbers), strict=True))
    for slot in ("p", "q", "w", "m", "d1"):
        filler.held[slot] = filler.dice.choice(filler.slots[slot])


def row(policy: Policy, place: int | None, question: str, filler: Filler, *, is_left_out: bool) -> Row:
    """A policy and a question about the clause at `place`, which may have been left out."""
    draw_words(filler)
    kept = [at for at in range(len(policy.clauses)) if not (is_left_out and at == place)]
    filler.dice.shuffle(kept)
    parts = [filler.fill(policy.clauses[at]) for at in kept]
    for aside in filler.dice.sample(filler.slots["aside"], 2):
        parts.insert(filler.dice.randint(0, len(parts)), filler.fill(aside))
    has_answer = place is not None and not is_left_out
    answers = [filler.fill(text) for text in policy.questions[place][1]] if place is not None else []
    rules = "".join(f"\n- {part}" for part in parts) if filler.chance(LISTED) else "\n" + " ".join(parts)
    return {
        "text": f"{filler.fill(policy.title)}\n{rules}\n\nQuestion: {filler.fill(question)}",
        "answer": list(dict.fromkeys(answers)) if has_answer else [NOT_THERE],
        "tags": ["answerable"] if has_answer else ["unanswerable"],
        "group": short_id(policy.title + question),
    }


def rows(policies: list[Policy], split: str, known: Collection, filler: Filler) -> list[Row]:
    """All rows of a split: each question with its clause, without it, and those that no clause answers."""
    found = []
    for policy in policies:
        for place, (question, _) in enumerate(policy.questions):
            for number in range(PER_QUESTION[split]):
                is_left_out = number < LEFT_OUT
                make = partial(row, policy, place, question, filler, is_left_out=is_left_out)
                found.append(drawn(make, known, split))
        for question in policy.absent:
            for _ in range(PER_ABSENT[split]):
                make = partial(row, policy, None, question, filler, is_left_out=False)
                found.append(drawn(make, known, split))
    return found


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection(ALIKE)
    filler, found = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice), {}
    for split, name, prefix in (("train", "train.jsonl", "policy-t"), ("test", "items.jsonl", "policy-")):
        policies = read_policies(f"policies-{split}.txt")
        for policy in policies:
            slots = {slot for text in policy.clauses for slot in re.findall(r"\{(\w+)\}", text)}
            asked = {
                slot
                for _, texts in policy.questions
                for text in texts
                for slot in re.findall(r"\{(\w+)\}", text)
            }
            if not asked <= slots:
                raise SystemExit(f"{policy.title}: no clause says {asked - slots}")
        found[FOLDER / name] = numbered(rows(policies, split, known, filler), prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
