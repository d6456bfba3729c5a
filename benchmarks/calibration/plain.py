"""The rules in common use that the decision is compared with, on the same runs."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.scenarios import Boundary
from benchmarks.calibration.worlds import Drawn
from evalbench.stats.clusters import Floats
from evalbench.stats.student import quantile


def by_point_estimate(scenario: Boundary, drawn: Drawn) -> bool:
    """Whether a tier in `wrong` has a mean difference above -margin, whatever its interval."""
    return any(each.mean() > -scenario.margin for each in _differences(scenario, drawn))


def by_paired_t(scenario: Boundary, drawn: Drawn) -> bool:
    """Whether one has the lower bound of a paired t interval above -margin.

    Alpha is shared between the cheaper tiers; clusters are ignored, and gaps and refusals dropped.
    """
    alpha = scenario.alpha / (len(scenario.costs_usd) - 1)
    for each in _differences(scenario, drawn):
        error = float(each.std(ddof=1)) / len(each) ** 0.5
        if each.mean() - quantile(1 - alpha, len(each) - 1) * error > -scenario.margin:
            return True
    return False


def has_scores(drawn: Drawn) -> bool:
    """Whether the run has scores by item; corpus metrics do not."""
    return drawn["scores"] is not None


def _differences(scenario: Boundary, drawn: Drawn) -> list[Floats]:
    scores = drawn["scores"].copy()
    if "status" in drawn:
        scores[drawn["status"] > 0] = np.nan
    means = scores.mean(axis=2)
    rows = [means[tier] - means[-1] for tier in scenario.wrong]
    return [row[~np.isnan(row)] for row in rows]
