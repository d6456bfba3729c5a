from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalbench.assembly.options import ProjectOptions
from evalbench.workflows import import_recordings as workflow
from evalbench.workflows.import_recordings import ImportOptions, import_recordings


def test_an_import_cut_short_leaves_nothing_that_passes_for_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {"task": "t", "item_id": str(number), "model": model, "output": "x", "score": 1.0}
        for number in range(30)
        for model in ("cheap", "dear")
    ]
    recording = tmp_path / "answers.jsonl"
    recording.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    asked = ImportOptions((recording,), {"small": "cheap", "large": "dear"}, trust_scores=True)
    project = ProjectOptions(ledger=tmp_path / "ledger.sqlite", reports=tmp_path / "reports")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut_short:
        cut_short.setattr(workflow, "finish_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_recordings(asked, project)
    concluded, _ = import_recordings(asked, project)

    assert concluded.run.is_complete
    assert [len(task.trials) for task in concluded.run.tasks] == [60]
