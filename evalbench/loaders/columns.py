"""Tell which column holds what: as said, else by habit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.errors import nearest
from evalbench.loaders.problems import Problems

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
}
"""Names that a column usually has, by what it holds; the first that is there is taken."""

TRAIN_MAY_LACK = ("id", "group", "tags", "messages")
"""What only the items of a test need."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column that holds each part of an item, or None."""

    id: str | None = None
    input: str | None = None
    target: str | None = None
    group: str | None = None
    tags: str | None = None
    messages: str | None = None

    @property
    def by_role(self) -> dict[str, str]:
        """The names by what they hold."""
        return {role: name for role in HABITS if (name := getattr(self, role)) is not None}

    @property
    def used(self) -> frozenset[str]:
        """The columns that become parts of an item; all others are its fields."""
        return frozenset(self.by_role.values())


def find_columns(
    said: Mapping[str, str], present: Collection[str], place: Path | str, problems: Problems
) -> tuple[Columns, list[str]]:
    """The columns, and in plain words those that nobody named."""
    found: dict[str, str] = {}
    inferred: list[str] = []
    for role, habits in HABITS.items():
        if role in said:
            found[role] = said[role]
            if said[role] not in present:
                problems.add(
                    place,
                    None,
                    _missing(role, said[role], present),
                    f"name a column that is there as `{role}`.",
                )
        elif (column := _by_habit(habits, present, taken=(*found.values(), *said.values()))) is not None:
            found[role] = column
            if column != role:
                inferred.append(f"{role}: column {column!r}")
    if "input" not in found and "messages" not in found:
        columns = ", ".join(map(repr, present))
        problems.add(
            place,
            None,
            f"no column is named as inputs usually are; there are {columns}",
            f"say which one it is: columns: {{input: {next(iter(present), 'text')}}}",
        )
    if found.get("input") is not None and found.get("input") == found.get("target"):
        problems.add(
            place, None, f"input and target are the same column, {found['input']!r}", "name two columns."
        )
    return Columns(**found), inferred


def _missing(role: str, name: str, present: Collection[str]) -> str:
    return (
        f"there is no column {name!r} for `{role}`; {nearest(name, present)} (there are {', '.join(present)})"
    )


def _by_habit(habits: Sequence[str], present: Collection[str], taken: Collection[str]) -> str | None:
    by_lower_case = {name.casefold(): name for name in reversed(tuple(present)) if name not in taken}
    return next((by_lower_case[habit] for habit in habits if habit in by_lower_case), None)
