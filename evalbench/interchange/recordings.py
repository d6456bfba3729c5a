"""Read recordings: real answers of real models, one JSON object a line, from anywhere.

This is the only parser of the format. Every line that cannot be used is named with its number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from evalbench.core.completion import Completion, Status, Usage
from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError, nearest

_REQUIRED = ("task", "item_id", "model", "output")
_MAX_LINE_BYTES = 10_000_000
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded answer: who said what to which item, and what a former grader made of it.

    `is_valid` is False where that grader could not read the answer.
    """

    task: str
    item_id: str
    model: str
    repeat: int
    completion: Completion
    line: int
    input: str | None = None
    target: JsonValue = None
    score: float | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    is_valid: bool = True


@dataclass(frozen=True, slots=True)
class Recordings:
    """A whole file of recorded answers; `digest` is the sha256 of its bytes."""

    path: Path
    digest: str
    entries: tuple[Recording, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The models that answered, in order of appearance."""
        return tuple(dict.fromkeys(entry.model for entry in self.entries))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that were answered, in order of appearance."""
        return tuple(dict.fromkeys(entry.task for entry in self.entries))

    def answers(self, model: str, task: str) -> dict[tuple[str, int], Completion]:
        """One model's answers by item id and repeat.

        Those recorded for `task` are used when there are any, else those of the file's only task.
        """
        if model not in self.models:
            raise InputError(f"{self.path} has no answers of {model!r}", nearest(model, self.models))
        name = task if task in self.tasks else self.tasks[0]
        if name != task and len(self.tasks) > 1:
            raise InputError(
                f"{self.path} records {len(self.tasks)} tasks, none of them {task!r}",
                f"name the eval set after one of: {', '.join(self.tasks)}.",
            )
        return {
            (entry.item_id, entry.repeat): entry.completion
            for entry in self.entries
            if (entry.model, entry.task) == (model, name) and entry.completion.status is not Status.MISSING
        }


def read_recordings(path: Path) -> Recordings:
    """Read and check a whole file; all unusable lines are reported at once, and none is dropped."""
    if not path.is_file():
        raise InputError(
            f"there is no file {str(path)!r}", "give the path of a recording, one JSON object a line."
        )
    digest = hashlib.sha256()
    entries: list[Recording] = []
    problems: list[str] = []
    for number, line in _lines(path):
        digest.update(line)
        if not line.strip():
            continue
        parsed = _parse(line, number)
        if isinstance(parsed, str):
            problems.append(f"{path}:{number}: {parsed}")
        else:
            entries.append(parsed)
    problems += _repetitions(entries, path)
    if problems:
        _refuse(path, problems)
    if not entries:
        raise InputError(f"{path} holds no answers", "give a file with one JSON object a line.")
    return Recordings(path, digest.hexdigest(), tuple(entries))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > _MAX_LINE_BYTES:
                raise InputError(
                    f"{path}:{number}: the line is longer than 10 MB", "split it, or leave it out."
                )
            if b"\0" in line:
                raise InputError(
                    f"{path}:{number}: holds NUL bytes, so this is no text file",
                    "give a file with one JSON object a line, saved as UTF-8.",
                )
            yield number, line


def _parse(line: bytes, number: int) -> Recording | str:
    try:
        fields = json.loads(line, parse_float=_Written, parse_constant=_refuse_constant)
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(fields, dict):
        return "not a JSON object"
    lacking = [key for key in _REQUIRED if fields.get(key) is None]
    if lacking:
        return f"lacks {', '.join(repr(key) for key in lacking)}"
    if not isinstance(fields["output"], str):
        return f"'output' is {type(fields['output']).__name__}, not text"
    wrong = [*_wrong_numbers(fields), *_wrong_words(fields)]
    if not line.isascii() or b"\\u" in line:
        wrong += _half_characters(fields)
    return "; ".join(wrong) if wrong else _recording(fields, number)


_AMOUNTS = ("cost_usd", "latency_s", "first_token_s")
_COUNTS = ("input_tokens", "output_tokens", "cache_read", "cache_write", "reasoning", "repeat")
_SHARES = ("score", "confidence")


def _wrong_numbers(fields: Mapping[str, Any]) -> Iterator[str]:
    for key in (*_AMOUNTS, *_COUNTS, *_SHARES):
        value = fields.get(key)
        if value is None:
            continue
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or value < 0
        ):
            yield f"{key!r} is {value!r}, not a number from 0 up"
        elif key in _SHARES and value > 1:
            yield f"{key!r} is {value!r}, not between 0 and 1"
        elif key in _COUNTS and not isinstance(value, int):
            yield f"{key!r} is {value!r}, not a whole number"


