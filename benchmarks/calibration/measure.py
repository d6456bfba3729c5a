"""Runs of a scenario, counted: how often the decision was wrong, right, or left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from zlib import crc32

import numpy as np
from scipy.special import bdtr

from benchmarks.calibration.plain import by_paired_t, by_point_estimate, has_scores
from benchmarks.calibration.scenarios import BOUNDARIES, KNOWN_LIMITS, POWERS, Boundary, Power
from benchmarks.calibration.worlds import Drawn
from evalbench.advice.decide import Decision, decide
from evalbench.core.recommendation import Outcome

Scenario = Boundary | Power

TOLERANCE = 0.10
_ALLOWANCE = 1.25
_SURE = 0.999
_CHUNK = 250


@dataclass(frozen=True)
class Count:
    """What came of the runs of one scenario; `shift` is the mean difference seen at tier 0.

    `plain_point` and `plain_t` count the runs in which rules in common use name a tier in `wrong`;
    0 where a run has no scores by item.
    """

    runs: int
    recommended_wrong: int
    recommended_right: int
    provisional: int
    provisional_wrong: int
    inconclusive: int
    none_qualifies: int
    plain_point: int
    plain_t: int
    shift: float

    def share(self, number: int) -> float:
        """A count as a share of the runs."""
        return number / self.runs


def run(scenario: Scenario, number: int) -> tuple[Drawn, Decision]:
    """One run and its decision; the seed depends on the scenario's name and the run's number alone."""
    rng = np.random.default_rng([crc32(scenario.name.encode()), number])
    drawn = scenario.world.draw(rng)
    return drawn, decide(costs=scenario.costs_usd, **drawn, **scenario.options)


def count(scenario: Scenario, runs: int, first: int = 0) -> Count:
    """Runs `first` to `first + runs` of a scenario."""
    seen: Counter[str] = Counter()
    shift = 0.0
    for number in range(first, first + runs):
        drawn, found = run(scenario, number)
        shift += found.candidates[0].difference or 0.0
        seen[found.outcome] += 1
        if isinstance(scenario, Boundary):
            seen[f"{found.outcome}, wrong"] += found.tier in scenario.wrong
            if has_scores(drawn):
                seen["plain, point"] += by_point_estimate(scenario, drawn)
                seen["plain, t"] += by_paired_t(scenario, drawn)
        if isinstance(scenario, Power) and found.tier == scenario.right:
            seen[f"{found.outcome}, right"] += 1
    return Count(
        runs,
        seen[f"{Outcome.RECOMMENDED}, wrong"],
        seen[f"{Outcome.RECOMMENDED}, right"],
        seen[Outcome.PROVISIONAL],
        seen[f"{Outcome.PROVISIONAL}, wrong"],
        seen[Outcome.INCONCLUSIVE],
        seen[Outcome.NO_TIER_QUALIFIES],
        seen["plain, point"],
        seen["plain, t"],
        shift / runs,
    )


def count_all(runs: int, workers: int, tell: Callable[[str], None]) -> dict[str, Count]:
    """Every scenario, in parallel; the counts do not depend on the number of workers."""
    counted: dict[str, Count] = {}
    with ProcessPoolExecutor(workers) as pool:
        scenarios: Sequence[Scenario] = (*BOUNDARIES, *POWERS, *KNOWN_LIMITS)
        chunks = {
            each.name: [pool.submit(_count_named, each.name, size, first) for first, size in _chunks(runs)]
            for each in scenarios
        }
        for name, parts in chunks.items():
            counted[name] = _joined([part.result() for part in parts])
            tell(f"{name}: {counted[name]}")
    return counted


def most_wrong(runs: int, alpha: float) -> int:
    """The 99.9 % binomial quantile of a true rate of 1.25 alpha."""
    numbers = np.arange(runs + 1)
    return int(np.flatnonzero(bdtr(numbers, runs, _ALLOWANCE * alpha) >= _SURE)[0])


def is_kept(scenario: Scenario, counted: Count) -> bool:
    """Whether the scenario's criterion holds, beyond what chance explains in few runs."""
    if isinstance(scenario, Boundary):
        return counted.recommended_wrong <= most_wrong(counted.runs, scenario.alpha)
    found = counted.share(counted.recommended_right)
    chance = 3 * (scenario.promise * (1 - scenario.promise) / counted.runs) ** 0.5
    is_low = found < scenario.promise - TOLERANCE - chance
    is_high = scenario.is_exact and found > scenario.promise + TOLERANCE + chance
    return not (is_low or is_high)


def _count_named(name: str, runs: int, first: int) -> Count:
    scenarios: Sequence[Scenario] = (*BOUNDARIES, *POWERS, *KNOWN_LIMITS)
    return count(next(each for each in scenarios if each.name == name), runs, first)


def _chunks(runs: int) -> Iterator[tuple[int, int]]:
    for first in range(0, runs, _CHUNK):
        yield first, min(_CHUNK, runs - first)


def _joined(parts: Sequence[Count]) -> Count:
    runs = sum(part.runs for part in parts)
    shift = sum(part.shift * part.runs for part in parts) / runs
    sums = Counter[str]()
    for part in parts:
        sums.update({name: value for name, value in asdict(part).items() if name != "shift"})
    return Count(**{name: sums[name] for name in asdict(parts[0]) if name != "shift"}, shift=round(shift, 5))
