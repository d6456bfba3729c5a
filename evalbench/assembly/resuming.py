"""Go on with a stored run: by its own options."""

from __future__ import annotations

from dataclasses import replace

from evalbench.assembly.options import RunOptions
from evalbench.assembly.project import settle
from evalbench.core.run import Manifest
from evalbench.errors import InputError
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run, read_manifest


def options_of(options: RunOptions, resume: str) -> RunOptions:
    """What the run was asked for, with what a command may say anew: where, how fast and for how much."""
    setting = settle(options.project)
    with connect_stored(setting.ledger) as connection:
        manifest = read_manifest(connection, find_run(connection, resume).row)
    if not manifest.is_resumable:
        raise _nothing_to_resume(manifest)
    kept = RunOptions.from_json(dict(manifest.options))
    places = ("config", "env_file", "ledger", "reports")
    said = {name: value for name in places if (value := getattr(options.project, name)) is not None}
    return replace(
        kept,
        project=replace(kept.project, **said),
        sets=replace(kept.sets, strict=options.sets.strict or kept.sets.strict),
        concurrency=options.concurrency or kept.concurrency,
        max_spend_usd=kept.max_spend_usd if options.max_spend_usd is None else options.max_spend_usd,
        is_allowance=options.is_allowance,
        dry_run=options.dry_run,
    )


def _nothing_to_resume(manifest: Manifest) -> InputError:
    source = manifest.regraded_from
    if source is None:
        return InputError(f"run {manifest.id} was imported and has nothing to resume", "start a new run.")
    return InputError(
        f"run {manifest.id} holds the answers of run {source}, graded again, and asks for none",
        f"evalbench run --resume {source}, and then grade that run again.",
    )
