"""Let the answers of a stored run leave again, in a format that other programs read; nothing is called."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.project import settle
from evalbench.assembly.stored import load_run
from evalbench.assembly.whole_file import whole_file
from evalbench.core.evalset import Criticality, Limits, Task, Traffic
from evalbench.core.models import Model, Tier
from evalbench.core.run import Run, TaskRun
from evalbench.core.score import CORPUS_METRICS
from evalbench.core.trial import Trial
from evalbench.errors import InputError, UnknownNameError
from evalbench.interchange.recorded_lines import recorded_line, recorded_names
from evalbench.pricing.cost import lost_usd
from evalbench.store.ledger import connect_stored
from evalbench.store.read import find_run

FORMATS = ("recordings",)
_IMPORTED_MAX_DROP, _IMPORTED_CONFIDENCE = 0.05, 0.95

Write = Callable[[str], object]
"""Takes one line, with its end, on its way out."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of a run leaves: one task or all, these tiers or all."""

    task: str | None = None
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedTask:
    """What left of one task.

    `answers` have a text, `missing` have none, and `not_graded` are answers that wait for a grade.
    `not_asked` were left out by a run that was settled without them: there is no line of them.
    """

    name: str
    answers: int
    missing: int
    not_graded: int
    not_asked: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What left of a run, and how it comes back.

    `models` are the names in the file by tier. `command` imports them again, without the flags that
    find a project.
    """

    run: str
    models: Mapping[Tier, str]
    tasks: tuple[ExportedTask, ...]
    notes: tuple[str, ...]
    command: str

    @property
    def answers(self) -> int:
        """How many answers left."""
        return sum(task.answers for task in self.tasks)

    @property
    def missing(self) -> int:
        """How many lines say that an answer is missing."""
        return sum(task.missing for task in self.tasks)


def export(
    options: ProjectOptions, reference: str, choice: Choice, write: Write, file: Path | None = None
) -> Exported:
    """Hand every answer of a run to `write` as a recording, line by line, so that none has to be held.

    `file` is what the command of the way back reads; nothing is written to it here.
    """
    with connect_stored(settle(options).ledger) as connection:
        run = load_run(connection, find_run(connection, reference))
    tasks = _chosen(run, choice)
    models = _models(tasks, choice.tiers)
    names = recorded_names(models)
    exported = tuple(_export_task(task, names, write) for task in tasks)
    return Exported(
        run=run.manifest.id,
        models=names,
        tasks=exported,
        notes=tuple(_notes(run.manifest.id, tasks, exported, models, names)),
        command=_command(tasks, names, file),
    )


def export_to_file(options: ProjectOptions, reference: str, choice: Choice, path: Path) -> Exported:
    """Write the answers of a run to `path`, the whole file or none of it."""
    try:
        with whole_file(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
            return export(options, reference, choice, file.write, path)
    except OSError as error:
        raise InputError(
            f"{str(path)!r} cannot be written: {error}", "name another file with -o FILE."
        ) from error


def _chosen(run: Run, choice: Choice) -> list[TaskRun]:
    names = [task.task.name for task in run.tasks]
    if choice.task is not None and choice.task not in names:
        raise UnknownNameError("task", choice.task, names)
    found = [task for task in run.tasks if choice.task in (None, task.task.name)]
    known = {tier for task in found for tier in task.models.tiers}
    for tier in choice.tiers:
        if tier not in known:
            raise UnknownNameError("tier", tier, known)
    return [task for task in found if not choice.tiers or set(choice.tiers) & set(task.models.tiers)]


def _models(tasks: Sequence[TaskRun], tiers: Sequence[Tier]) -> dict[Tier, Model]:
    """The models of all tasks, cheapest first; the longest pool says where a tier of some tasks stands."""
    pools = sorted((task.models.models for task in tasks), key=len, reverse=True)
    found = {tier: model for pool in reversed(pools) for tier, model in pool.items()}
    order = dict.fromkeys(tier for pool in pools for tier in pool)
    return {tier: found[tier] for tier in order if not tiers or tier in tiers}


def _export_task(task: TaskRun, names: Mapping[Tier, str], write: Write) -> ExportedTask:
    answers = missing = not_graded = 0
    for place, trial in _trials(task, names):
        item = task.items[place]
        write(f"{recorded_line(task.task.name, names[trial.tier], item, trial)}\n")
        answers += trial.completion is not None
        missing += trial.completion is None
        not_graded += trial.completion is not None and trial.failure is not None
    tiers = [tier for tier in task.models.tiers if tier in names]
    asked = answers + missing
    not_asked = len(task.items) * len(tiers) * task.repeats - asked
    return ExportedTask(task.task.name, answers, missing, not_graded, not_asked)


def _trials(task: TaskRun, names: Mapping[Tier, str]) -> Iterator[tuple[int, Trial]]:
    """The trials of the chosen tiers, each with the position of its item."""
    return (
        (place, trial)
        for place, trial in zip(task.figures.item, task.trials, strict=True)
        if trial.tier in names
    )


def _command(tasks: Sequence[TaskRun], names: Mapping[Tier, str], file: Path | None) -> str:
    """What imports the file as a run that says the same."""
    words = ["evalbench", "import", "recordings", "FILE" if file is None else _as_argument(file)]
    words += ["--tiers", ",".join(f"{tier}={name}" for tier, name in names.items())]
    current = tasks[0].models.current
    if current in names:
        words += ["--current", current]
    if len(tasks) == 1 and _needs_grader(tasks[0]):
        return shlex.join([*words, "--evalset", tasks[0].task.source or "PATH"])
    words.append("--trust-scores")
    terms = tasks[0].task
    if terms.max_drop != _IMPORTED_MAX_DROP:
        words += ["--max-drop", repr(terms.max_drop)]
    if terms.confidence != _IMPORTED_CONFIDENCE:
        words += ["--confidence", repr(terms.confidence)]
    return shlex.join(words)


def _as_argument(path: Path) -> str:
    """A path that no command takes for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def _needs_grader(task: TaskRun) -> bool:
    """Whether the scores of single answers do not say how good a tier is."""
    return task.task.metric in CORPUS_METRICS or task.is_pairwise


