"""The columns of the table of all trials, in order."""

from __future__ import annotations

from collections.abc import Mapping

TEXT = "string"
WHOLE = "Int64"
NUMBER = "Float64"

COLUMNS: Mapping[str, str] = {
    "task": TEXT,
    "item_id": TEXT,
    "repeat": WHOLE,
    "tier": TEXT,
    "model": TEXT,
    "status": TEXT,
    "score": NUMBER,
    "cost_usd": NUMBER,
    "latency_s": NUMBER,
    "first_token_s": NUMBER,
    "input_tokens": WHOLE,
    "output_tokens": WHOLE,
    "cache_read": WHOLE,
    "cache_write": WHOLE,
    "reasoning": WHOLE,
    "confidence": NUMBER,
    "output": TEXT,
    "target": TEXT,
    "group": TEXT,
}
"""The columns of `results.parquet` in order, each with its nullable pandas type."""
