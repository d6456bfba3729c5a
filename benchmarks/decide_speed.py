"""How long one decision on 100,000 items takes, in CPU time: `python benchmarks/decide_speed.py`.

Measured in November 2026 on one of two shared x86-64 cores: 8 ms for 0/1 scores, 11 graded, 10 and 13 with
clusters, 29 with five repeats, 30 for micro F1, 82 to 93 for macro F1 of five classes. Nothing here fails.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np

from evalbench.advice.decide import Decision, decide

ITEMS = 100_000
COSTS_USD = (1.0, 3.0, 10.0)
_TRIES = 7


def main() -> None:
    """Time the kinds of data a task may have, three tiers each."""
    print(
        f"3 tiers x {ITEMS:,} items, best of {_TRIES}, CPU ms; {platform.machine()}, numpy {np.__version__}"
    )
    for name, decision in _kinds().items():
        print(f"{name:45s} {_best_ms(decision):6.1f}")


def _kinds() -> dict[str, Callable[[], Decision]]:
    rng = np.random.default_rng(1)
    right = rng.binomial(1, 0.9, (3, ITEMS, 1)).astype(np.float64)
    graded = rng.random((3, ITEMS, 1))
    repeated = rng.binomial(1, 0.9, (3, ITEMS, 5)).astype(np.float64)
    groups = np.arange(ITEMS) // 5
    names = np.array([f"conversation {group}" for group in groups])
    status = np.zeros(right.shape, dtype=np.int64)
    status[0, :500], status[0, 500:900] = 2, 1
    seconds = rng.exponential(1.0, right.shape)
    counts = rng.integers(0, 3, (3, ITEMS, 3)).astype(np.float64)
    classes = rng.integers(0, 2, (3, ITEMS, 15)).astype(np.float64)
    half = {"protected": np.arange(ITEMS) % 2 == 0}
    limits = {"latency": seconds, "max_p95_s": 3.5, "floor": 0.8}
    return {
        "0/1": lambda: decide(right, COSTS_USD),
        "0/1, clusters": lambda: decide(right, COSTS_USD, clusters=groups),
        "0/1, clusters named by text": lambda: decide(right, COSTS_USD, clusters=names),
        "0/1, failures and gaps": lambda: decide(right, COSTS_USD, status=status),
        "0/1, latency limit and floor": lambda: decide(right, COSTS_USD, **limits),
        "graded": lambda: decide(graded, COSTS_USD),
        "graded, clusters": lambda: decide(graded, COSTS_USD, clusters=groups),
        "graded, clusters, a slice": lambda: decide(graded, COSTS_USD, clusters=groups, slices=half),
        "5 repeats": lambda: decide(repeated, COSTS_USD),
        "5 repeats, clusters": lambda: decide(repeated, COSTS_USD, clusters=groups),
        "micro F1": lambda: decide(None, COSTS_USD, metric="micro_f1", statistics=counts),
        "micro F1, clusters": lambda: decide(
            None, COSTS_USD, metric="micro_f1", statistics=counts, clusters=groups
        ),
        "macro F1, 5 classes": lambda: decide(None, COSTS_USD, metric="macro_f1", statistics=classes),
    }


def _best_ms(decision: Callable[[], Decision]) -> float:
    decision()
    seconds = []
    for _ in range(_TRIES):
        started = time.process_time()
        decision()
        seconds.append(time.process_time() - started)
    return 1000 * min(seconds)


if __name__ == "__main__":
    main()
