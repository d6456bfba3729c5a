"""Settings that are JSON: written into the eval set's file, or named as a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from evalbench.core.evalset import JsonValue
from evalbench.loaders.jsonl_file import parse
from evalbench.loaders.rows import as_value

Report: TypeAlias = Callable[[str, str, str], None]
"""Takes the key of a setting, what is wrong with it, and the fix."""


def schema_said(said: JsonValue, folder: Path, report: Report) -> Mapping[str, JsonValue] | None:
    """The JSON Schema of an answer; None where there is none, or none that can be used."""
    schema = json_said("schema", said, folder, report)
    if schema is None:
        return None
    if not isinstance(schema, dict):
        report("schema", "`schema` is no JSON object", "give a JSON Schema")
        return None
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        report("schema", f"`schema` is no JSON Schema: {error.message}", "mend the schema")
    return schema


def json_said(key: str, said: JsonValue, folder: Path, report: Report) -> JsonValue:
    """What a setting says itself, or what stands in the file that it names."""
    if not isinstance(said, str):
        return said
    try:
        return as_value(parse((folder / said).read_text(encoding="utf-8-sig")))
    except OSError as error:
        report(key, f"cannot read {said!r} for `{key}`: {error.strerror}", "name a file that is there")
    except ValueError as error:
        report(key, f"{said!r} for `{key}` {error}", "mend the file")
    return None
