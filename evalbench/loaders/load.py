"""Load eval sets: a folder, an `evalset.yaml`, or a bare file of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from evalbench.core.evalset import EvalSet, TaskKind
from evalbench.errors import EvalSetError, InputError, nearest
from evalbench.loaders.columns import Columns
from evalbench.loaders.find import NEW, SETTINGS_NAME, SUFFIXES, find_evalsets, similar
from evalbench.loaders.hub import read_hub_rows
from evalbench.loaders.item_file import labelled
from evalbench.loaders.items import Split, read_items
from evalbench.loaders.problems import Problems
from evalbench.loaders.prompt_check import check_renderings
from evalbench.loaders.rows import Row, RowReader
from evalbench.loaders.settings import Overrides, ReadSettings, Settings
from evalbench.loaders.splits import check_splits
from evalbench.loaders.task import Origin, TaskBuilder
from evalbench.registry import known, load

NOTHING_SAID = Overrides()
_FORMATS = {"ndjson": "jsonl", "tsv": "csv"}
_ITEM_STEMS = ("items", "test")


def load_evalset(
    path: Path,
    overrides: Overrides = NOTHING_SAID,
    *,
    read_settings: ReadSettings,
    strict: bool = False,
    held_in: Path | None = None,
) -> EvalSet:
    """Load one eval set, and raise everything that is wrong with it as one error.

    `read_settings` reads an `evalset.yaml`; `strict` makes warnings errors; `held_in` is the folder
    for the file of a large set, where it is not the system's own for temporary files.
    """
    problems = Problems()
    evalset = assemble(path, overrides, read_settings, problems, held_in)
    if strict:
        problems.found += problems.warnings
    if problems.found or evalset is None:
        raise problems.error(str(path))
    return replace(evalset, warnings=(*problems.warnings, *problems.notes))


def load_all(
    patterns: Sequence[str], base: Path, *, read_settings: ReadSettings, strict: bool = False
) -> list[EvalSet]:
    """Load everything that `patterns` (folders, files, globs relative to `base`) name."""
    paths = find_evalsets(patterns, base)
    found: dict[str, EvalSet] = {}
    for path in paths:
        evalset = load_evalset(path, read_settings=read_settings, strict=strict)
        if evalset.name in found:
            raise EvalSetError(
                f"two eval sets are named {evalset.name!r}: {found[evalset.name].task.source} and {path}",
                f"give one of them another `name:` in its {SETTINGS_NAME}.",
            )
        found[evalset.name] = evalset
    return list(found.values())


def named_evalset(
    name: str, patterns: Sequence[str], base: Path, *, read_settings: ReadSettings
) -> Path | None:
    """The eval set called `name` among those that `patterns` find; None where there is none."""
    try:
        paths = find_evalsets(patterns, base)
    except EvalSetError:
        return None  # A project without eval sets of its own.
    return next((path for path in paths if _name_at(path, read_settings) == name), None)


def names_of(patterns: Sequence[str], base: Path, *, read_settings: ReadSettings) -> frozenset[str]:
    """What the eval sets that `patterns` find are called, without reading their items."""
    try:
        paths = find_evalsets(patterns, base)
    except EvalSetError:
        return frozenset()
    return frozenset(_name_at(path, read_settings) for path in paths)


def _name_at(path: Path, read_settings: ReadSettings) -> str:
    try:
        settings, _, default_name = _settings(path, read_settings, [])
    except InputError:
        return path.name  # Whoever asks for it is to be told what is wrong with it.
    return settings.name or default_name


def assemble(
    path: Path,
    overrides: Overrides,
    read_settings: ReadSettings,
    problems: Problems,
    held_in: Path | None = None,
) -> EvalSet | None:
    """The eval set at `path` with all findings in `problems`; None when it cannot be put together."""
    inferred: list[str] = []
    try:
        settings, origin, default_name = _settings(path, read_settings, inferred)
        origin = replace(origin, held_in=held_in)
        settings = with_overrides(settings, overrides, origin.folder)
        test = _split("items", settings.items, settings, origin, problems)
        train_place = settings.train or _train_beside(settings.items, origin, path, inferred)
        train = _train(train_place, settings, origin, problems, test) if train_place else None
    except EvalSetError as error:
        problems.include(error)
        return None
    except InputError as error:
        problems.include(EvalSetError(error.problem, error.fix))
        return None
    if not test.items or (train is not None and not train.items and problems.found):
        return None
    if settings.name is None:
        inferred.insert(0, f"name: {default_name}")
    inferred += test.inferred
    _note_unlabelled(settings, test, train, problems, inferred)
    check_splits(test, train, problems)
    task = TaskBuilder(settings, origin, test, train, problems, inferred).build(settings.name or default_name)
    if task is None:
        return None
    train_items = train.items if train else ()
    if not problems.found:
        check_renderings(task, test, train, problems)
    return EvalSet(task, test.items, train_items)


def _settings(path: Path, read_settings: ReadSettings, inferred: list[str]) -> tuple[Settings, Origin, str]:
    if path.is_dir():
        file = path / SETTINGS_NAME
        said = Settings(**read_settings(file)) if file.is_file() else Settings()
        folder = path
    elif path.name == SETTINGS_NAME or path.suffix in {".yaml", ".yml"}:
        file, folder = path, path.parent
        said = Settings(**read_settings(path))
    else:
        name = path.absolute().name
        return Settings(items={"path": name}), Origin(path.parent, name, str(path)), _name_of(path)
    if not said.items:
        found = next(
            (
                folder / f"{stem}{suffix}"
                for stem in _ITEM_STEMS
                for suffix in SUFFIXES
                if (folder / f"{stem}{suffix}").is_file()
            ),
            None,
        )
        if found is None:
            raise EvalSetError(
                f"{folder} holds neither {SETTINGS_NAME} nor items.jsonl, .csv or .parquet", NEW
            )
        said = replace(said, items={"path": found.name})
        inferred.append(f"items: {found.name}")
    return said, Origin(folder, file.name, str(path)), folder.resolve().name


def _name_of(path: Path) -> str:
    return path.resolve().parent.name if path.stem in _ITEM_STEMS else path.stem


def with_overrides(settings: Settings, overrides: Overrides, folder: Path) -> Settings:
    """The settings with what the command line says in place of what the file says."""
    kinds = [kind.value for kind in TaskKind]
    if overrides.task is not None and overrides.task not in kinds:
        raise EvalSetError(f"there is no task {overrides.task!r}", nearest(overrides.task, kinds))
    if overrides.max_drop is not None and not 0 < overrides.max_drop < 1:
        raise EvalSetError(f"max_drop is {overrides.max_drop!r}, not between 0 and 1", "give a share: 0.05.")
    return overrides.applied_to(settings, folder)


def _train(
    place: Mapping[str, str], settings: Settings, origin: Origin, problems: Problems, test: Split
) -> Split:
    # Train has the columns of the items, but may lack those that only a test needs.
    columns = {**test.columns.by_role, **settings.columns}
    return _split("train", place, replace(settings, columns=columns), origin, problems)


def _split(
    key: str, place: Mapping[str, str], settings: Settings, origin: Origin, problems: Problems
) -> Split:
    is_train = key == "train"
    read = partial(
        read_items,
        said=settings.columns,
        problems=problems,
        held_in=origin.held_in,
        is_train=is_train,
    )
    if "hub" in place:
        rows = read_hub_rows(place, problems, "train" if is_train else "test")
        return read(rows, f"hub {place['hub']}")
    path = origin.folder / place["path"]
    if not path.is_file():
        problems.add(*settings.place(key, origin.settings_name), *_absence(path))
        return Split(path, Columns())
    return read(read_file_rows(path, problems), path)


def read_file_rows(path: Path, problems: Problems) -> Iterator[Row]:
    """The rows of a file, read by the loader of its format."""
    if not path.is_file():
        raise EvalSetError(*_absence(path))
    suffix = path.suffix.lower().removeprefix(".")
    name = _FORMATS.get(suffix, suffix)
    if name not in known("loaders"):
        raise EvalSetError(
            f"{path.name} has a format that nothing reads",
            f"use one of: {', '.join(sorted(known('loaders')))}.",
        )
    reader: RowReader = load("loaders", name)
    return reader(path, problems)


def _absence(path: Path) -> tuple[str, str]:
    """That a file is not there, and what may have been meant."""
    if path.is_dir():
        return f"{str(path)!r} is a folder", "name a .jsonl, .csv or .parquet file."
    return f"there is no file {str(path)!r}", similar(path)


def _train_beside(
    items: Mapping[str, str], origin: Origin, path: Path, inferred: list[str]
) -> Mapping[str, str]:
    if "hub" in items:
        return {}
    if path.is_file() and path.suffix in SUFFIXES and path.stem not in _ITEM_STEMS:
        return {}
    folder = (origin.folder / items["path"]).parent
    found = next(
        (folder / f"train{suffix}" for suffix in SUFFIXES if (folder / f"train{suffix}").is_file()), None
    )
    if found is None or found.name == Path(items["path"]).name:
        return {}
    inferred.append(f"train: {found.name}")
    return {"path": str(found.absolute())}


def _note_unlabelled(
    settings: Settings, test: Split, train: Split | None, problems: Problems, inferred: list[str]
) -> None:
    if not test.has_ids:
        inferred.append("id: a hash of each row")
    unlabelled = len(test.items) - len(labelled(test.items))
    if unlabelled and (settings.grader is None or settings.grader.needs_target):
        problems.note(
            f"{unlabelled} of {len(test.items)} items have no target; "
            "they are answered, but take no part in scores"
        )
    if train is not None and not labelled(train.items):
        problems.note("no item of train has a target")