def _notes(
    run_id: str,
    tasks: Sequence[TaskRun],
    exported: Sequence[ExportedTask],
    models: Mapping[Tier, Model],
    names: Mapping[Tier, str],
) -> Iterator[str]:
    """What a reader of the file, or whoever imports it, would not expect."""
    renamed = [f"{tier} ({models[tier].shown})" for tier, name in names.items() if name != models[tier].shown]
    if renamed:
        yield f"recorded by the name of the tier, to be told apart and typed: {', '.join(renamed)}"
    for each in exported:
        if each.not_graded:
            yield (
                f"{each.name}: answers without a grade, and so without a score: {each.not_graded:,}; "
                f"to judge them first: evalbench grade {run_id}"
            )
        if each.not_asked:
            yield (
                f"{each.name}: answers never asked, since the run was settled without them: "
                f"{each.not_asked:,}; whoever imports the file finds them missing"
            )
    for task in tasks:
        yield from _lost_terms(task)
        if _is_paid_in_vain(task, names):
            yield (
                f"{task.task.name}: no recording holds what attempts without an answer have cost; "
                "once imported, the tiers are cheaper by that"
            )
    if len({(task.task.max_drop, task.task.confidence, task.models.current) for task in tasks}) > 1:
        yield "the tasks differ in max_drop, confidence or current: export each by itself with --task"


def _lost_terms(task: TaskRun) -> Iterator[str]:
    """What of a task no recording holds."""
    said = task.task
    if _needs_grader(task):
        yield (
            f"{said.name}: {said.metric} is more than the scores of single answers; "
            "import this task by itself, graded with --evalset"
        )
    elif task.is_judged:
        yield (
            f"{said.name}: these scores are a model's opinion, which no recording tells; "
            "once imported they pass for facts"
        )
    lost = list(_terms(said))
    if lost:
        yield f"{said.name}: no recording holds its {', '.join(lost)}; --evalset brings that back"


def _is_paid_in_vain(task: TaskRun, names: Mapping[Tier, str]) -> bool:
    """Whether trials that have no answer, or one of another run, cost something all the same."""
    figures, models = task.figures, task.models
    prices = {number: models.models[tier].price for number, tier in enumerate(models.tiers) if tier in names}
    in_vain = [row for row in figures.efforts if figures.answer[row] < 0 or row in figures.bills]
    return any(
        figures.tier[row] in prices and lost_usd(figures.efforts[row], prices[figures.tier[row]]) != 0.0
        for row in in_vain
    )


def _terms(task: Task) -> Iterator[str]:
    if task.criticality is not Criticality.STANDARD:
        yield f"criticality {task.criticality}"
    if task.limits != Limits():
        yield "limits"
    if task.traffic != Traffic():
        yield "monthly"
    if task.looks is not None:
        yield "looks"
