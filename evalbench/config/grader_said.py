"""Read the graders of `evalset.yaml`: a name, a name with options, or several graders combined."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, PlainValidator

from evalbench.config.settings_file import PlacedError, Positive, Record, Word
from evalbench.config.yaml_text import as_json
from evalbench.core.evalset import COMBINATIONS, GraderSpec, JsonValue
from evalbench.errors import nearest
from evalbench.registry import known


class GraderFile(Record):
    """Which grader judges the answers, and its options."""

    model_config = ConfigDict(extra="allow")

    name: Word = Field(description="A known grader, or FILE.py:FUNCTION.")


class CombinationFile(Record):
    """Several graders as one: exactly one of `all`, `any` and `weighted`."""

    all: list[GraderSaid] | None = Field(default=None, description="Worth as much as the worst of these.")
    any: list[GraderSaid] | None = Field(default=None, description="Worth as much as the best of these.")
    weighted: list[WeightedFile] | None = Field(default=None, description="The mean of these by weight.")
    accept_truncated: bool = Field(default=False, description="Judge answers that were cut off, too.")

    def as_spec(self) -> GraderSpec:
        """The combination as the rest of the program knows it."""
        kind = next(kind for kind in COMBINATIONS if getattr(self, kind) is not None)
        parts = [
            _part(said.grader, said.weight) if isinstance(said, WeightedFile) else _part(said, 1.0)
            for said in getattr(self, kind)
        ]
        options: dict[str, JsonValue] = {"graders": parts}
        return GraderSpec(kind, {**options, **({"accept_truncated": True} if self.accept_truncated else {})})


class WeightedFile(Record):
    """One grader of a weighted mean."""

    grader: GraderSaid
    weight: Positive = 1.0


def _said(value: Any) -> GraderSpec:
    """A grader as it stands in the file; whatever is wrong inside a group keeps its own line."""
    if isinstance(value, str):
        if not value:
            raise ValueError("is empty; name a grader")
        return GraderSpec(str(value))
    if not isinstance(value, Mapping):
        raise ValueError("is neither a name nor a group of keys")  # noqa: TRY004 - pydantic wants a ValueError
    return _named(value) if "name" in value else _combined(value)


def _named(value: Mapping[str, Any]) -> GraderSpec:
    name = GraderFile.model_validate({"name": value["name"]}).name
    if name in COMBINATIONS:
        raise ValueError(f"names {name!r}, which combines others; write `grader: {{{name}: [exact]}}`")
    return GraderSpec(name, {key: as_json(option) for key, option in value.items() if key != "name"})


def _combined(value: Mapping[str, Any]) -> GraderSpec:
    kinds = [kind for kind in COMBINATIONS if kind in value]
    if len(kinds) != 1:
        problem = "has no `name`, and none of" if not kinds else "has more than one of"
        raise PlacedError(f"{problem} `all`, `any` and `weighted`", fix=_by_name(value))
    allowed = (*kinds, "accept_truncated")
    unknown = [str(key) for key in value if key not in allowed]
    if unknown:
        raise ValueError(
            f"has the unknown key {unknown[0]!r} beside {kinds[0]!r}, where options of a part do not belong; "
            f"write e.g. `{kinds[0]}: [{{name: length, max_words: 20}}]`, or {nearest(unknown[0], allowed)}"
        )
    if not value[kinds[0]]:
        raise ValueError(f"has an empty list for {kinds[0]!r}; name at least one grader")
    return CombinationFile.model_validate(value).as_spec()


def _by_name(value: Mapping[str, Any]) -> str | None:
    """How to write a grader that was written as a key, for example `exact: {normalize: none}`."""
    name, options = next(iter(value.items()), ("", None))
    if len(value) != 1 or (name not in known("graders") and ":" not in name):
        return None
    said = options if isinstance(options, Mapping) else {}
    members = [f"{key}: {json.dumps(as_json(option), ensure_ascii=False)}" for key, option in said.items()]
    return f"write `{{{', '.join([f'name: {name}', *members])}}}`."


def _part(spec: GraderSpec, weight: float) -> JsonValue:
    return {"name": spec.name, "options": dict(spec.options), "weight": weight}


GraderSaid = Annotated[
    GraderSpec, PlainValidator(_said, json_schema_input_type=str | GraderFile | CombinationFile)
]
"""A grader by name, with options, or a combination."""

CombinationFile.model_rebuild()
WeightedFile.model_rebuild()
