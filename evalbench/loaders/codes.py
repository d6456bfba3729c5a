"""Tell columns of codes, such as ticket numbers and other ids, from those of texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from evalbench.loaders.rows import Row, as_text

_ID_NAME = re.compile(
    r"[#\u2116]\s*$|(?i:(?:^|[^A-Za-z])(?:no|nr|num|number|id|uuid)[\s.:]*$)|[a-z](?:Id|ID|No|Nr|Number)$"
)
_LONGEST_CODE = 40
_LONGER = 2
_MOSTLY = 0.5


def is_id_name(name: str) -> bool:
    """Whether a name says that a column numbers its rows: `Ticket #`, `order no`, `Kunden-Nr.`, `user_id`."""
    return _ID_NAME.search(name) is not None


def code_columns(rows: Sequence[Row], names: Collection[str], taken: Collection[str]) -> frozenset[str]:
    """The columns of ids, by name or by their short unique values; none unless others hold longer texts.

    Those that are `taken` hold something else than the input, so their texts do not count.
    """
    values = {name: _texts(rows, name) for name in names if name not in taken}
    codes = {name for name, texts in values.items() if is_id_name(name) or _are_codes(texts)}
    longest = max((_length(texts) for name, texts in values.items() if _is_prose(texts)), default=0.0)
    return frozenset(name for name in codes if longest >= _LONGER * _length(values[name]) and longest > 0)


def longest_texts(rows: Sequence[Row], names: Collection[str]) -> str | None:
    """The column with the longest texts."""
    return max(names, key=lambda name: _length(_texts(rows, name)), default=None)


def _texts(rows: Sequence[Row], name: str) -> list[str]:
    found = (as_text(row.values.get(name)) for row in rows)
    return [text for text in found if text]


def _are_codes(texts: Sequence[str]) -> bool:
    are_unique = len(texts) > 1 and len(set(texts)) == len(texts)
    return are_unique and all(
        len(text) <= _LONGEST_CODE and not re.search(r"\s", text) and re.search(r"\d", text) for text in texts
    )


def _is_prose(texts: Sequence[str]) -> bool:
    return sum(" " in text or len(text) > _LONGEST_CODE for text in texts) > _MOSTLY * len(texts)


def _length(texts: Sequence[str]) -> float:
    return sum(map(len, texts)) / len(texts) if texts else 0.0
