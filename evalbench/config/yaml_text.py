"""Read YAML without surprises: every value stays the text that was written, with its line.

`no`, `012`, `1:30` and `1.0` are text until a field asks for something else, because ids and
labels are text and must survive byte for byte.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from evalbench.core.evalset import JsonValue
from evalbench.errors import InputError

MAX_BYTES = 512_000
_MAX_NODES = 50_000
_MAX_DEPTH = 40
_KNOWN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_BASED = {"0o": 8, "0x": 16}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Plain(str):
    """A scalar written without quotes, so that a field may read it as a number or as unset."""

    __slots__ = ()


class Section(dict[str, "Tree"]):
    """A mapping of the file, with the line of every key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Entries(list["Tree"]):
    """A sequence of the file, with the line of every entry."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


Tree = str | Section | Entries


class YamlTextError(Exception):
    """The text is no YAML that this reader accepts; knows the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(path: Path) -> Section:
    """The mapping that a file holds; anything else is an error with file and line."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        problem = f"cannot read {str(path)!r}: {error.strerror}"
        raise InputError(problem, "give the path of a file.") from error
    if size > MAX_BYTES:
        raise InputError(
            f"{path} is {size:,} bytes; a settings file has at most {MAX_BYTES:,}",
            "keep items in a .jsonl, .csv or .parquet file and name it in the settings.",
        )
    try:
        return parse_yaml(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 text", "save the file as UTF-8.") from error
    except YamlTextError as error:
        raise InputError(f"{path}:{error.line}: {error}", f"mend line {error.line} of {path}.") from error


def parse_yaml(text: str) -> Section:
    """The one document of `text`, which must be a mapping (an empty text is an empty one)."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        raise YamlTextError(*_explain(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlTextError("holds a character that YAML does not allow", line) from error
    except RecursionError as error:
        raise YamlTextError("is nested too deeply", 1) from error
    if node is None:
        return Section(1)
    tree = _Builder().build(node, 0)
    if not isinstance(tree, Section):
        raise YamlTextError("holds no `key: value` pairs", node.start_mark.line + 1)
    return tree


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, int]:
    # The marks' snippets are left out: a line of the file may hold something secret.
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    if error.problem and "expected a single document" in f"{error.context} {error.problem}":
        return "holds a second document (`---`); only one is allowed", line
    return f"not YAML: {error.problem or error.context}", line


class _Builder:
    """Turns nodes into trees, and gives up on files that grow without end."""

    def __init__(self) -> None:
        self._built = 0

    def build(self, node: yaml.Node, depth: int) -> Tree:
        line = node.start_mark.line + 1
        self._built += 1
        if self._built > _MAX_NODES:
            raise YamlTextError(f"expands to more than {_MAX_NODES:,} values", line)
        if depth > _MAX_DEPTH:
            raise YamlTextError("is nested too deeply", line)
        if node.tag not in _KNOWN_TAGS:
            raise YamlTextError(f"has a tag {node.tag!r}; tags are not used here", line)
        if isinstance(node, yaml.MappingNode):
            return self._section(node, depth, line)
        if isinstance(node, yaml.SequenceNode):
            entries = Entries(line)
            for child in node.value:
                entries.append(self.build(child, depth + 1))
                entries.lines.append(child.start_mark.line + 1)
            return entries
        is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
        return Plain(node.value) if is_plain else str(node.value)

    def _section(self, node: yaml.MappingNode, depth: int, line: int) -> Section:
        section = Section(line)
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlTextError("has a key that is not a word", key_line)
            key = str(key_node.value)
            if key in section:
                raise YamlTextError(
                    f"the key {key!r} is there twice (first on line {section.lines[key]})", key_line
                )
            section[key] = self.build(value_node, depth + 1)
            section.lines[key] = key_line
        return section


def is_unset(value: object) -> bool:
    """Whether a value was written as nothing: `null`, `~` or left empty, without quotes."""
    return isinstance(value, Plain) and value in _NULLS


def as_json(tree: object) -> JsonValue:
    """Free-form settings as JSON: unquoted scalars become what YAML 1.2 says they are."""
    if isinstance(tree, Mapping):
        return {str(key): as_json(value) for key, value in tree.items()}
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [as_json(value) for value in tree]
    if isinstance(tree, Plain):
        return _scalar(str(tree))
    return tree


def _scalar(text: str) -> JsonValue:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _NOT_JSON.fullmatch(text):
        raise ValueError(f"{text!r} is no number that JSON knows")
    if _INTEGER.fullmatch(text):
        return int(text)
    if text[:2] in _BASED and re.fullmatch(r"[0-9a-fA-F]{1,400}", text[2:]):
        return _based(text)
    return _decimal(text) if _FLOAT.fullmatch(text) else text


def _based(text: str) -> JsonValue:
    try:
        return int(text[2:], _BASED[text[:2]])
    except ValueError:  # `0o9` is no octal number, so it is text.
        return text


def _decimal(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is too large a number")
    return number


def lines_of(tree: Section, before: str = "") -> dict[str, int]:
    """The line of every key, by its dotted name: `per_tier.small.prompt`."""
    found: dict[str, int] = {}
    for key, value in tree.items():
        found[f"{before}{key}"] = tree.lines[key]
        if isinstance(value, Section):
            found |= lines_of(value, f"{before}{key}.")
    return found


def line_of(tree: Section, place: Sequence[str | int]) -> int:
    """The line where the value at `place` stands, or of the nearest part of it that exists."""
    line, here = tree.line, tree
    found: Tree = here
    for part in place:
        if isinstance(found, Section) and str(part) in found:
            line, found = found.lines[str(part)], found[str(part)]
        elif isinstance(found, Entries) and isinstance(part, int) and part < len(found):
            line, found = found.lines[part], found[part]
        else:
            break
    return line
