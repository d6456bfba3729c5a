"""Write answers as recordings, one JSON object a line, so that they can be read back anywhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

from evalbench.core.completion import Completion
from evalbench.core.evalset import Item, JsonValue
from evalbench.core.models import Model, Tier
from evalbench.core.trial import Trial

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_OPTION_MARKS = frozenset(",#")


def recorded_line(task: str, model: str, item: Item, trial: Trial) -> str:
    """One trial as a line without its end; what is not known is left out.

    An answer that is missing has an empty output and the status `missing`, by which the reader
    tells it from an empty one.
    """
    said = {
        "task": task,
        "item_id": item.id,
        "model": model,
        "output": "" if trial.completion is None else trial.completion.text,
        "input": item.prompt.text or None,
        "target": item.target,
        "score": None if trial.score is None else trial.score.value,
        **({} if trial.completion is None else _measured(trial.completion)),
        "group": item.group,
        "repeat": trial.repeat,
        "status": trial.status.value,
        "tags": list(item.tags) or None,
    }
    return _as_json({key: value for key, value in said.items() if value is not None})


def recorded_names(models: Mapping[Tier, Model]) -> dict[Tier, str]:
    """The name under which the answers of each tier are recorded: that of its model where it can be.

    It is the tier's own name where several tiers have one model, or where no option could hold the
    model's. Two tiers never share a name.
    """
    counts = Counter(model.shown for model in models.values())
    names = {
        tier: model.shown if counts[model.shown] == 1 and _is_typeable(model.shown) else tier
        for tier, model in models.items()
    }
    return names if len(set(names.values())) == len(names) else {tier: tier for tier in models}


def _is_typeable(name: str) -> bool:
    return name == name.strip() != "" and _OPTION_MARKS.isdisjoint(name)


def _measured(answer: Completion) -> dict[str, JsonValue]:
    usage = answer.usage
    return {
        "cost_usd": answer.cost_usd,
        "latency_s": answer.latency_s,
        "first_token_s": answer.first_token_s,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "reasoning": usage.reasoning_tokens,
        "confidence": answer.confidence,
        "created": answer.created,
    }


def _as_json(value: Mapping[str, JsonValue]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Some programs end lines at these, some terminals obey them, and no encoding holds half a character.
    return json.dumps(value) if _UNSAFE.search(text) else text
