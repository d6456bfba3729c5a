from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

from evalbench.assembly.options import ProjectOptions
from evalbench.workflows.export_run import Choice, export
from evalbench.workflows.import_recordings import ImportOptions, import_recordings

TEXT = "x" * 5000


def imported(folder: Path, items: int) -> ProjectOptions:
    folder.mkdir()
    recording = folder / "answers.jsonl"
    rows = (
        {"task": "t", "item_id": str(item), "model": model, "input": TEXT, "output": TEXT, "score": 1.0}
        for model in "sl"
        for item in range(items)
    )
    recording.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    project = ProjectOptions(ledger=folder / "ledger.sqlite", reports=folder / "reports")
    import_recordings(ImportOptions((recording,), {"small": "s", "large": "l"}, trust_scores=True), project)
    return project


def test_answers_are_not_held_while_they_leave(tmp_path: Path) -> None:
    items = 3000
    project = imported(tmp_path / "run", items)
    written: list[int] = []
    export(project, "latest", Choice(tiers=("small",)), lambda line: written.append(len(line)))

    tracemalloc.start()
    exported = export(project, "latest", Choice(), lambda line: written.append(len(line)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (exported.answers, len(written)) == (2 * items, 3 * items)
    assert peak < sum(written[items:]) / 10
