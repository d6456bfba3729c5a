"""Writes the items of this eval set from hand-written problems, byte for byte the same each time.

python evalsets/steps/generate.py            writes items.jsonl and train.jsonl
python evalsets/steps/generate.py --check    compares them with what would be written
"""

from __future__ import annotations

import ast
import operator
import random
import re
import sys
from collections.abc import Callable, Mapping
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
    write_or_check,
)

SEED: Final = 83
PER_PROBLEM: Final = {"train": 12, "test": 11}
# Variants of a problem differ in numbers, names and the remark, so they may be quite alike.
ALIKE: Final = 0.97
REMARKED: Final = 0.5

OPERATORS: Final[Mapping[type, Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass
class Problem:
    """A hand-written problem: what is drawn, what must hold, the steps of its solution, and the text."""

    name: str
    text: str = ""
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in one line of the file."""
        kind, _, rest = line.partition(" ")
        if kind == "draw":
            for name, low, high in re.findall(r"(\w+) (\d+)-(\d+)", rest):
                self.ranges[name] = int(low), int(high)
        elif kind == "need":
            self.needs.append(rest)
        elif kind == "show":
            self.shown += [tuple(part.split(" = ")) for part in rest.split(", ")]  # type: ignore[misc]
        elif found := re.match(r"(\w) = (.*) : (.*)", line):
            self.steps.append((found[1], found[2], found[3]))
        else:
            self.text = line

    def values(self, dice: random.Random) -> dict[str, int]:
        """Numbers for which everything holds that has to."""
        while True:
            known = {name: dice.randint(*bounds) for name, bounds in self.ranges.items()}
            for name, expression, _ in self.steps:
                known[name] = value(expression, known)
            if all(value(need, known) for need in self.needs) and known[self.steps[-1][0]] > 0:
                return known


def value(expression: str, known: Mapping[str, int]) -> int:
    """What a sum, product or comparison of whole numbers comes to."""
    return _value(ast.parse(expression, mode="eval").body, known)


def _value(node: ast.expr, known: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant):
        return int(str(node.value))
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, known), _value(node.right, known))
    if isinstance(node, ast.Compare):
        return OPERATORS[type(node.ops[0])](_value(node.left, known), _value(node.comparators[0], known))
    raise ValueError(ast.dump(node))


def read_problems(name: str) -> list[Problem]:
    """The problems of a file."""
    found: list[Problem] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append(Problem(line[2:]))
        elif line:
            found[-1].read(line)
    return found


def row(problem: Problem, split: str, filler: Filler) -> Row:
    """One problem with its numbers, its answer and the way to it."""
    known = problem.values(filler.dice)
    known |= {name: value(expression, known) for name, expression in problem.shown}
    name, other = filler.dice.sample(filler.slots["name"], 2)
    filler.held.update({"name": name, "other": other}, **{key: str(number) for key, number in known.items()})
    text = filler.fill(problem.text)
    if filler.chance(REMARKED):
        text = f"{filler.fill(filler.dice.choice(filler.slots['remark']))} {text}"
    steps = [
        f"{_in_numbers(expression, known)} = {known[key]} ({filler.fill(meaning)})"
        for key, expression, meaning in problem.steps
    ]
    return {
        "text": text,
        "answer": str(known[problem.steps[-1][0]]),
        "worked": "; ".join(steps),
        "group": f"{split} {problem.name}",
    }


def _in_numbers(expression: str, known: Mapping[str, int]) -> str:
    """An expression with numbers for names and with the signs that people write."""
    text = re.sub(r"[a-z]", lambda found: str(known[found[0]]), expression)
    return text.replace("//", "÷").replace("*", "×").replace("%", "mod")  # noqa: RUF001 - the signs, as meant


def contents() -> dict[Path, str]:
    """What the two files should hold."""
    dice, collection = random.Random(SEED), Collection(ALIKE)
    filler, found = Filler(by_label(read_lines(FOLDER / "phrases.txt")), dice), {}
    for split, name, prefix in (("train", "train.jsonl", "step-t"), ("test", "items.jsonl", "step-")):
        rows = [
            drawn(partial(row, problem, split, filler), collection, split)
            for problem in read_problems(f"problems-{split}.txt")
            for _ in range(PER_PROBLEM[split])
        ]
        found[FOLDER / name] = numbered(rows, prefix, dice)
    return found


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
