"""What a gate found, as JSON for scripts."""

from __future__ import annotations

from typing import Any

from evalbench.core.baseline import GateLine, GateResult, GateTest
from evalbench.reports.gate_words import limit_words
from evalbench.reports.tally import tally


def gate_json(result: GateResult) -> dict[str, Any]:
    """What a check found, for scripts; unknown is null."""
    return {
        "schema": "evalbench.gate/1",
        "run": result.run,
        "baseline": {"run": result.baseline, "accepted": result.accepted},
        "exit_code": int(result.exit_code),
        "strict": result.strict,
        "notes": list(result.notes),
        "lines": [_line_json(line) for line in result.lines],
    }


def _line_json(line: GateLine) -> dict[str, Any]:
    return {
        "task": line.task,
        "tier": line.tier,
        "model": line.model,
        "verdict": line.verdict.value,
        "regression": line.is_regression,
        "metric": line.metric,
        "max_drop": line.max_drop,
        "answers": {
            "wanted": line.wanted,
            "missing": line.missing,
            "there": line.answers,
            "newer": line.newer,
        },
        "limits": [
            {
                "limit": limit.kind,
                "state": limit.state.value,
                "allowed": limit.allowed,
                "seen": limit.seen,
                "items": list(limit.items),
                "words": limit_words(limit),
            }
            for limit in line.limits
        ],
        "tests": [_test_json(test) for test in line.tests],
        "changed": list(line.changed),
        "moved": [{"item_id": item.id, "before": item.before, "after": item.after} for item in line.moved],
    }


def _test_json(test: GateTest) -> dict[str, Any]:
    return {
        "against": test.against,
        "verdict": test.verdict.value,
        "items": test.items,
        "groups": test.groups,
        "unpaired": test.unpaired,
        "before": test.before,
        "after": test.after,
        "difference": test.difference,
        "low": test.low,
        "high": test.high,
        "level": 0.9,
        "wins": tally(test.wins),
        "losses": tally(test.losses),
        "test": test.test,
        "p_worse": test.p_worse,
        "p_adjusted": test.p_adjusted,
        "detectable_drop": test.detectable_drop,
        "noise": test.noise,
    }
