"""Writes the items of this eval set from hand-written conditions, byte for byte the same each time.

python evalsets/trip-planning/generate.py            writes items.jsonl and train.jsonl
python evalsets/trip-planning/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
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

SEED: Final = 131
TEST_THEMES: Final = 20
PER_THEME: Final = {"train": 30, "test": 16}
FEWEST_RULES: Final = 3
HOUR: Final = 60
ALIKE: Final = 0.85

Plan: TypeAlias = dict[str, tuple[int, int]]
"""The beginning and the end of every stop, in minutes, in the order of the stops."""


@dataclass(frozen=True)
class Rule:
    """A condition on one or two stops, some of them with a time."""

    kind: str
    x: str
    y: str = ""
    at: int = 0

    def holds(self, plan: Plan) -> bool:
        """Whether a plan obeys it; an opening time is obeyed by waiting."""
        order = list(plan)
        at = order.index(self.x)
        to = order.index(self.y) if self.y else at
        return {
            "opens": True,
            "closes": plan[self.x][1] <= self.at,
            "before": at < to,
            "next": to == at + 1,
            "apart": abs(to - at) > 1,
            "not first": at > 0,
            "not last": at < len(order) - 1,
        }[self.kind]


@dataclass(frozen=True)
class Day:
    """What is given: when the day begins, how long each stop takes, and the way between any two."""

    start: int
    takes: Mapping[str, int]
    way: int

    def plan(self, order: Sequence[str], rules: Sequence[Rule]) -> Plan:
        """The stops in this order, each begun as early as possible."""
        opens = {rule.x: rule.at for rule in rules if rule.kind == "opens"}
        now, found = self.start, {}
        for stop in order:
            begin = max(now, opens.get(stop, 0))
            found[stop] = (begin, begin + self.takes[stop])
            now = begin + self.takes[stop] + self.way
        return found

    def plans(self, rules: Sequence[Rule]) -> list[Plan]:
        """A plan for every order of the stops; only opening times matter for it."""
        return [self.plan(order, rules) for order in permutations(self.takes)]


def obedient(plans: Sequence[Plan], rules: Sequence[Rule]) -> list[Plan]:
    """The plans that obey all rules."""
    return [plan for plan in plans if all(rule.holds(plan) for rule in rules)]


def true_rules(plan: Plan, dice: random.Random) -> list[Rule]:
    """Conditions that a plan obeys, in random order."""
    order = list(plan)
    found = []
    for at, stop in enumerate(order):
        ends = plan[stop][1]
        found.append(Rule("closes", stop, at=-(-ends // 30) * 30 + dice.choice((0, 30))))
        if at:
            found.append(Rule("not first", stop))
        if at < len(order) - 1:
            found += [Rule("not last", stop), Rule("next", stop, order[at + 1])]
        found += [Rule("before", stop, later) for later in order[at + 1 :]]
        found += [Rule("apart", stop, later) for later in order[at + 2 :]]
    dice.shuffle(found)
    return found


def puzzle(stops: Sequence[str], dice: random.Random) -> tuple[Day, list[Rule], Plan]:
    """A day with as few conditions as leave exactly one plan."""
    while True:
        order = dice.sample(list(stops), dice.choice((4, 4, 5)))
        day = Day(
            dice.choice((8, 9, 10)) * HOUR + dice.choice((0, 0, 30)),
            {stop: dice.choice((20, 30, 40, 45, 60, 90)) for stop in sorted(order)},
            dice.choice((10, 15, 20)),
        )
        late = dice.choice(order[1:])
        begin = day.plan(order, [])[late][0]
        rules = [Rule("opens", late, at=(begin // 30 + dice.choice((1, 2, 3))) * 30)]
        plan, plans = day.plan(order, rules), day.plans(rules)
        left = plans
        for rule in true_rules(plan, dice):
            if len(left) == 1:
                break
            rules.append(rule)
            left = obedient(left, [rule])
        for rule in rules[1:]:  # what is not needed goes
            fewer = [other for other in rules if other is not rule]
            if len(obedient(plans, fewer)) == 1:
                rules = fewer
        if len(rules) >= FEWEST_RULES and left == [plan]:
            dice.shuffle(rules)
            return day, rules, plan


def clock(minutes: int) -> str:
    """Minutes since midnight as 09:30."""
    return f"{minutes // HOUR:02}:{minutes % HOUR:02}"


def row(theme: str, wordings: Mapping[str, Sequence[str]], dice: random.Random) -> Row:
    """One day to be planned, with the only plan."""
    head, _, listed = theme.partition(" | ")
    day, rules, plan = puzzle(listed.split(", "), dice)
    head = head.replace("{name}", dice.choice(wordings["names"])).replace(
        "{place}", dice.choice(wordings["places"])
    )
    takes = list(day.takes.items())
    dice.shuffle(takes)
    said = [
        dice.choice(wordings[rule.kind])
        .replace("{x}", f"the {rule.x}")
        .replace("{y}", f"the {rule.y}")
        .replace("{t}", clock(rule.at))
        for rule in rules
    ]
    way = f"the way from any stop to any other takes {day.way} minutes"
    lines = [
        f"{head}. The day begins at {clock(day.start)} at the first stop; {way}.",
        "Stops: " + ", ".join(f"{stop} ({minutes} minutes)" for stop, minutes in takes) + ".",
        *(f"- {text[0].upper()}{text[1:]}" for text in said),
    ]
    return {
        "text": "\n".join(lines),
        "plan": {stop: clock(begin) for stop, (begin, _) in plan.items()},
        "tags": [f"{len(plan)} stops"],
        "group": listed.split(", ")[0] + ", " + listed.split(", ")[1],
    }


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection(ALIKE)
    text = (FOLDER / "themes.txt").read_text(encoding="utf-8")
    themes = [line for line in text.splitlines() if line and not line.startswith("% ")]
    chosen = {"train": themes[TEST_THEMES:], "test": themes[:TEST_THEMES]}
    known, found = by_label(read_lines(FOLDER / "rules.txt")), {}
    for at, (split, name, prefix) in enumerate(
        (("train", "train.jsonl", "trip-t"), ("test", "items.jsonl", "trip-"))
    ):
        wordings = {kind: lines[at::2] for kind, lines in known.items()}
        rows = [
            drawn(partial(row, theme, wordings, dice), collection, split)
            for theme in chosen[split]
            for _ in range(PER_THEME[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
