"""Progress on standard error as bars, for a terminal."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from evalbench.assembly.progress import Stored
from evalbench.cli.screen.planned import plan_lines
from evalbench.cli.screen.tally import Tally, rate_words, total_of
from evalbench.core.models import Tier
from evalbench.core.plan import Plan


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
            self._tallies[place] = Tally(total_of(tier))
            self._bars[place] = self._progress.add_task(
                f"{tier.task} {tier.tier}", total=total_of(tier), rate="", spent=""
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
            rate=rate_words(speed) if speed else "",
            spent=tally.spent,
        )
