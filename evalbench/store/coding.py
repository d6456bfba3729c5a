"""Turn the nouns of a run into JSON text for the ledger, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from evalbench.core.completion import Effort, Failure, Usage
from evalbench.core.evalset import (
    Criticality,
    GraderSpec,
    Item,
    JsonValue,
    Limits,
    Message,
    Prompt,
    PromptSpec,
    Task,
    TaskKind,
    Traffic,
)
from evalbench.core.looks import FIRST_LOOK, Look, LookPlan, Looks, Spending
from evalbench.core.models import Listing, Model, ModelPool, Price, PriceStep
from evalbench.core.run import Manifest
from evalbench.loaders.canonical import canonical

_FIRST_ROUNDED = 2.0**63


def to_text(value: JsonValue) -> str:
    """Canonical JSON: sorted keys, no spaces, so that equal values give equal text."""
    return canonical(value).decode()


def from_text(text: str) -> Any:
    """The value of a JSON text."""
    return json.loads(text)


def item_body(item: Item) -> str:
    """An item as text; its line number stays out, since moving an item does not change it."""
    return to_text(
        {
            "id": item.id,
            "text": item.prompt.text,
            "messages": [[turn.role, turn.content] for turn in item.prompt.messages],
            "fields": dict(item.prompt.fields),
            "target": item.target,
            "group": item.group,
            "tags": list(item.tags),
        }
    )


def item_from(body: str) -> Item:
    """The item that `item_body` wrote."""
    found = _item_value(body)
    messages = tuple(Message(*turn) for turn in found["messages"]) if found["messages"] else ()
    return Item(
        id=found["id"],
        prompt=Prompt(found["text"], messages, found["fields"]),
        target=found["target"],
        group=found["group"],
        tags=tuple(found["tags"]),
    )


def _item_value(body: str) -> Any:
    try:
        found = orjson.loads(body)
    except ValueError:  # NaN, or half of a surrogate pair, which only the standard reader takes
        return from_text(body)
    fields, target = found["fields"], found["target"]
    is_plain = not fields and isinstance(target, str)
    is_exact = is_plain or not (_has_huge_floats(fields) or _has_huge_floats(target))
    return found if is_exact else from_text(body)


def _has_huge_floats(value: JsonValue) -> bool:
    """Whether a number may have been a whole one beyond 64 bits, which the fast reader rounds."""
    if isinstance(value, dict):
        return any(map(_has_huge_floats, value.values()))
    if isinstance(value, list):
        return any(map(_has_huge_floats, value))
    return isinstance(value, float) and abs(value) >= _FIRST_ROUNDED


def pool_value(pool: ModelPool) -> JsonValue:
    """A pool as JSON; models hold names of key variables, never keys."""
    return {"current": pool.current, "models": [[tier, asdict(model)] for tier, model in pool.models.items()]}


def pool_from(value: Mapping[str, Any]) -> ModelPool:
    """The pool that `pool_value` wrote."""
    return ModelPool({tier: _model_from(model) for tier, model in value["models"]}, value["current"])


def _model_from(value: Mapping[str, Any]) -> Model:
    return Model(
        **{**value, "price": _price_from(value["price"]), "listing": _listing_from(value.get("listing"))}
    )


def _price_from(value: Mapping[str, Any] | None) -> Price | None:
    if value is None:
        return None
    steps = tuple(PriceStep(**step) for step in value.get("steps", ()))
    return Price(**{**value, "steps": steps, "batch": _price_from(value.get("batch"))})


def _listing_from(value: Mapping[str, Any] | None) -> Listing | None:
    return None if value is None else Listing(**{**value, "supports": tuple(value["supports"])})


def task_value(task: Task) -> JsonValue:
    """A task as JSON; what came later than the first tasks stored is left out where it is not said."""
    later = ("looks", "value_usd")
    return {name: value for name, value in asdict(task).items() if name not in later or value is not None}


def task_from(value: Mapping[str, Any]) -> Task:
    """The task that `task_value` wrote."""
    return Task(
        **{
            **value,
            "kind": TaskKind(value["kind"]),
            "criticality": Criticality(value["criticality"]),
            "grader": GraderSpec(**value["grader"]),
            "prompt": PromptSpec(**value["prompt"]),
            "per_tier": {tier: PromptSpec(**spec) for tier, spec in value["per_tier"].items()},
            "limits": Limits(**value["limits"]),
            "traffic": Traffic(**value["traffic"]),
            "looks": _look_plan_from(value.get("looks")),
            **{name: tuple(value[name]) for name in ("labels", "must_pass", "inferred")},
        }
    )


def looks_value(looks: Looks) -> JsonValue:
    """What had been seen of a question, as JSON."""
    return asdict(looks)


def looks_from(value: Mapping[str, Any] | None) -> Looks:
    """What `looks_value` wrote; tasks stored before looks were counted know of none."""
    if value is None:
        return FIRST_LOOK
    before = (Look(**{**look, "plan": _look_plan_from(look["plan"])}) for look in value["before"])
    return Looks(value["number"], tuple(before), value.get("is_gate", False))


def _look_plan_from(value: Mapping[str, Any] | None) -> LookPlan | None:
    return None if value is None else LookPlan(**{**value, "spending": Spending(value["spending"])})


def manifest_text(manifest: Manifest) -> str:
    """A manifest as text, in the order in which a reader would ask for it."""
    return to_text({**_shallow(manifest), "pool": pool_value(manifest.pool)})


def manifest_from(text: str) -> Manifest:
    """The manifest that `manifest_text` wrote."""
    value = from_text(text)
    return Manifest(**{**value, "pool": pool_from(value["pool"])})


def _shallow(manifest: Manifest) -> dict[str, Any]:
    names = ("id", "created", "version", "seed", "repeats", "graders", "options")
    return {name: getattr(manifest, name) for name in names}


def failure_text(failure: Failure) -> str:
    """A failure as text, with only what differs from an ordinary one."""
    effort = None if failure.effort == Effort() else _effort_value(failure.effort)
    value = {**asdict(failure), "usage": usage_value(failure.usage), "effort": effort}
    return to_text({name: found for name, found in value.items() if found not in (None, False)})


def failure_from(text: str) -> Failure:
    """The failure that `failure_text` wrote."""
    value = from_text(text)
    effort = value.pop("effort", None)
    value["usage"] = usage_from(value.get("usage"))
    return Failure(**value, effort=Effort() if effort is None else _effort_from(effort))


def effort_text(effort: Effort) -> str:
    """What attempts took, as text."""
    return to_text(_effort_value(effort))


def effort_from(text: str) -> Effort:
    """What `effort_text` wrote."""
    return _effort_from(from_text(text))


def _effort_value(effort: Effort) -> JsonValue:
    return {**asdict(effort), "lost": usage_value(effort.lost)}


def _effort_from(value: Mapping[str, Any]) -> Effort:
    return Effort(**{**value, "lost": usage_from(value["lost"])})


def usage_value(usage: Usage | None) -> JsonValue:
    """Tokens as JSON, the classes that nobody reported left out."""
    if usage is None:
        return None
    return {name: tokens for name, tokens in asdict(usage).items() if tokens is not None}


def usage_from(value: Mapping[str, int] | None) -> Usage | None:
    """The tokens that `usage_value` wrote."""
    return None if value is None else Usage(**value)


def stamp(moment: datetime) -> str:
    """A time as it is written everywhere: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
