"""How sure a model was of its answer, from the log-probabilities of its tokens."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_IMPOSSIBLE = -9999.0
"""What endpoints write for a probability too small to tell."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """`value` is the geometric mean of the tokens' probabilities; `detail` holds the parts as text.

    `logprob_mean` and `logprob_min` are over all tokens. `label_margin` is how much likelier
    the first token that says something was than its best alternative: for a label, the margin
    of the decision.
    """

    value: float | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


def confidence_of(logprobs: Any) -> Confidence:
    """The confidence in the `logprobs` of a choice; nothing where there are none."""
    if not isinstance(logprobs, Mapping):
        return Confidence()
    tokens = logprobs.get("content")
    tokens = [each for each in tokens if isinstance(each, Mapping)] if isinstance(tokens, list) else []
    values = _numbers(each.get("logprob") for each in tokens) or _older_form(logprobs)
    if not values:
        return Confidence()
    mean = math.fsum(values) / len(values)
    detail = {"logprob_mean": f"{mean:.6g}", "logprob_min": f"{min(values):.6g}"}
    margin = _label_margin(tokens)
    if margin is not None:
        detail["label_margin"] = f"{margin:.6g}"
    return Confidence(math.exp(mean), detail)


def _older_form(logprobs: Mapping[str, Any]) -> list[float]:
    values = logprobs.get("token_logprobs")
    return _numbers(values) if isinstance(values, list) else []


def _numbers(values: Iterable[Any]) -> list[float]:
    # A log-probability is never above 0; rounding may put it there.
    return [float(min(0.0, max(_IMPOSSIBLE, value))) for value in values if _is_number(value)]


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isnan(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _label_margin(tokens: Sequence[Mapping[str, Any]]) -> float | None:
    first = next((each for each in tokens if str(each.get("token", "")).strip()), None)
    others = first.get("top_logprobs") if first is not None else None
    if not isinstance(others, list):
        return None
    best = sorted(_numbers(each.get("logprob") for each in others if isinstance(each, Mapping)))[-2:]
    return math.exp(best[1]) - math.exp(best[0]) if len(best) == 2 else None  # noqa: PLR2004 - the best two
