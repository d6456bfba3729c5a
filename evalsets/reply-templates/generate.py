"""Writes the items of this eval set from hand-written templates and facts, byte for byte the same each time.

python evalsets/reply-templates/generate.py            writes items.jsonl and train.jsonl
python evalsets/reply-templates/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Mapping
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

SEED: Final = 131
CASES: Final = {"train": 140, "test": 105}
PER_CASE: Final = 3
GIVEN: Final = 0.5  # share of optional facts that are given
INTERNAL: Final = "internal "
# What the messages about one customer have in common.
SHARED: Final = ("title", "first name", "surname", "order", "pieces", "product", "member", "season")

_CONDITIONAL: Final = re.compile(r"\[only if ([\w ]+?) is (not )?([\w ]+?): ([^\]]*)\]")


@dataclass
class Template:
    """A house template: the facts that it is given, and its text."""

    kind: str
    always: list[str] = field(default_factory=list)
    perhaps: list[str] = field(default_factory=list)
    text: str = ""

    def filled(self, facts: Mapping[str, str]) -> str:
        """The message that these facts make of it."""
        text = _CONDITIONAL.sub(lambda part: part[4] if _holds(part, facts) else "", self.text)
        text = re.sub(r"\{\{(.+?)\}\}", lambda gap: facts[gap[1]], text)
        lines = [re.sub(r" +", " ", line).strip() for line in text.split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _holds(part: re.Match[str], facts: Mapping[str, str]) -> bool:
    fact, is_not, value, _ = part.groups()
    is_so = fact in facts if value == "given" else facts.get(fact) == value
    return is_so != bool(is_not)


def read_templates() -> list[Template]:
    """The templates of the file."""
    found: list[Template] = []
    for line in (FOLDER / "templates.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append(Template(line[2:]))
        elif line.startswith("facts "):
            names = line.removeprefix("facts ").split(", ")
            found[-1].always = [name for name in names if not name.endswith("?")]
            found[-1].perhaps = [name[:-1] for name in names if name.endswith("?")]
        elif found:
            found[-1].text += f"{line}\n"
    for template in found:
        template.text = template.text.strip()
    return found


def draw_case(filler: Filler) -> None:
    """New values for what the messages about one customer share."""
    filler.held.clear()
    for name in SHARED:
        filler.held[name] = filler.fill(filler.dice.choice(filler.slots[name]))


def row(template: Template, case: str, filler: Filler) -> Row:
    """One message about a customer: the facts in any order, some of them internal, and the template."""
    given = template.always + [name for name in template.perhaps if filler.chance(GIVEN)]
    internal = [name for name in filler.slots if name.startswith(INTERNAL)]
    names = given + filler.dice.sample(internal, filler.dice.randint(1, 2))
    facts = {
        name: filler.held.get(name) or filler.fill(filler.dice.choice(filler.slots[name])) for name in names
    }
    filler.dice.shuffle(names)
    return {
        "text": "\n".join(f"{name}: {facts[name]}" for name in names),
        "template": template.text,
        "reply": template.filled(facts),
        "tags": [template.kind],
        "group": case,
    }


def rows(templates: list[Template], split: str, known: Collection, filler: Filler) -> list[Row]:
    """All rows of a split: about each customer a few messages of different kinds, all kinds equally often."""
    found: list[Row] = []
    left: list[Template] = []
    for number in range(CASES[split]):
        draw_case(filler)
        case = short_id(f"{split} {number}")
        chosen: list[Template] = []
        while len(chosen) < PER_CASE:
            left = left or filler.dice.sample(templates, len(templates))
            chosen.append(left.pop())
        found += [drawn(partial(row, template, case, filler), known, split) for template in chosen]
    return found


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, known = random.Random(SEED), Collection()
    templates = read_templates()
    filler, found = Filler(by_label(read_lines(FOLDER / "facts.txt")), dice), {}
    for split, name, prefix in (("train", "train.jsonl", "reply-t"), ("test", "items.jsonl", "reply-")):
        found[FOLDER / name] = numbered(rows(templates, split, known, filler), prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
