"""Put together what was found for each field, and how sure that is."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalbench.core.evalset import JsonValue
from evalbench.providers.local.fields import FieldPlan
from evalbench.providers.local.learned import Answer
from evalbench.providers.local.objects import Path, nested
from evalbench.providers.local.passages import Candidate
from evalbench.providers.local.reading import as_json

_NOTHING_TO_PICK = -4.0


@dataclass(frozen=True, slots=True)
class Pick:
    """The value found for a field, or that there is none, and the log odds of that being right."""

    value: JsonValue
    is_present: bool
    logit: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The JSON text chosen for a field, empty where the field is left out, with its log odds."""

    path: Path
    text: str
    logit: float


def best_pick(plan: FieldPlan, scored: Sequence[tuple[Candidate, float]]) -> Pick:
    """The candidate with the highest odds, or none where all are unlikely."""
    usable = [(value, logit) for candidate, logit in scored if (value := plan.value(candidate)) is not None]
    value, logit = max(usable, key=lambda each: each[1], default=(None, _NOTHING_TO_PICK))
    return Pick(value, logit > 0, abs(logit))


def compose(picks: Sequence[tuple[FieldPlan, Pick]], choices: Sequence[Choice]) -> Answer:
    """The answer that these make; its evidence is the weakest link, and all links together."""
    fields: dict[Path, JsonValue] = {}
    for plan, pick in picks:
        if pick.is_present:
            fields[plan.path] = pick.value
        elif plan.when_absent is not None:
            fields[plan.path] = json.loads(plan.when_absent)
    for choice in choices:
        if choice.text:
            fields[choice.path] = json.loads(choice.text)
    logits = [pick.logit for _, pick in picks] + [choice.logit for choice in choices]
    together = -math.fsum(math.log1p(math.exp(-logit)) for logit in logits)
    return Answer(as_json(nested(fields)), (min(logits, default=0.0), together))
