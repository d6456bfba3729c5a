from __future__ import annotations

import cProfile
import json
import pstats
from pathlib import Path

from evalbench.assembly.options import ProjectOptions
from evalbench.workflows.import_recordings import ImportOptions, import_recordings


def calls_made(folder: Path, items: int) -> int:
    """How many function calls it takes to import so many items of two models."""
    folder.mkdir()
    recording = folder / "answers.jsonl"
    rows = (
        {"task": "t", "item_id": str(item), "model": model, "output": "a", "score": 1.0, "cost_usd": cost}
        for model, cost in (("s", 0.001), ("l", 0.01))
        for item in range(items)
    )
    recording.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    options = ImportOptions((recording,), {"small": "s", "large": "l"}, trust_scores=True)
    project = ProjectOptions(ledger=folder / "ledger.sqlite", reports=folder / "reports")
    profile = cProfile.Profile()
    profile.runcall(import_recordings, options, project)
    made: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]  # not in the stubs
    return made


def test_the_work_of_an_import_grows_with_its_answers_and_no_faster(tmp_path: Path) -> None:
    calls_made(tmp_path / "first", 10)  # Everything that is imported late is imported here.

    few, many = (calls_made(tmp_path / str(items), items) for items in (400, 1600))

    assert many < 6 * few
