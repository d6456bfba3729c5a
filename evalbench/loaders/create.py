"""Make an eval set from a file of rows: a folder with items, a training split, and settings to edit."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalbench.core.evalset import GraderSpec, Item, JsonValue, TaskKind
from evalbench.errors import EvalSetError, InputError
from evalbench.loaders.codes import is_id_name
from evalbench.loaders.columns import quoted
from evalbench.loaders.drawing import draw_train
from evalbench.loaders.find import SETTINGS_NAME
from evalbench.loaders.graders import default_grader
from evalbench.loaders.guesses import are_tables, fill_templates, guess, repeating
from evalbench.loaders.inference import GRADERS, LABELLED_KINDS, PROMPTS, default_prompt, kind_of
from evalbench.loaders.items import Split, read_items
from evalbench.loaders.labels import spelled_alike, spellings_words
from evalbench.loaders.load import NOTHING_SAID, read_file_rows, with_overrides
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Digits, Row, as_text
from evalbench.loaders.settings import Overrides, Settings

_DEFAULT_SEED = 7
_FEWEST_OF_A_LABEL = 10
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Created:
    """What was written: the folder, how many rows went where, and how the labels are balanced.

    `notes` tell in plain words what was guessed, and what to look at.
    """

    folder: Path
    files: tuple[Path, ...]
    kind: TaskKind
    items: int
    train: int
    balance: Mapping[str, int]
    notes: tuple[str, ...]


def create_evalset(
    file: Path,
    folder: Path,
    overrides: Overrides = NOTHING_SAID,
    *,
    seed: int = _DEFAULT_SEED,
    schema: str | None = None,
) -> Created:
    """Write a new eval set from `file` into `folder`; nothing that is there is overwritten.

    `schema` is where editors find the JSON Schema of the settings, if it is known.
    """
    _refuse_to_overwrite(folder)
    settings = with_overrides(Settings(), overrides, folder)
    problems = Problems()
    rows = list(read_file_rows(file, problems))
    guessed = guess(rows, settings.columns, file)
    split = read_items(iter(guessed.rows), file, guessed.columns, problems)
    kind = settings.kind or _kind(split, guessed.rows, problems)
    if problems.found or kind is None:
        raise problems.error(str(file))
    notes = [*split.inferred, *guessed.notes, f"task: {kind}", *problems.warnings, *problems.notes]
    grader = settings.grader or default_grader(
        kind, settings.metric, [each for each in split.items if each.target is not None]
    )
    notes += _how_judged(split, kind, settings, grader)
    if not split.has_ids:
        notes.append(f"id: made from a hash of each row{_own_ids(split, guessed.rows)}")
    in_train = draw_train(split.items, seed, notes)
    texts = {
        "items.jsonl": _lines(guessed.rows, split, [not trained for trained in in_train]),
        "train.jsonl": _lines(guessed.rows, split, in_train),
        SETTINGS_NAME: _settings_text(
            split,
            kind,
            settings,
            default_prompt(kind, grader.name if grader else None),
            schema,
            has_train=any(in_train),
        ),
    }
    files = _write(folder, {name: text for name, text in texts.items() if text})
    balance = Counter(label for item in split.items for label in labels_of(item.target))
    if kind in LABELLED_KINDS:
        notes += _rare_labels(split.items, in_train)
        alike = spelled_alike({label for item in split.items for label in labels_of(item.target)})
        notes += (
            [f"labels: {spellings_words(alike)}; mend {file.name} first, if they are one"] if alike else []
        )
    return Created(
        folder=folder,
        files=files,
        kind=kind,
        items=len(rows) - sum(in_train),
        train=sum(in_train),
        balance=dict(balance.most_common()) if kind in LABELLED_KINDS else {},
        notes=tuple(notes),
    )


def _refuse_to_overwrite(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{str(folder)!r} is there already; nothing is overwritten",
            "give another folder, or remove this one first.",
        )


def _kind(split: Split, rows: Sequence[Row], problems: Problems) -> TaskKind | None:
    targets = _targets(split)
    kind, reason = kind_of(targets, split.columns.target)
    if kind in {None, TaskKind.QA} and targets and fill_templates(split.items):
        return TaskKind.TEMPLATE
    if kind is TaskKind.EXTRACTION and all(isinstance(target, list) for target in targets):
        return TaskKind.REFORMATTING if are_tables(split.items) else kind
    if split.columns.target is None and not problems.found:
        names = ", ".join(map(repr, split.names))
        problems.add(
            split.place,
            None,
            f"no column is named as right answers usually are; there are {names}",
            _without_targets(split, rows),
        )
    elif kind is None and not problems.found:
        problems.add(
            split.place,
            None,
            f"cannot tell what kind of task this is: {reason}",
            "say it: --task summarization",
        )
    return kind


def _without_targets(split: Split, rows: Sequence[Row]) -> str:
    """What to do where no column holds right answers, or none that can be told from the others."""
    spoken_for = split.columns.used
    others = [name for name in split.names if name not in spoken_for and not is_id_name(name)]
    without = "where there are no right answers, add --task generation, and let a judge say what is good"
    if not others:
        return without
    example = next(iter([*repeating(rows, others), *others]))
    return f"say which one it is: --target {shlex.quote(example)}; {without}"


def _own_ids(split: Split, rows: Sequence[Row]) -> str:
    """What is the matter with a column that seems to number the rows, and was not taken for their ids."""
    name = next((name for name in split.names if name not in split.columns.used and is_id_name(name)), None)
    if name is None:
        return ""
    counted = Counter(text for row in rows if (text := as_text(row.values.get(name))))
    value, times = counted.most_common(1)[0] if counted else ("", 0)
    if times > 1:
        return f", for {name!r} has {value!r} in {times} rows"
    if counted.total() < len(rows):
        return f", for {name!r} is empty in {len(rows) - counted.total()} rows"
    return f"; to keep your own: --id {shlex.quote(name)}"


def _targets(split: Split) -> list[JsonValue]:
    return [item.target for item in split.items if item.target is not None]


def _how_judged(split: Split, kind: TaskKind, settings: Settings, grader: GraderSpec | None) -> Iterator[str]:
    """The grader, and what is still to be said where the prompt cannot be guessed."""
    if grader is not None:
        yield f"grader: {grader.name}"
    if kind not in PROMPTS and settings.prompt is None and split.columns.messages is None:
        yield "prompt: the input alone; say in evalset.yaml what is to be done with it"


def labels_of(target: JsonValue) -> list[str]:
    """The labels that a target names."""
    return [entry for entry in (target if isinstance(target, list) else [target]) if isinstance(entry, str)]


def _rare_labels(items: Sequence[Item], in_train: Sequence[bool]) -> Iterator[str]:
    """Which labels have so few items to measure on that nothing can be said of them by themselves."""
    counted = Counter(label for item in items for label in labels_of(item.target))
    measured = Counter(
        label
        for item, is_trained in zip(items, in_train, strict=True)
        if not is_trained
        for label in labels_of(item.target)
    )
    rare = [label for label in counted if measured[label] < _FEWEST_OF_A_LABEL]
    if rare:
        shown = ", ".join(rare[:_MOST_SHOWN]) + (" and others" if len(rare) > _MOST_SHOWN else "")
        yield (
            f"labels: {len(rare)} of {len(counted)} have fewer than {_FEWEST_OF_A_LABEL} items "
            f"to measure on ({shown})"
        )


def _lines(rows: Sequence[Row], split: Split, chosen: Sequence[bool]) -> str:
    lines = []
    for row, item, is_chosen in zip(rows, split.items, chosen, strict=True):
        if is_chosen:
            values = row.values if split.has_ids else {"id": item.id, **row.values}
            lines.append(
                _json({name: value for name, value in values.items() if not _is_blank(name, value, split)})
            )
    return "".join(f"{line}\n" for line in lines)


def _is_blank(name: str, value: JsonValue, split: Split) -> bool:
    # An empty cell of a CSV means "no target"; in JSON Lines an empty text would be one.
    is_csv = isinstance(split.place, Path) and split.place.suffix.lower() in {".csv", ".tsv"}
    return is_csv and value == "" and name == split.columns.target


def _json(value: JsonValue) -> str:
    """JSON with every number exactly as it was written."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(key)}: {_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _settings_text(
    split: Split, kind: TaskKind, settings: Settings, prompt: str, schema: str | None, *, has_train: bool
) -> str:
    columns = {"id": "id", **split.columns.by_role} if not split.has_ids else split.columns.by_role
    lines = [
        *([f"# yaml-language-server: $schema={schema}"] if schema else []),
        f"task: {kind}",
        "items: items.jsonl",
        *(["train: train.jsonl            # for few-shot examples and classical tiers"] if has_train else []),
        "columns: {" + ", ".join(f"{role}: {quoted(name)}" for role, name in columns.items()) + "}",
        *_label_lines(split, kind, settings),
        *_grader_lines(kind, settings),
        *([] if "messages" in columns else _prompt_lines(settings.prompt or prompt)),
        f"max_drop: {settings.max_drop or 0.05:g}                 # how much worse is still good enough",
        "# monthly: {requests: 100000}  # gives the monthly bill",
    ]
    return "\n".join(lines) + "\n"


def _prompt_lines(prompt: str) -> list[str]:
    if prompt.startswith((" ", "\n")) or not prompt.replace("\n", "").isprintable():
        return [f"prompt: {quoted(prompt)}"]
    return ["prompt: |", *(f"  {line}" if line else "" for line in prompt.split("\n"))]


def _label_lines(split: Split, kind: TaskKind, settings: Settings) -> list[str]:
    if kind not in LABELLED_KINDS:
        return []
    labels = settings.labels or sorted({label for item in split.items for label in labels_of(item.target)})
    return ["labels: [" + ", ".join(map(quoted, labels)) + "]"] if labels else []


def _grader_lines(kind: TaskKind, settings: Settings) -> list[str]:
    if settings.grader is not None:
        return [f"grader: {quoted(settings.grader.name)}"]
    if kind in GRADERS:
        return []
    return [
        f"grader: my_graders.py:grade   # {kind} has no grader by default; write or name one, such as judge"
    ]


def _write(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise EvalSetError(
            f"cannot write to {str(folder)!r}: {error.strerror}", "give a folder that can be written."
        ) from error
    return tuple(folder / name for name in texts)
