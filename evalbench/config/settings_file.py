"""Check a settings file against its model, and tell all that is wrong in plain words with lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails

from evalbench.config.yaml_text import Plain, Section, as_json, is_unset, line_of, lines_of, read_yaml
from evalbench.core.evalset import JsonValue
from evalbench.errors import nearest


class PlacedError(ValueError):
    """Something wrong with a part of a group, which `place` leads to from there, and perhaps its fix."""

    def __init__(self, problem: str, place: Sequence[str] = (), fix: str | None = None) -> None:
        super().__init__(problem)
        self.place = tuple(place)
        self.fix = fix


class Record(BaseModel):
    """A part of a settings file: unknown keys are refused, `null` or nothing means unset."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_unset(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if not is_unset(value)}


Free = Annotated[Any, BeforeValidator(as_json)]
"""Free-form JSON written as YAML."""

FreeMapping = Annotated[dict[str, JsonValue], BeforeValidator(as_json)]
"""A free-form JSON object written as YAML."""

Text = Annotated[str, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
"""Text that may look like something else, such as `012` or `no`, and stays as it is written."""

Word = Annotated[str, Field(min_length=1)]
"""Text that is not empty."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
CountOrNone = Annotated[int, Field(ge=0)]

Model = TypeVar("Model", bound=Record)


@dataclass(frozen=True, slots=True)
class Checked(Generic[Model]):
    """What a file says, or everything that is wrong with it, each with its file and line.

    `lines` has the line of every key, by its dotted name; `fix` is what mends the first problem.
    """

    said: Model | None
    problems: list[str]
    lines: Mapping[str, int]
    fix: str | None = None


def check_file(path: Path, model: type[Model]) -> Checked[Model]:
    """Read a settings file as `model`."""
    tree = read_yaml(path)
    try:
        return Checked(model.model_validate(tree), [], lines_of(tree))
    except ValidationError as error:
        found = {(line_of(tree, place), text): fix for place, text, fix in _problems(error, model)}
        problems = [f"{path}:{line}: {text}" for line, text in sorted(found)]
        return Checked(None, problems, lines_of(tree), found[min(found)])


def _problems(
    error: ValidationError, model: type[Record]
) -> Iterator[tuple[Sequence[str | int], str, str | None]]:
    for detail in error.errors(include_url=False):
        cause = detail.get("ctx", {}).get("error")
        further, fix = (cause.place, cause.fix) if isinstance(cause, PlacedError) else ((), None)
        yield (*detail["loc"], *further), _in_words(detail, model), fix


def _in_words(detail: ErrorDetails, model: type[Record]) -> str:
    place, value = detail["loc"], detail["input"]
    name = ".".join(str(part) for part in place)
    if detail["type"] == "extra_forbidden":
        return f"unknown key {name!r}; {nearest(str(place[-1]), _keys_at(model, place[:-1]))}"
    if detail["type"] == "missing":
        return f"{name!r} is missing"
    if detail["type"] == "value_error":
        return f"{name!r} {detail['ctx']['error']}" if name else str(detail["ctx"]["error"])
    if detail["type"] in {"enum", "literal_error"}:
        return f"{name!r} is {_shown(value)}; {nearest(str(value), _allowed(detail))}"
    expected = _EXPECTED.get(detail["type"], "which does not fit here")
    return f"{name!r} is {_shown(value)}, {expected.format(**detail.get('ctx', {}))}"


_EXPECTED: Mapping[str, str] = {
    **dict.fromkeys(("float_parsing", "float_type", "finite_number"), "not a number"),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "not a whole number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "neither true nor false"),
    "string_type": "not text",
    "string_too_short": "which is empty",
    "string_pattern_mismatch": "which does not have the right form",
    **dict.fromkeys(("list_type", "tuple_type"), "not a list (write `[a, b]`)"),
    **dict.fromkeys(("dict_type", "model_type", "mapping_type"), "not a group of keys"),
    "too_short": "which is empty",
    "greater_than": "not above {gt:g}",
    "greater_than_equal": "below {ge:g}",
    "less_than": "not below {lt:g}",
    "less_than_equal": "above {le:g}",
}

_SHOWN_CHARACTERS = 80


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a group of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(str(value) if isinstance(value, Plain) else value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    # Cut between words: whoever takes keys out of messages knows a key only by the whole of it.
    start = text[:_SHOWN_CHARACTERS].rpartition(" ")[0]
    return f"{start} …" if start else f"a text of {len(text):,} characters"


def _allowed(detail: ErrorDetails) -> list[str]:
    words = str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")
    return [word.strip("'") for word in words]


def _keys_at(model: type[Record], place: Sequence[str | int]) -> list[str]:
    here = model
    for part in place:
        field = here.model_fields.get(str(part))
        here = (_record_in(field.annotation) if field else None) or here
    return list(here.model_fields)


def _record_in(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    found = (_record_in(inner) for inner in get_args(annotation))
    return next((record for record in found if record is not None), None)


def group_or(key: str, value: Any) -> Any:
    """A bare text as the group of keys it abbreviates: `x` as `{key: x}`."""
    if not isinstance(value, str):
        return value
    group = Section(1)
    group[key] = value
    return group
