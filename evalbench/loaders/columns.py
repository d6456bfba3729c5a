"""Tell which column holds what: as said, else by habit."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.errors import nearest
from evalbench.loaders.codes import code_columns, is_id_name, longest_texts
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row

HABITS: Mapping[str, Sequence[str]] = {
    "id": ("id", "item_id"),
    "messages": ("messages",),
    "input": (
        *("input", "text", "question", "prompt", "message", "content", "query", "ticket"),
        *("sentence", "utterance", "document", "body", "source", "instruction", "email", "comment"),
    ),
    "target": (
        *("target", "label", "category", "answer", "output", "expected", "intent", "class"),
        *("answers", "labels", "gold", "reference", "completion", "response", "summary", "translation"),
    ),
    "group": ("group", "group_id", "conversation", "conversation_id", "thread", "thread_id", "session_id"),
    "tags": ("tags",),
    "solution": (),
}
"""Names that a column usually has, by what it holds; the first that is there is taken.

A worked solution has to be named, since a prompt may mean a column of that name.
"""

_BY_LAST_WORD = ("input", "target")
_LAST_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

TRAIN_MAY_LACK = ("id", "group", "tags", "messages", "solution")
"""What only the items of a test need."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column that holds each part of an item, or None.

    A `solution` is for people who read the file: no prompt may name it. Where targets are no answers, it
    is the answer of worked examples.
    """

    id: str | None = None
    input: str | None = None
    target: str | None = None
    group: str | None = None
    tags: str | None = None
    messages: str | None = None
    solution: str | None = None

    @property
    def by_role(self) -> dict[str, str]:
        """The names by what they hold."""
        return {role: name for role in HABITS if (name := getattr(self, role)) is not None}

    @property
    def used(self) -> frozenset[str]:
        """The columns that are spoken for; all others are fields of the item."""
        return frozenset(self.by_role.values())


def find_columns(
    said: Mapping[str, str],
    present: Collection[str],
    place: Path | str,
    problems: Problems,
    rows: Sequence[Row] = (),
) -> tuple[Columns, list[str]]:
    """The columns, and in plain words those that nobody named and why they were chosen.

    A column of ids, by its name or by its values in `rows`, is not taken for the input where another one
    holds longer texts.
    """
    found: dict[str, str] = {}
    inferred: list[str] = []
    codes = _codes(said, present, rows)
    for role in HABITS:
        if role in said:
            found[role] = said[role]
            if said[role] not in present:
                problems.add(
                    place,
                    None,
                    _missing(role, said[role], present),
                    f"name a column that is there as `{role}`.",
                )
            continue
        taken = (*found.values(), *said.values())
        left = [name for name in present if role not in _BY_LAST_WORD or name not in codes]
        column = _guessed(role, left, taken)
        if column is not None:
            found[role] = column
            passed = _guessed(role, present, taken) if role == "input" else column
            if column != role or passed != column:
                aside = "" if passed == column else f"; {passed!r} holds codes"
                inferred.append(f"{role}: column {column!r}, by its name{aside}")
    _take_the_only_one_left(found, present, codes, inferred)
    if "input" not in found and "messages" not in found:
        columns = ", ".join(map(repr, present))
        others = [name for name in present if name not in found.values() and not is_id_name(name)]
        example = longest_texts(rows, others or present) or "text"
        problems.add(
            place,
            None,
            f"no column is named as inputs usually are; there are {columns}",
            f"say which one it is: --input {shlex.quote(example)}, "
            f"or columns: {{input: {quoted(example)}}} in evalset.yaml",
        )
    if found.get("input") is not None and found.get("input") == found.get("target"):
        problems.add(
            place, None, f"input and target are the same column, {found['input']!r}", "name two columns."
        )
    return Columns(**found), inferred


def quoted(text: str) -> str:
    """A name or a text as YAML reads it on one line."""
    is_word = text.isascii() and text.replace("_", "").replace("-", "").isalnum() and text[:1].isalpha()
    if is_word and text.lower() != "null":
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _codes(said: Mapping[str, str], present: Collection[str], rows: Sequence[Row]) -> frozenset[str]:
    """The columns of ids; what is called `input` is one, whatever it holds."""
    target = _guessed("target", present, said.values())
    taken = {*said.values(), *([target] if target else [])}
    return frozenset(name for name in code_columns(rows, present, taken) if name.casefold() != "input")


def _take_the_only_one_left(
    found: dict[str, str], present: Collection[str], codes: Collection[str], inferred: list[str]
) -> None:
    left = [name for name in present if name not in found.values() and name not in codes]
    if len(left) == 1 and "target" in found and not {"input", "messages"} & set(found):
        found["input"] = left[0]
        inferred.append(f"input: column {left[0]!r}, the only one left")


def _missing(role: str, name: str, present: Collection[str]) -> str:
    return (
        f"there is no column {name!r} for `{role}`; {nearest(name, present)} (there are {', '.join(present)})"
    )


def _guessed(role: str, present: Collection[str], taken: Collection[str]) -> str | None:
    column = _by_habit(HABITS[role], present, taken)
    if column is None and role in _BY_LAST_WORD:
        return _by_last_word(HABITS[role], present, taken)
    return column


def _by_habit(habits: Sequence[str], present: Collection[str], taken: Collection[str]) -> str | None:
    by_lower_case = {name.casefold(): name for name in reversed(tuple(present)) if name not in taken}
    return next((by_lower_case[habit] for habit in habits if habit in by_lower_case), None)


def _by_last_word(habits: Sequence[str], present: Collection[str], taken: Collection[str]) -> str | None:
    """A column such as `ticket_text` or `true label`; None when two would do as well."""
    words = {name: _LAST_WORD.findall(name)[-1:] for name in present if name not in taken}
    for habit in habits:
        alike = [name for name, last in words.items() if last and last[0].casefold() == habit]
        if alike:
            return alike[0] if len(alike) == 1 else None
    return None
