"""Measure how often decisions are wrong and how often they are made: `python -m benchmarks.calibration`.

Writes the counts beside this file and the page that shows them. `--page` only writes the page again.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from benchmarks.calibration.invariances import INVARIANCES, broken, runs
from benchmarks.calibration.looks import TRUTHS, WAYS, looking
from benchmarks.calibration.measure import count_all
from benchmarks.calibration.page import page
from benchmarks.calibration.record import Record
from benchmarks.calibration.stopping import stops_of_all

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
COUNTS = Path(__file__).with_name("counts.json")


def main() -> None:
    """Run every scenario, then write counts and page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="runs of each scenario")
    parser.add_argument("--draws", type=int, default=200, help="runs of each world for the invariances")
    parser.add_argument("--stops", type=int, default=400, help="runs of each scenario that stops early")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--page", action="store_true", help="write the page from the counts there are")
    chosen = parser.parse_args()
    if not chosen.page:
        started = time.perf_counter()
        counts = count_all(chosen.runs, chosen.workers, print)
        failures = {each.name: broken(each, chosen.draws) for each in INVARIANCES}
        looks = {way.name: {truth: looking(way, truth, chosen.runs) for truth in TRUTHS} for way in WAYS}
        stops = stops_of_all(chosen.stops, chosen.workers, print)
        Record(counts, failures, runs(chosen.draws), looks, stops, chosen.stops).write(COUNTS)
        print(f"{time.perf_counter() - started:.0f} s")
    PAGE.write_text(page(Record.read(COUNTS)), "utf-8")


if __name__ == "__main__":
    main()
