"""The main job on the shipped eval sets, offline, for a first look."""

from __future__ import annotations

from pathlib import Path

from evalbench.assembly.options import ProjectOptions, RunOptions, SetOptions
from evalbench.assembly.progress import Progress
from evalbench.assembly.result import RunResult
from evalbench.loaders.find import shipped_folder

DEMO_MODELS = ("local/small", "local/medium", "local/large")
DEMO_SETS = ("csv-to-json", "intent-routing", "order-extraction", "spam-filter", "support-triage")
"""The shipped sets on which classical models are worth a look; most of the others want a language model."""


def demo(
    folder: Path,
    progress: Progress,
    *,
    limit: int | None = None,
    max_spend_usd: float | None = None,
    dry_run: bool = False,
) -> RunResult:
    """Run some of the shipped eval sets on the classical models of this process; writes into `folder`."""
    from evalbench.workflows.run import run

    shipped_folder()  # Says so where none is installed.
    options = RunOptions(
        project=ProjectOptions(
            models=DEMO_MODELS,
            ledger=ledger_in(folder),
            reports=folder / "reports",
        ),
        sets=SetOptions(evalsets=DEMO_SETS, is_shipped=True),
        limit=limit,
        max_spend_usd=max_spend_usd,
        dry_run=dry_run,
    )
    return run(options, progress)


def ledger_in(folder: Path) -> Path:
    """Where a demo in `folder` keeps its answers."""
    return folder / ".evalbench" / "ledger.sqlite"
