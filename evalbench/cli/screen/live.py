"""Progress on standard error: bars in a terminal, plain lines everywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from evalbench.advice.words import price, roughly
from evalbench.assembly.progress import Progress as Listener
from evalbench.assembly.progress import Silent, Stored
from evalbench.core import money
from evalbench.core.models import Tier
from evalbench.core.plan import Plan, TierPlan

LINE_EVERY_S = 5.0


def listener(*, quiet: bool) -> Listener:
    """Whoever suits this terminal: nobody, bars or lines."""
    if quiet:
        return Silent()
    return Bars() if sys.stderr.isatty() else Lines()


@dataclass(slots=True)
class Tally:
    """How far one tier of one task is. `spent_usd` counts new answers whose price is known."""

    total: int
    done: int = 0
    reused: int = 0
    missing: int = 0
    spent_usd: float = 0.0

    def count(self, event: Stored) -> None:
        """Take one stored trial in."""
        self.done += 1
        self.reused += event.is_reused
        self.missing += event.is_missing
        self.spent_usd += event.cost_usd or 0.0


def plan_lines(plan: Plan) -> list[str]:
    """What the items can prove, and what each tier will be asked and cost."""
    lines = [*plan.proofs, *(tier_line(tier) for tier in plan.tiers)]
    gaps = [tier.gap for tier in plan.tiers if tier.gap]
    if sum(tier.calls > 0 for tier in plan.tiers) > 1:
        lines.append(f"in all: {_expected_words(plan)}{_most_words(plan.worst_usd, next(iter(gaps), None))}")
    return lines


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
    if tier.calls:
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


class Pace:
    """How fast answers come; the time in which a model gets ready says nothing about it."""

    def __init__(self, now_s: float) -> None:
        self._unready: set[tuple[str, Tier]] = set()
        self._answers = 0
        self._seconds = 0.0
        self._since_s = now_s

    def starting(self, place: tuple[str, Tier], now_s: float) -> None:
        """A model gets ready, until its first answer."""
        self._advance(now_s)
        self._unready.add(place)

    def answered(self, places: Sequence[tuple[str, Tier]], now_s: float) -> None:
        """These have answered, each once for every time it is named."""
        self._advance(now_s)
        if not self._unready:
            self._answers += len(places)
        self._unready.difference_update(places)

    def per_second(self, now_s: float) -> float | None:
        """Answers a second, None while that is not known."""
        self._advance(now_s)
        return self._answers / self._seconds if self._answers and self._seconds else None

    def _advance(self, now_s: float) -> None:
        if not self._unready:
            self._seconds += now_s - self._since_s
        self._since_s = now_s


class Lines:
    """One line now and then, fit for a log file."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, Tier], Tally] = {}
        self._lock = threading.Lock()
        self._pace = Pace(time.monotonic())
        self._next_s = time.monotonic() + LINE_EVERY_S

    def say(self, text: str) -> None:
        """Print a sentence; a log that nobody takes any more is no reason to stop a run."""
        with suppress(OSError):
            print(text, file=sys.stderr)

    def planned(self, plan: Plan) -> None:
        """Print the plan."""
        self._tallies = {(tier.task, tier.tier): Tally(_total(tier)) for tier in plan.tiers}
        for line in plan_lines(plan):
            self.say(line)
        self._pace = Pace(time.monotonic())

    def starting(self, task: str, tier: Tier) -> None:
        """Say that a model gets ready."""
        with self._lock:
            self._pace.starting((task, tier), time.monotonic())
        self.say(f"{task} {tier}: getting ready")

    def stored(self, batch: Sequence[Stored]) -> None:
        """Count, and print a line when the last one is old enough."""
        with self._lock:
            for event in batch:
                self._tallies[event.task, event.tier].count(event)
            now_s = time.monotonic()
            self._pace.answered([(event.task, event.tier) for event in batch], now_s)
            if now_s < self._next_s:
                return
            self._next_s = now_s + LINE_EVERY_S
            self.say(self._line(now_s))

    def finished(self) -> None:
        """Print where it ended."""
        if self._tallies:
            self.say(self._line(time.monotonic()))

    def _line(self, now_s: float) -> str:
        done = sum(tally.done for tally in self._tallies.values())
        total = sum(tally.total for tally in self._tallies.values())
        spent_usd = sum(tally.spent_usd for tally in self._tallies.values())
        missing = sum(tally.missing for tally in self._tallies.values())
        rate = self._pace.per_second(now_s)
        speed = f", {rate:,.0f} a second" if rate else ""
        left = f", about {(total - done) / rate:,.0f} s left" if rate and done < total else ""
        lacking = f", {missing:,} without an answer" if missing else ""
        spent = f"{money.amount(spent_usd)} spent"
        return f"{done:,} of {total:,} answers{speed}{left}, {spent}{lacking}"


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
        for tier in plan.tiers:
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
            rate=f"{speed:,.0f}/s" if speed else "",
            spent=money.amount(tally.spent_usd),
        )
