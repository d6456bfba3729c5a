"""Turn rows into items, and note every row that cannot be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from evalbench.core.evalset import Item, JsonValue, Message, Prompt
from evalbench.errors import nearest
from evalbench.loaders.columns import HABITS, TRAIN_MAY_LACK, Columns, find_columns
from evalbench.loaders.item_file import kept
from evalbench.loaders.jsonl_file import parse
from evalbench.loaders.likes import Likes
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row, as_text, as_value

_PEEKED = 200
_CSV_SUFFIXES = (".csv", ".tsv")
_ROLES = ("system", "user", "assistant", "tool", "developer")


@dataclass(slots=True)
class Split:
    """The items of one file, with what was found out on the way.

    `likes` is empty for those of train.
    """

    place: Path | str
    columns: Columns
    items: Sequence[Item] = ()
    names: tuple[str, ...] = ()
    inferred: list[str] = field(default_factory=list)
    has_ids: bool = False
    likes: Likes = field(default_factory=Likes)


def read_items(
    rows: Iterator[Row],
    place: Path | str,
    said: Mapping[str, str],
    problems: Problems,
    held_in: Path | None = None,
    *,
    is_train: bool = False,
) -> Split:
    """The items of `rows`; which column holds what is settled by the first rows.

    Those of train may lack some columns; all others are compared with each other as they are read.
    """
    peeked = list(islice(rows, _PEEKED))
    if not peeked:
        if not problems.found:
            problems.add(place, None, "there are no rows", "give a file with at least one row.")
        return Split(place, Columns())
    present = list(dict.fromkeys(chain.from_iterable(row.values for row in peeked)))
    before = len(problems.found)
    columns, inferred = find_columns(
        _there(said, present, TRAIN_MAY_LACK if is_train else ()), present, place, problems, peeked
    )
    if len(problems.found) > before:
        return Split(place, columns, names=tuple(present))
    # CSV has no null, so an empty cell is all that an item without a target can have.
    is_csv = isinstance(place, Path) and place.suffix.lower() in _CSV_SUFFIXES
    builder = _Builder(place, columns, problems, dict.fromkeys(present), is_csv=is_csv)
    likes, made = Likes(), builder.items(chain(peeked, rows))
    items = kept(made if is_train else likes.through(made), folder=held_in)
    builder.report()
    return Split(place, columns, items, tuple(builder.names), inferred, columns.id is not None, likes)


def _there(said: Mapping[str, str], present: Sequence[str], optional: Collection[str]) -> dict[str, str]:
    return {role: name for role, name in said.items() if role not in optional or name in present}


class _SameIdError(ValueError):
    """Two rows have the same id."""


@dataclass(slots=True)
class _Builder:
    place: Path | str
    columns: Columns
    problems: Problems
    names: dict[str, None]
    lines: dict[str, int] = field(default_factory=dict)
    is_csv: bool = False
    repeated: int = 0
    blank_targets: int = 0
    blank_inputs: int = 0

    def items(self, rows: Iterable[Row]) -> Iterator[Item]:
        other_names: frozenset[str] = frozenset(self.names) - self.columns.used
        for row in rows:
            if not row.values.keys() <= self.names.keys():
                self.names.update(dict.fromkeys(row.values))
                other_names = frozenset(self.names) - self.columns.used
            try:
                yield self._item(row, other_names)
            except _SameIdError as error:
                self.problems.add(self.place, row.line, str(error), self._other_ids())
            except ValueError as error:
                self.problems.add(self.place, row.line, str(error))

    def report(self) -> None:
        name = self.place.name if isinstance(self.place, Path) else self.place
        if self.repeated:
            self.problems.warn(f"{name}: {self.repeated} rows are equal to an earlier one")
        if self.blank_inputs:
            self.problems.note(
                f"{name}: {self.blank_inputs} rows have an empty input, in column {self.columns.input!r}; "
                "they are asked all the same, so take them out if that is a gap in the data"
            )
        if self.blank_targets:
            self.problems.note(
                f"{name}: {self.blank_targets} rows have an empty cell as target; they count as unlabelled"
            )

    def _item(self, row: Row, other_names: frozenset[str]) -> Item:
        values, columns = row.values, self.columns
        messages = self._messages(values)
        return Item(
            id=self._id(row),
            prompt=Prompt(
                text=self._input(values, messages),
                messages=messages,
                fields={name: as_value(value) for name, value in values.items() if name in other_names},
            ),
            target=self._target(values),
            group=self._group(values.get(columns.group)) if columns.group else None,
            tags=_tags(values.get(columns.tags)) if columns.tags else (),
            line=row.line,
            solution=as_text(values.get(columns.solution)) if columns.solution else None,
        )

    def _id(self, row: Row) -> str:
        if self.columns.id is None:
            return self._made_id(row)
        found = as_text(row.values.get(self.columns.id))
        if not found:
            raise ValueError(f"has no id in column {self.columns.id!r}")
        if found in self.lines:
            raise _SameIdError(f"the id {found!r} is there already, on line {self.lines[found]}")
        self.lines[found] = row.line
        return found

    def _other_ids(self) -> str:
        """What to do where several rows have one id; a column of a usual name is taken without a word."""
        name = str(self.columns.id)
        made = f"rename {name!r} in the file" if name in HABITS["id"] else f"leave {name!r} out as `id`"
        return (
            "give each row an id of its own, or name a column that tells the rows apart: --id COLUMN, or "
            f"`columns: {{id: COLUMN}}` in evalset.yaml; to have ids made from the rows, {made}"
        )

    def _made_id(self, row: Row) -> str:
        text = json.dumps(row.values, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        found, repetition = digest, 1
        while found in self.lines:
            repetition += 1
            found = f"{digest}-{repetition}"
        self.repeated += repetition > 1
        self.lines[found] = row.line
        return found

    def _input(self, values: Mapping[str, JsonValue], messages: tuple[Message, ...]) -> str:
        if self.columns.input is None:
            return next((turn.content for turn in reversed(messages) if turn.role == "user"), "")
        if values.get(self.columns.input) is None:
            raise ValueError(self._without_input(values))
        found = as_text(values[self.columns.input])
        if found is None:
            raise ValueError(f"the input in column {self.columns.input!r} is no text")
        self.blank_inputs += not found.strip()
        return found

    def _without_input(self, values: Mapping[str, JsonValue]) -> str:
        name = str(self.columns.input)
        if name in values:
            return f"the input in column {name!r} is null"
        return f"has no column {name!r}; {nearest(name, values)}"

    def _target(self, values: Mapping[str, JsonValue]) -> JsonValue:
        value = values.get(self.columns.target) if self.columns.target else None
        if value == "" and self.is_csv:
            self.blank_targets += 1
            return None
        if isinstance(value, dict | list):
            return as_value(value)
        return as_text(value)

    def _group(self, value: JsonValue) -> str | None:
        found = as_text(value)
        if found is None and value is not None:
            raise ValueError(f"the group in column {self.columns.group!r} is no text")
        return found or None

    def _messages(self, values: Mapping[str, JsonValue]) -> tuple[Message, ...]:
        if self.columns.messages is None:
            return ()
        value = values.get(self.columns.messages)
        turns = parse(value) if isinstance(value, str) and value else value
        if not isinstance(turns, list) or not turns:
            raise ValueError(f"column {self.columns.messages!r} holds no list of messages")
        return tuple(_message(turn) for turn in turns)


def _message(turn: JsonValue) -> Message:
    if not isinstance(turn, dict) or set(turn) != {"role", "content"}:
        raise ValueError("a message is not of the form {role, content}")
    if turn["role"] not in _ROLES:
        raise ValueError(f"a message has the role {turn['role']!r}; {nearest(str(turn['role']), _ROLES)}")
    content = as_text(turn["content"])
    if content is None:
        raise ValueError("the content of a message is no text")
    return Message(str(turn["role"]), content)


def _tags(value: JsonValue) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        texts = [as_text(tag) for tag in value]
        if any(text is None for text in texts):
            raise ValueError("a tag is no text")
        return tuple(str(text) for text in texts)
    text = as_text(value)
    if text is None:
        raise ValueError("the tags are neither a list nor text with commas")
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())
