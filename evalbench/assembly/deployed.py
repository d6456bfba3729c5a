"""Refuse a `deployed:` that names no task: the gate would guard another tier, and nobody would notice."""

from __future__ import annotations

from collections.abc import Iterable

from evalbench.assembly.project import Setting
from evalbench.config.evalset_file import read_evalset_file
from evalbench.config.project import deployed_line
from evalbench.errors import InputError, nearest
from evalbench.loaders.load import names_of


def refuse_strangers(setting: Setting, tasks: Iterable[str]) -> None:
    """Stop where a deployed task is neither one of these nor an eval set of the project."""
    here = frozenset(tasks)
    strangers = [task for task in setting.deployed if task not in here]
    if not strangers or setting.config is None:
        return
    known = here | names_of(setting.patterns, setting.config.parent, read_settings=read_evalset_file)
    for task in strangers:
        if task not in known:
            line = deployed_line(setting.config, task)
            raise InputError(
                f"{setting.config}:{line}: 'deployed' names the task {task!r}, which no eval set is called",
                nearest(task, known),
            )
