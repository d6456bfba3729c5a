"""Progress on standard error as plain lines."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from evalbench.assembly.progress import Stored
from evalbench.cli.screen.planned import plan_lines
from evalbench.cli.screen.tally import Tally, rate_words, total_of
from evalbench.core.models import Tier
from evalbench.core.plan import Plan

LINE_EVERY_S = 5.0
_MARKS = 6
_ENOUGH = 5
_LONG_S = 120.0


class Lines:
    """One line now and then, fit for a log file."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tallies: dict[tuple[str, Tier], Tally] = {}
        self._lock = threading.Lock()
        self._began_s = clock()
        self._marks: deque[tuple[float, int]] = deque(maxlen=_MARKS)

    def say(self, text: str) -> None:
        """Print a sentence; a log that nobody takes any more is no reason to stop a run."""
        with suppress(OSError):
            print(text, file=sys.stderr)

    def planned(self, plan: Plan) -> None:
        """Print the plan."""
        self._tallies = {(tier.task, tier.tier): Tally(total_of(tier)) for tier in plan.answering}
        for line in plan_lines(plan):
            self.say(line)
        self._began_s = self._clock()
        self._mark(self._began_s)

    def starting(self, task: str, tier: Tier) -> None:
        """Say that a model gets ready."""
        self.say(f"{task} {tier}: getting ready")

    def stored(self, batch: Sequence[Stored]) -> None:
        """Count; print a line for each tier that is done, and one for all when the last is old enough."""
        with self._lock:
            for event in batch:
                tally = self._tallies[event.task, event.tier]
                tally.count(event)
                if tally.is_done:
                    self.say(f"{event.task} {event.tier}: {_counts(tally)}, {tally.spent}")
            now_s = self._clock()
            if now_s >= self._marks[-1][0] + LINE_EVERY_S:
                self.say(self._line(now_s))
                self._mark(now_s)

    def finished(self) -> None:
        """Print where it ended."""
        if self._tallies:
            whole = self._whole()
            self.say(f"{_counts(whole)} in {_span(self._clock() - self._began_s)}, {whole.spent}")

    def _whole(self) -> Tally:
        whole = Tally(0)
        for tally in self._tallies.values():
            whole.add(tally)
        return whole

    def _mark(self, now_s: float) -> None:
        whole = self._whole()
        self._marks.append((now_s, whole.done - whole.reused))

    def _line(self, now_s: float) -> str:
        # Only the last half minute counts: models that got ready before it slow nobody down any more.
        whole = self._whole()
        began_s, done = self._marks[0]
        answered = whole.done - whole.reused - done
        rate = answered / (now_s - began_s)
        left = f", {rate_words(rate)}, about {_span((whole.total - whole.done) / rate)} left" if rate else ""
        pace = left if answered >= _ENOUGH and not whole.is_done else ""
        return f"{_counts(whole)}{pace}, {whole.spent}"


def _counts(tally: Tally) -> str:
    lacking = f", {tally.missing:,} of them missing" if tally.missing else ""
    return f"{tally.done:,} of {tally.total:,} answers{lacking}"


def _span(seconds: float) -> str:
    if seconds < _LONG_S:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 60 * _LONG_S else f"{seconds / 3600:.1f} h"
