"""Start a project: a short commented configuration, and an eval set that works and can be edited."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from evalbench.config.project import FILE_NAME
from evalbench.errors import InputError
from evalbench.loaders.find import shipped_folder

STARTER_SET = "spam-filter"
_COPIED = ("evalset.yaml", "items.jsonl", "train.jsonl")

_CONFIG = """\
# Which models stand at which tier, cheapest first, and which one you use today.
# Every tier is compared with `current`, item by item.
tiers:
  # Classical models that run in this process: no key and no network. They are no language
  # models; they answer the question whether a task needs one at all.
  small: local/small
  medium: local/medium
  large: local/large
  # What else can stand here:
  #   small: recorded/answers.jsonl#gpt-4o-mini     answers that were collected before
  #   large: python/pipeline.py:answer              any function that takes a prompt
current: large

# evalsets: [evalsets/*]     where the eval sets are, relative to this file
# max_spend_usd: 5           a run stops before it could spend more
# repeats: 1                 how often each item is asked
"""


@dataclass(frozen=True, slots=True)
class Started:
    """The files that were written."""

    config: Path
    evalset: Path


def init(folder: Path) -> Started:
    """Write a project into `folder`; nothing that is there is ever overwritten."""
    config = folder / FILE_NAME
    evalset = folder / "evalsets" / STARTER_SET
    for path in (config, evalset):
        if path.exists():
            raise InputError(f"{str(path)!r} is there already", "name another folder: evalbench init DIR.")
    try:
        evalset.mkdir(parents=True)
        for name in _COPIED:
            shutil.copyfile(shipped_folder() / STARTER_SET / name, evalset / name)
        config.write_text(_CONFIG, "utf-8")
    except OSError as error:
        raise InputError(f"{str(folder)!r} cannot be written: {error}", "name another folder.") from error
    return Started(config, evalset)
