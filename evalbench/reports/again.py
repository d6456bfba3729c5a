"""How to get the same numbers again, or those that are lacking: commands that can be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a run from being complete, in a sentence, and what mends that; `then` ends the advice.

    `command` is None where nothing can be asked or graded again, as of a recording.
    """

    words: str
    command: str | None = None
    advice: str = ""
    then: str = ""


def lack_of(run: Run) -> Lack | None:
    """What an incomplete run lacks, and what to type; None for a complete one."""
    if run.is_complete:
        return None
    figures = [task.figures for task in run.tasks]
    is_missing = any(answer < 0 for each in figures for answer in each.answer)
    is_ungraded = any(each.answer[row] >= 0 for each in figures for row in each.failures)
    run_id = shlex.quote(one_line(run.manifest.id))
    if is_ungraded and not is_missing:
        return Lack(
            "Some answers could not be graded, and are never counted as wrong.",
            f"evalbench grade {run_id}",
            "The notes of the task say why; once that is mended, grade them with",
        )
    words = "It ended before every answer was there and graded."
    if is_missing:
        also = ", and some could not be graded" if is_ungraded else ""
        words = f"Some answers are missing{also}; that is never counted as wrong."
    source = run.manifest.to_resume
    if source is None:
        return Lack(words)
    is_regraded = run.manifest.regraded_from is not None and not run.manifest.is_resumable
    return Lack(
        words,
        f"evalbench run --resume {shlex.quote(one_line(source))}",
        "Finish it with",
        ", and then grade that run again" if is_regraded else "",
    )


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
