"""Find eval sets by folder, file or glob, and those that are shipped."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

import evalbench
from evalbench.errors import EvalSetError, InputError, nearest

SETTINGS_NAME = "evalset.yaml"
SUFFIXES = (".jsonl", ".csv", ".parquet")
NEW = "make an eval set with: evalbench evalsets new FILE.csv"


def shipped_folder() -> Path:
    """The folder of the starter eval sets: the checkout's, else the one inside the installed package."""
    package = Path(str(evalbench.__file__)).resolve().parent
    for folder in (package.parent / "evalsets", package / "_evalsets"):
        if any(folder.glob(f"*/{SETTINGS_NAME}")):
            return folder
    raise InputError("the starter eval sets are not installed", "install evalbench-cli again.")


def find_evalsets(patterns: Sequence[str], base: Path) -> list[Path]:
    """The eval sets that `patterns` name, in order and once each; none at all is an error."""
    found: dict[Path, Path] = {}
    for pattern in patterns:
        matches = list(_matches(pattern, base))
        if not matches:
            raise _nothing_at(pattern, base)
        for path in matches:
            found.setdefault(_identity(path), path)
    if not found:
        raise EvalSetError("no eval set is named", NEW)
    return list(found.values())


def _nothing_at(pattern: str, base: Path) -> EvalSetError:
    path = base / pattern
    if path.suffix.lower() in SUFFIXES and not set(pattern) & set("*?["):
        return EvalSetError(f"there is no file {str(path)!r}", similar(path))
    meant = "" if set(pattern) & set("*?[") else _meant(Path(pattern), base)
    return EvalSetError(f"{pattern!r} names no eval set in {base}", f"{meant}{NEW}")


def _meant(said: Path, base: Path) -> str:
    """The eval set of nearly that name: beside it or, where no folder is said, a usual or shipped one."""
    folder = base / said.parent
    beside = folder.glob("*") if folder.is_dir() else ()
    names = {path.name: str(said.parent / path.name) for path in beside if _is_meant(path)}
    if len(said.parts) == 1:
        for sets in (shipped_folder(), base / "evalsets"):
            names.update((path.parent.name, path.parent.name) for path in sets.glob(f"*/{SETTINGS_NAME}"))
    close = difflib.get_close_matches(said.name, sorted(names), n=1)
    return f"did you mean {names[close[0]]!r}? Else " if close else ""


def similar(path: Path) -> str:
    """What may have been meant by the name of a file that is not there."""
    if not path.parent.is_dir():
        return f"the folder {path.parent} is not there; mend the path."
    names = [entry.name for entry in path.parent.iterdir()]
    return nearest(path.name, names[:50]) if names else f"the folder {path.parent} is empty; mend the path."


def _identity(path: Path) -> Path:
    resolved = path.resolve()
    return resolved.parent if resolved.name == SETTINGS_NAME else resolved


def _is_meant(path: Path) -> bool:
    """Whether a glob means this path, and not something it sweeps up along the way."""
    if path.is_dir():
        return (path / SETTINGS_NAME).is_file()
    is_part = (path.parent / SETTINGS_NAME).is_file() or path.stem == "train"
    return path.name == SETTINGS_NAME or (path.suffix in SUFFIXES and not is_part)


def _matches(pattern: str, base: Path) -> Iterator[Path]:
    path = base / pattern
    if path.exists():
        yield path
    elif set(pattern) & set("*?["):
        yield from filter(_is_meant, sorted(_glob(pattern, base)))


def _glob(pattern: str, base: Path) -> Iterator[Path]:
    absolute = Path(pattern)
    if not absolute.is_absolute():
        return base.glob(pattern)
    return Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor)))
