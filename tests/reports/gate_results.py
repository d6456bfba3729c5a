"""Results of a gate, one of each kind, with texts that mean harm."""

from __future__ import annotations

from typing import Any

from evalbench.core.baseline import (
    GateLine,
    GateResult,
    GateTest,
    GateVerdict,
    LimitFinding,
    LimitState,
    MovedItem,
)

POISON = "a | `b` ```\n</script><script>alert(1)</script>\n::error::owned ##[error]x @all \x00\x1b[31m\ufffe\ud800"
LONG = POISON * 20_000


def make_test(verdict: GateVerdict, **changes: Any) -> GateTest:
    settings: dict[str, Any] = {
        "items": 200,
        "before": 0.9,
        "after": 0.89,
        "difference": -0.01,
        "low": -0.062,
        "high": 0.04,
        "p_worse": 0.3,
        "p_adjusted": 0.6,
        "detectable_drop": 0.0708,
    }
    return GateTest("baseline", verdict, **(settings | changes))


def make_line(verdict: GateVerdict, task: str = "demo", **changes: Any) -> GateLine:
    settings: dict[str, Any] = {
        "tier": "small",
        "model": "gpt-5-nano",
        "tests": (make_test(verdict),),
        "max_drop": 0.05,
        "is_share": True,
        "metric": "accuracy",
        "answers": 200,
        "newer": 200,
        "wanted": 200,
    }
    return GateLine(task=task, verdict=verdict, **(settings | changes))


def make_result(*lines: GateLine, **changes: Any) -> GateResult:
    settings: dict[str, Any] = {"notes": ("the baseline is old",)}
    return GateResult("r2", "r1", "2026-11-20T11:00:00.000Z", lines, **(settings | changes))


def poisoned_line() -> GateLine:
    moved = tuple(
        MovedItem(f"{number} {POISON}", 1.0, 0.0, LONG, POISON, LONG) for number in range(30)
    )
    failing = make_test(GateVerdict.FAIL, difference=-0.3, low=-0.36, high=-0.24, p_adjusted=1e-9)
    return make_line(GateVerdict.FAIL, POISON, tier=POISON, model=POISON, tests=(failing,), moved=moved)


def one_of_each() -> GateResult:
    broken = LimitFinding("must_pass", LimitState.BROKEN, items=("i1", "i2"))
    return make_result(
        poisoned_line(),
        make_line(GateVerdict.PASS, "steady"),
        make_line(GateVerdict.WARN, "unclear"),
        make_line(
            GateVerdict.INCOMPLETE, "gone", missing=40, tests=(GateTest("baseline", GateVerdict.INCOMPLETE, 0),)
        ),
        make_line(GateVerdict.FAIL, "limited", tests=(make_test(GateVerdict.PASS),), limits=(broken,)),
    )
