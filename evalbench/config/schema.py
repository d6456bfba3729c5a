"""JSON Schemas of the files that people write, so that editors complete and check them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalbench.config.evalset_file import EvalSetFile
from evalbench.config.prices_file import PricesFile
from evalbench.config.project import ProjectFile
from evalbench.config.settings_file import Record

PROJECT_SCHEMA = "evalbench.schema.json"
EVALSET_SCHEMA = "evalset.schema.json"

_FILES: Mapping[str, type[Record]] = {
    PROJECT_SCHEMA: ProjectFile,
    EVALSET_SCHEMA: EvalSetFile,
    "prices.schema.json": PricesFile,
}


def schemas() -> dict[str, str]:
    """The text of each schema file, by file name."""
    return {name: _text(model) for name, model in _FILES.items()}


def write_schemas(folder: Path) -> None:
    """Write the schema files anew."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(model: type[Record]) -> str:
    schema: dict[str, Any] = model.model_json_schema()
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
