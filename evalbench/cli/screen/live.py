"""Progress on standard error: bars in a terminal, plain lines everywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from evalbench.advice.words import price, roughly
from evalbench.assembly.progress import Progress as Listener
from evalbench.assembly.progress import Silent, Stored
from evalbench.core.models import Tier
from evalbench.core.plan import ItemsWanted, Plan, TierPlan
from evalbench.reports import numbers

LINE_EVERY_S = 5.0
_MARKS = 6
_ENOUGH = 5
_FAST = 10.0
_LONG_S = 120.0


def listener(*, quiet: bool) -> Listener:
    """Whoever suits this terminal: nobody, bars or lines."""
    if quiet:
        return Silent()
    return Bars() if sys.stderr.isatty() else Lines()


@dataclass(slots=True)
class Tally:
    """How far one tier of one task is.

    `spent_usd` counts new answers whose price is known, `unpriced` the others.
    """

    total: int
    done: int = 0
    reused: int = 0
    missing: int = 0
    unpriced: int = 0
    spent_usd: float = 0.0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return self.done >= self.total

    @property
    def spent(self) -> str:
        """What was spent, in words; unknown is never $0."""
        return "cost unknown" if self.unpriced and not self.spent_usd else numbers.price(self.spent_usd)

    def count(self, event: Stored) -> None:
        """Take one stored trial in."""
        self.done += 1
        self.reused += event.is_reused
        self.missing += event.is_missing
        self.unpriced += event.cost_usd is None and not event.is_reused and not event.is_missing
        self.spent_usd += event.cost_usd or 0.0

    def add(self, other: Tally) -> None:
        """Take another tier in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def plan_lines(plan: Plan) -> list[str]:
    """What the items can prove, and what each tier will be asked and cost."""
    lines = [*plan.proofs, *(tier_line(tier) for tier in plan.tiers)]
    gaps = [tier.gap for tier in plan.tiers if tier.gap]
    if sum(tier.calls > 0 and not tier.is_classical for tier in plan.tiers) > 1:
        lines.append(f"in all: {_expected_words(plan)}{_most_words(plan.worst_usd, next(iter(gaps), None))}")
    return lines


def wanted_lines(plan: Plan) -> list[str]:
    """How many items would settle each task, by how much worse a cheaper tier is in truth."""
    lines = []
    for task in dict.fromkeys(row.task for row in plan.wanted):
        rows = [row for row in plan.wanted if row.task == task]
        lines.append(f"{task}: items wanted to show a cheaper tier good enough")
        for true_drop in dict.fromkeys(row.true_drop for row in rows):
            truth = f"is {numbers.drop(true_drop)} worse" if true_drop else "is as good"
            counts = [
                f"{_counted(row)} with {row.power * 100:.0f} % power"
                for row in rows
                if row.true_drop == true_drop
            ]
            lines.append(f"  if it {truth}: about {', '.join(counts)}")
    return lines


def _counted(row: ItemsWanted) -> str:
    if row.most_items is None or row.most_items == row.items:
        return roughly(row.items)
    return f"{roughly(row.items)} to {roughly(row.most_items)}"


def tier_line(tier: TierPlan) -> str:
    """One tier of a plan in words."""
    parts = [f"{tier.calls:,} calls"]
    if tier.stored:
        parts.append(f"{tier.stored:,} stored answers used again")
    if tier.duplicates:
        parts.append(f"{tier.duplicates:,} share the answer of an equal prompt")
    has_tokens = tier.input_tokens is not None and tier.output_tokens is not None
    if tier.input_tokens is not None and tier.output_tokens is not None:
        parts.append(f"about {roughly(tier.input_tokens)} tokens in and {roughly(tier.output_tokens)} out")
    if tier.calls and tier.is_classical:
        parts.append("answered in this process: no bill")
    elif tier.calls:
        by_time = ", were each call to take its whole deadline" if tier.worst_usd and not has_tokens else ""
        basis = f" ({tier.basis})" if tier.basis and tier.worst_usd != 0 else ""
        parts.append(f"{_expected_words(tier)}{_most_words(tier.worst_usd, tier.gap)}{by_time}{basis}")
    return f"{tier.task} {tier.tier}: {', '.join(parts)}"


def _expected_words(costs: Plan | TierPlan) -> str:
    if costs.expected_usd is None or costs.low_usd is None or costs.worst_usd == 0:
        return ""
    low, expected = price(costs.low_usd), price(costs.expected_usd)
    return f"{expected} expected, " if low == expected else f"{low} to {expected} expected, "


def _most_words(worst_usd: float | None, gap: str | None) -> str:
    if worst_usd is None:
        return _GAPS.get(gap or "", "cost unknown beforehand")
    return f"{price(worst_usd)} at most" if worst_usd else "nothing to pay"


_GAPS = {
    "price": "cost unknown beforehand: no `price:`",
    "output limit": "no upper bound: no `max_tokens`",
}


def _total(tier: TierPlan) -> int:
    return tier.calls + tier.stored + tier.duplicates


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
        self._tallies = {(tier.task, tier.tier): Tally(_total(tier)) for tier in plan.answering}
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
        left = f", {_rate(rate)}, about {_span((whole.total - whole.done) / rate)} left" if rate else ""
        pace = left if answered >= _ENOUGH and not whole.is_done else ""
        return f"{_counts(whole)}{pace}, {whole.spent}"


def _counts(tally: Tally) -> str:
    lacking = f", {tally.missing:,} of them missing" if tally.missing else ""
    return f"{tally.done:,} of {tally.total:,} answers{lacking}"


def _rate(answers_a_second: float) -> str:
    return f"{answers_a_second:,.0f}/s" if answers_a_second >= _FAST else f"{answers_a_second:.2g}/s"


def _span(seconds: float) -> str:
    if seconds < _LONG_S:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 60 * _LONG_S else f"{seconds / 3600:.1f} h"


class Bars:
    """A bar for each tier of each task, with counts, rate, time left and spend."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[spent]}"),
            console=self._console,
            refresh_per_second=5,
        )
        self._bars: dict[tuple[str, Tier], TaskID] = {}
        self._tallies: dict[tuple[str, Tier], Tally] = {}
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print a sentence above the bars."""
        self._console.print(text, markup=False, style="dim")

    def planned(self, plan: Plan) -> None:
        """Print the plan and draw the bars."""
        for line in plan_lines(plan):
            self._console.print(line, markup=False)
        for tier in plan.answering:
            place = (tier.task, tier.tier)
            self._tallies[place] = Tally(_total(tier))
            self._bars[place] = self._progress.add_task(
                f"{tier.task} {tier.tier}", total=_total(tier), rate="", spent=""
            )

    def starting(self, task: str, tier: Tier) -> None:
        """Say that a model gets ready."""
        self._progress.start()
        self._progress.update(self._bars[task, tier], rate="getting ready")

    def stored(self, batch: Sequence[Stored]) -> None:
        """Count, and move the bars."""
        with self._lock:
            self._progress.start()
            for event in batch:
                self._tallies[event.task, event.tier].count(event)
            for place in {(event.task, event.tier) for event in batch}:
                self._move(self._bars[place], self._tallies[place])

    def finished(self) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def _move(self, bar: TaskID, tally: Tally) -> None:
        speed = self._progress.tasks[bar].speed
        self._progress.update(
            bar,
            completed=tally.done,
            rate=_rate(speed) if speed else "",
            spent=tally.spent,
        )