def _wrong_words(fields: Mapping[str, Any]) -> Iterator[str]:
    status = fields.get("status")
    known = [name.value for name in Status]
    if status is not None and status not in known:
        yield f"'status' is {status!r}; {nearest(str(status), known)}"
    tags = fields.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        yield "'tags' is not a list of texts"


def _half_characters(fields: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fields.items():
        if key == "output":
            continue  # An odd answer is the model's doing; whoever stores it replaces what no text can hold.
        try:
            json.dumps([key, value], ensure_ascii=False).encode()
        except UnicodeEncodeError:
            yield f"{key!r} holds half of a character (a lone surrogate such as \\ud800)"


def _recording(fields: Mapping[str, Any], number: int) -> Recording:
    # An answer recorded as `invalid` is graded again here; the grader, not the file, reads it.
    status = Status(fields.get("status") or Status.OK)
    completion = Completion(
        text=fields["output"],
        status=Status.OK if status is Status.INVALID else status,
        usage=Usage(
            fields.get("input_tokens"),
            fields.get("output_tokens"),
            fields.get("cache_read"),
            fields.get("cache_write"),
            fields.get("reasoning"),
        ),
        cost_usd=_plain(fields.get("cost_usd")),
        latency_s=_plain(fields.get("latency_s")),
        first_token_s=_plain(fields.get("first_token_s")),
        confidence=_plain(fields.get("confidence")),
        created=fields.get("created"),
    )
    return Recording(
        task=str(fields["task"]),
        item_id=str(_scalar_as_text(fields["item_id"])),
        model=str(fields["model"]),
        repeat=fields.get("repeat") or 0,
        completion=completion,
        line=number,
        input=None if fields.get("input") is None else str(fields["input"]),
        target=_scalar_as_text(fields.get("target")),
        score=_plain(fields.get("score")),
        group=None if fields.get("group") is None else str(fields["group"]),
        tags=tuple(fields.get("tags") or ()),
        is_valid=status is not Status.INVALID,
    )


def _plain(number: float | None) -> float | None:
    return None if number is None else float(number)


class _Written(float):
    """A number that remembers its digits, since `1.0` and `1e3` are ids of their own."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _scalar_as_text(value: JsonValue) -> JsonValue:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Written):
        return value.text
    return str(value) if isinstance(value, int) else _with_plain_numbers(value)


def _with_plain_numbers(value: JsonValue) -> JsonValue:
    """The value with numbers for what is no id: inside lists and objects digits do not matter."""
    if isinstance(value, dict):
        return {name: _with_plain_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(part) for part in value]
    return float(value) if isinstance(value, _Written) else value


def _repetitions(entries: Sequence[Recording], path: Path) -> list[str]:
    lines: dict[tuple[str, str, str, int], list[int]] = defaultdict(list)
    for entry in entries:
        lines[entry.task, entry.item_id, entry.model, entry.repeat].append(entry.line)
    return [
        f"{path}:{found[1]}: item {item_id!r} of {model!r} was answered on line {found[0]} (use `repeat`)"
        for (_, item_id, model, _), found in lines.items()
        if len(found) > 1
    ]


def _refuse(path: Path, problems: Sequence[str]) -> None:
    shown = "\n  ".join(problems[:_SHOWN_PROBLEMS])
    more = f"\n  and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
    plural = "line" if len(problems) == 1 else "lines"
    raise InputError(
        f"{len(problems)} {plural} of {path} cannot be used:\n  {shown}{more}",
        "mend or remove these lines; nothing is dropped in silence.",
    )
