"""Small eval sets on disk, so that a test states only its point."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evalbench.config.evalset_file import read_evalset_file
from evalbench.core.evalset import EvalSet
from evalbench.errors import EvalSetError
from evalbench.loaders.load import NOTHING_SAID, load_evalset
from evalbench.loaders.settings import Overrides

ROWS = [
    {"id": "t1", "text": "my card is broken", "label": "bug"},
    {"id": "t2", "text": "send me the bill again", "label": "billing"},
    {"id": "t3", "text": "the page does not load", "label": "bug"},
    {"id": "t4", "text": "why was I charged twice", "label": "billing"},
]


def write_jsonl(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_set(
    folder: Path, settings: str = "", rows: list[Any] | None = None, train: list[Any] | None = None
) -> Path:
    """A folder with items.jsonl, perhaps train.jsonl, and evalset.yaml."""
    write_jsonl(folder / "items.jsonl", ROWS if rows is None else rows)
    if train is not None:
        write_jsonl(folder / "train.jsonl", train)
    (folder / "evalset.yaml").write_text(settings, encoding="utf-8")
    return folder


def load(path: Path, overrides: Overrides = NOTHING_SAID, *, strict: bool = False) -> EvalSet:
    return load_evalset(path, overrides, read_settings=read_evalset_file, strict=strict)


def refusal(path: Path, overrides: Overrides = NOTHING_SAID, *, strict: bool = False) -> EvalSetError:
    with pytest.raises(EvalSetError) as caught:
        load(path, overrides, strict=strict)
    return caught.value
