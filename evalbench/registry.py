"""Find implementations by name, and load them only when they are used: those shipped, and the user's own."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Literal, TypeAlias

from evalbench.errors import InputError, UnknownNameError

Kind: TypeAlias = Literal["graders", "providers", "loaders"]

BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "graders": {
        "bleu": "evalbench.graders.translation:Bleu",
        "choice": "evalbench.graders.choice:Choice",
        "chrf": "evalbench.graders.translation:Chrf",
        "code": "evalbench.graders.code:Code",
        "contains": "evalbench.graders.contains:Contains",
        "exact": "evalbench.graders.exact:Exact",
        "fuzzy": "evalbench.graders.fuzzy:Fuzzy",
        "json_fields": "evalbench.graders.json_fields:JsonFields",
        "json_schema": "evalbench.graders.json_schema:JsonSchema",
        "judge": "evalbench.graders.judge:Judge",
        "label": "evalbench.graders.label:Label",
        "labels": "evalbench.graders.labels:Labels",
        "language": "evalbench.graders.language:Language",
        "length": "evalbench.graders.length:Length",
        "math": "evalbench.graders.math:Math",
        "numeric": "evalbench.graders.numeric:Numeric",
        "pairwise": "evalbench.graders.pairwise:Pairwise",
        "reformat": "evalbench.graders.reformat:Reformat",
        "refusal": "evalbench.graders.refusal:Refusal",
        "regex": "evalbench.graders.regex:Regex",
        "rouge": "evalbench.graders.rouge:Rouge",
        "similarity": "evalbench.graders.similarity:Similarity",
        "sql": "evalbench.graders.sql:Sql",
        "template": "evalbench.graders.template:Template",
        "token_f1": "evalbench.graders.token_f1:TokenF1",
    },
    "providers": {
        "local": "evalbench.providers.local.provider:LocalProvider",
        "python": "evalbench.providers.python_callable:CallableProvider",
        "recorded": "evalbench.providers.recorded:RecordedProvider",
    },
    "loaders": {
        "csv": "evalbench.loaders.csv_file:read_rows",
        "jsonl": "evalbench.loaders.jsonl_file:read_rows",
        "parquet": "evalbench.loaders.parquet_file:read_rows",
    },
}


@cache
def _installed() -> Any:
    # Read once, since every installed package is looked into; its class is another one from Python 3.12 on.
    return entry_points()


@cache
def known(kind: Kind) -> Mapping[str, str]:
    """Every available name of `kind`, with the `module:attribute` that implements it."""
    found = dict(BUILT_IN[kind])
    for point in _installed().select(group=f"evalbench.{kind}"):
        if point.name in found:
            raise InputError(
                f"two {kind} are named {point.name!r}: {found[point.name]} and {point.value}",
                "uninstall one of the two packages.",
            )
        found[point.name] = point.value
    return found


def load(kind: Kind, name: str) -> Any:
    """The implementation of `name`; an unknown name is an error with the closest match."""
    names = known(kind)
    if name not in names:
        raise UnknownNameError(kind.removesuffix("s"), name, names)
    module, _, attribute = names[name].partition(":")
    return getattr(import_module(module), attribute)


def load_user_module(place: str, folder: Path, owner: str) -> tuple[ModuleType, Path | None]:
    """The user's module and its file; a file is executed once, however many name it.

    `place` is a file, or a module that is looked for in `folder`, where the command runs, and among
    what is installed. `owner` is who names it, for the errors.

    Raises:
        InputError: it is not there, or raises something itself.
    """
    path = folder / (place if place.endswith(".py") else f"{place.replace('.', '/')}.py")
    if path.is_file():
        return _executed(path.resolve(), path.read_bytes()), path
    if place.endswith(".py"):
        raise InputError(
            f"{owner}: there is no file {str(path)!r}",
            "give its path from the folder of the file that names it.",
        )
    here = str(Path.cwd())
    sys.path.insert(0, here)  # An installed command does not look where it runs.
    try:
        module = import_module(place)
    except ImportError as error:
        raise InputError(
            f"{owner}: cannot import {place!r}: {error}", "install it, or name a file: FILE.py:FUNCTION."
        ) from error
    except (Exception, SystemExit) as error:
        raise InputError(f"{owner}: {place} raises {_told(error)}", f"mend {place}.") from error
    finally:
        sys.path.remove(here)
    return module, Path(module.__file__) if module.__file__ else None


class _Source(SourceFileLoader):
    """Runs the source that was read: compiled files go by whole seconds, and may be those of another one."""

    def __init__(self, name: str, path: Path, content: bytes) -> None:
        super().__init__(name, str(path))
        self._content = content

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        code: CodeType = self.source_to_code(self._content, self.path)
        return code


@cache
def _executed(path: Path, content: bytes) -> ModuleType:
    name = f"evalbench_user_{path.stem}_{hashlib.sha256(content).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_Source(name, path, content))
    if spec is None or spec.loader is None:
        raise InputError(f"{str(path)!r} is no Python file", "name a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Dataclasses and pickling look their module up by name.
    beside = str(path.parent)
    sys.path.insert(0, beside)  # So that the file can import its neighbours.
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path} raises {_told(error)}", f"mend {path}.") from error
    finally:
        sys.path.remove(beside)
    if beside not in sys.path:
        sys.path.append(beside)  # A function may import them as late as when it is called.
    return module


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
