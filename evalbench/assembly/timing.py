"""Say when the times of a run are partly its own: a busy process reads answers later than they came."""

from __future__ import annotations

from evalbench.core.completion import Completion
from evalbench.providers.protocol import Provider
from evalbench.providers.threads import InThread
from evalbench.reports.numbers import seconds

NOTEWORTHY_SHARE = 0.1
"""Below this share of the answer times nothing is said, since no verdict turns on it."""

_NOTEWORTHY_S = 0.002


class Timing:
    """Hears every answer that was timed in the loop that makes the calls, and says how far to trust it."""

    def __init__(self) -> None:
        self._total_s = 0.0
        self._answers = 0

    def hear(self, answer: Completion, provider: Provider) -> None:
        """Take in a new answer; what was recorded, or timed in a thread of its own, is left out."""
        if answer.latency_s is None or provider.replays or isinstance(provider, InThread):
            return
        self._total_s += answer.latency_s
        self._answers += 1

    def warning(self, late_s: float) -> str | None:
        """What is to be said where this process let wait what was due for `late_s` on the average."""
        mean_s = self._total_s / self._answers if self._answers else 0.0
        if late_s < _NOTEWORTHY_S or late_s < NOTEWORTHY_SHARE * mean_s or not mean_s:
            return None
        share = min(1.0, late_s / mean_s)
        return (
            f"warning: about {share * 100:.0f} % of the answer times ({seconds(late_s)} each) is how long "
            "answers waited for this machine, which had too many calls under way to read them at once; for "
            "times to rely on, ask fewer at once: --refresh --concurrency 8"
        )
