"""The bet on "not good enough", placed one value at a time, and what its stakes rest on."""

from __future__ import annotations

import math

PRIOR_WEIGHT = 4.0
PRIOR_VARIANCE = 0.15
"""The prior of every stake: so many items, with this variance and no difference."""

LEAST_VARIANCE = 1e-4
MOST_STAKED = 0.75
"""The largest stake is this over 1 - margin."""

_HAIR = 1e-9


class Wager:
    """The bet of `eprocess.capital` placed one value at a time, for a run that is still being asked."""

    def __init__(self, margin: float) -> None:
        self._margin = margin
        self._most_staked = MOST_STAKED / (1 - margin)
        self._seen = PRIOR_WEIGHT
        self._total = 0.0
        self._squares = PRIOR_WEIGHT * PRIOR_VARIANCE
        self._log_capital = 0.0
        self._most = 0.0

    def place(self, value: float) -> None:
        """Bet on one more value from -1 to 1, with the stake that those before it suggest."""
        mean = self._total / self._seen
        gain = mean + self._margin
        variance = max(self._squares / self._seen - mean * mean, LEAST_VARIANCE)
        stake = min(max(gain / (variance + gain * gain), 0.0), self._most_staked)
        self._log_capital += math.log1p(stake * (value + self._margin))
        self._most = max(self._most, self._log_capital)
        self._seen += 1
        self._total += value
        self._squares += value * value

    def has_reached(self, alpha: float) -> bool:
        """Whether capital ever was at 1 / alpha, a hair above it so that a recount cannot differ."""
        return self._most >= -math.log(alpha) + _HAIR
