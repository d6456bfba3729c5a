"""How to get the same numbers again: commands that can be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from evalbench.core.run import Run
from evalbench.reports.plain_text import one_line

_SET_FLAGS = ("input", "target", "prompt", "train", "id", "group", "grader", "task")
_FLAGS: Mapping[str, Mapping[str, str]] = {
    "project": {"config": "--config", "models": "--models", "tiers": "--tiers", "current": "--current"},
    "sets": {
        **{
            name: f"--{name}"
            for name in ("input", "target", "prompt", "train", "id", "group", "grader", "task")
        },
        "max_drop": "--max-drop",
    },
    "": {"limit": "--limit"},
}


def reproduce(run: Run) -> tuple[str, ...]:
    """Commands that print this report again, and that run the same evaluation again."""
    options = run.manifest.options
    report = f"evalbench report {shlex.quote(one_line(run.manifest.id))}"
    if "sets" not in options:
        return (report,)
    again = ["evalbench", "run", *map(one_line, options["sets"]["evalsets"])]
    for part, flags in _FLAGS.items():
        for name, flag in flags.items():
            value = options[part].get(name) if part else options.get(name)
            if value not in (None, [], ()):
                text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                again += [flag, one_line(text)]
    again += ["--early-stop"] if options.get("early_stop") else []
    again += ["--seed", str(run.manifest.seed)]
    again += ["--repeats", str(run.manifest.repeats)] if run.manifest.repeats > 1 else []
    return (report, shlex.join(again))
