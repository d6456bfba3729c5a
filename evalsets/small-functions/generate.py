"""Writes the items of this eval set from hand-written functions, byte for byte the same each time.

python evalsets/small-functions/generate.py            writes items.jsonl
python evalsets/small-functions/generate.py --check    compares it with what would be written

Either way every solution is run against what was worked out by hand, and every wrong one has to fail.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from writing import Row, numbered, short_id, write_or_check  # noqa: E402 - it lies beside the folders of the sets

SEED: Final = 131


@dataclass
class Function:
    """One hand-written function: its name and kind, and its parts as they stand in the file."""

    name: str
    kind: str
    parts: dict[str, list[str]] = field(default_factory=dict)

    def variants(self) -> Iterator[dict[str, str]]:
        """What the names of `@vary` stand for, variant by variant."""
        names, *rows = self.parts["vary"][0].split(" | ")
        for row in rows:
            values = row.split(", ", names.count(",")) if "," in names else [row]
            yield dict(zip(names.split(", "), (value.strip('"') for value in values), strict=True))

    def filled(self, part: str, values: dict[str, str]) -> str:
        """A part with its values in place."""
        return Template("\n".join(self.parts[part])).substitute(values)


def read_functions(path: Path) -> list[Function]:
    """The functions of the file; a part goes from its `@` line to the next one."""
    found: list[Function] = []
    part = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@@ "):
            name, kind = line[3:].split()
            found.append(Function(name, kind))
        elif line.startswith("@"):
            part, _, rest = line[1:].partition(" ")
            found[-1].parts[part] = [rest] if rest else []
        elif line and not line.startswith("% "):
            found[-1].parts[part].append(line)
    return found


def defined(code: str, name: str) -> Any:
    """The function that the code defines."""
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102 - the code stands in this folder
    return space[name]


def row(function: Function, values: dict[str, str]) -> Row:
    """One variant as an item, once its solution was seen to be right and its wrong one to be wrong."""
    name, solution = function.name, function.filled("solution", values)
    right, wrong = defined(solution, name), defined(function.filled("wrong", values), name)
    calls = [eval(f"({call},)") for call in function.filled("calls", values).split("\n")]  # noqa: S307 - as above
    tests = [f"assert {name}({shown(arguments)}) == {right(*arguments)!r}" for arguments in calls]
    for call in calls:
        if repr(eval(repr(right(*call)))) != repr(right(*call)):  # noqa: S307 - as above
            raise SystemExit(f"{name}: {right(*call)!r} cannot be written down")
    if not any(failed(f"assert wrong({shown(call)}) == {right(*call)!r}", wrong) for call in calls):
        raise SystemExit(f"{name} {values}: the wrong solution passes")
    text = (
        f"Write a Python function `{name}` that {function.filled('text', values)}\n\n"
        f"Example: `{name}({shown(calls[0])})` returns `{right(*calls[0])!r}`."
    )
    return {
        "text": text,
        "tests": "\n".join(tests),
        "entry_point": name,
        "solution": solution,
        "tags": [function.kind],
        "group": short_id(name),
    }


def shown(arguments: tuple[Any, ...]) -> str:
    """The arguments of a call as they are written."""
    return ", ".join(map(repr, arguments))


def failed(test: str, wrong: Any) -> bool:
    """Whether a test fails, by its outcome or by an error."""
    try:
        exec(test, {"wrong": wrong})  # noqa: S102 - the code stands in this folder
    except Exception:  # noqa: BLE001 - any error is a failure
        return True
    return False


def contents() -> dict[Path, str]:
    """What the file should hold."""
    rows = []
    for function in read_functions(FOLDER / "functions.txt"):
        first, *_ = variants = list(function.variants())
        (sure,) = function.parts["sure"]
        name = function.name
        if not eval(sure, {name: defined(function.filled("solution", first), name)}):  # noqa: S307 - as above
            raise SystemExit(f"not so: {sure}")
        rows += [row(function, values) for values in variants]
    return {FOLDER / "items.jsonl": numbered(rows, "function-", random.Random(SEED))}


if __name__ == "__main__":
    raise SystemExit(write_or_check(contents(), sys.argv[1:]))
