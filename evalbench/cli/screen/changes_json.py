"""What changed between two runs, as JSON for scripts."""

from __future__ import annotations

from typing import Any

from evalbench.advice.changed import BeforeAfter, TierChange
from evalbench.core.run import Run
from evalbench.reports.tally import tally
from evalbench.workflows.compare import ChangedItem, Compared, ComparedTask


def compared_json(compared: Compared) -> dict[str, Any]:
    """The same for scripts, with every item that changed; unknown is null."""
    return {
        "schema": "evalbench.compare/1",
        "older": _run_json(compared.older),
        "newer": _run_json(compared.newer),
        "notes": list(compared.notes),
        "only_older_tasks": list(compared.only_older),
        "only_newer_tasks": list(compared.only_newer),
        "tasks": [_task_json(task) for task in compared.tasks],
    }


def _run_json(run: Run) -> dict[str, Any]:
    manifest = run.manifest
    return {
        "id": manifest.id,
        "created": manifest.created,
        "version": manifest.version,
        "seed": manifest.seed,
        "complete": run.is_complete,
        "signature": run.signature,
    }


def _task_json(task: ComparedTask) -> dict[str, Any]:
    change, shared = task.change, task.change.shared
    return {
        "name": change.name,
        "metric": change.metric,
        "grader": change.newer.grader,
        "items": len(shared),
        "left_out": {
            "only_older": list(shared.only_older),
            "only_newer": list(shared.only_newer),
            "prompt_changed": list(shared.prompt_changed),
            "target_changed": list(shared.target_changed),
            "unlabelled": list(shared.unlabelled),
        },
        "only_older_tiers": list(change.only_older_tiers),
        "only_newer_tiers": list(change.only_newer_tiers),
        "setup": [
            {"setting": each.setting, "tier": each.tier, "older": each.older, "newer": each.newer}
            for each in change.setup
        ],
        "tiers": [_tier_json(line, task.items[line.tier]) for line in change.lines],
    }


def _tier_json(line: TierChange, items: tuple[ChangedItem, ...]) -> dict[str, Any]:
    ratio = line.cost_ratio
    return {
        "tier": line.tier,
        "model": {"older": line.older_model.id, "newer": line.newer_model.id},
        "verdict": line.verdict.value,
        "score": _both(line.score),
        "difference": line.difference,
        "low": line.low,
        "high": line.high,
        "level": line.level,
        "wins": tally(line.wins),
        "losses": tally(line.losses),
        "items": line.items,
        "groups": line.groups,
        "missing": {"older": line.missing_older, "newer": line.missing_newer},
        "not_asked": {"older": line.not_asked_older, "newer": line.not_asked_newer},
        "missing_sensitive": line.is_missing_sensitive,
        "test": line.test,
        "p_value": line.p_value,
        "p_adjusted": line.p_adjusted,
        "detectable_drop": line.detectable_drop,
        "cost_usd_per_item": _both(line.cost_usd),
        "cost_ratio": None
        if ratio is None
        else {"value": ratio.value, "low": ratio.low, "high": ratio.high, "level": ratio.level},
        "latency_p95_s": _both(line.p95_s),
        "changed": [_item_json(each) for each in items],
    }


def _both(figure: BeforeAfter) -> dict[str, float | None]:
    return {"older": figure.older, "newer": figure.newer}


def _item_json(each: ChangedItem) -> dict[str, Any]:
    change, item = each.change, each.item
    return {
        "item_id": change.item_id,
        "difference": change.difference,
        "score": {"older": change.older, "newer": change.newer},
        "status": {"older": each.older.status.value, "newer": each.newer.status.value},
        "input": None if item is None else item.prompt.text,
        "target": None if item is None else item.target,
        "output": {"older": each.older.text, "newer": each.newer.text},
    }
