"""The counts of a calibration, kept in a file so that the page can be written and checked without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.calibration.looks import Looking
from benchmarks.calibration.measure import Count
from benchmarks.calibration.stopping import Stops


@dataclass(frozen=True)
class Record:
    """Counts by scenario, broken promises by invariance with the runs tried, and looks by way and truth.

    `stops` is what came of runs that stop early, by scenario, in `stopping_runs` runs of each.
    """

    counts: Mapping[str, Count]
    broken: Mapping[str, int]
    changed_runs: int
    looks: Mapping[str, Mapping[str, Looking]]
    stops: Mapping[str, Stops]
    stopping_runs: int

    def write(self, path: Path) -> None:
        """Writes the record as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Record:
        """Reads what `write` wrote."""
        stored = json.loads(path.read_text("utf-8"))
        counts = {name: Count(**numbers) for name, numbers in stored["counts"].items()}
        looks = {
            way: {truth: Looking(**numbers) for truth, numbers in found.items()}
            for way, found in stored["looks"].items()
        }
        stops = {name: Stops(**numbers) for name, numbers in stored["stops"].items()}
        return cls(counts, stored["broken"], stored["changed_runs"], looks, stops, stored["stopping_runs"])
