"""Read the lines of a text file that may be anything: huge, binary, or in another encoding."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Iterator
from pathlib import Path

from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import MAX_BYTES

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def text_lines(path: Path, problems: Problems) -> Iterator[tuple[int, str]]:
    """Each line with its number, line end included; stops at the first that is no text.

    No more than 10 MB of a line is ever held in memory.
    """
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_BYTES + 1):
            number += 1
            line = raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw
            fault = _fault(line, path)
            if fault:
                problems.add(path, number, *fault)
                return
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                problems.add(
                    path,
                    number,
                    f"not UTF-8 text (byte {line[error.start]:#04x} at position {error.start + 1})",
                    as_utf_8(path, "WINDOWS-1252"),
                )
                return
            yield number, text
    if number == 0:
        problems.add(path, None, "the file is empty", "give a file with at least one row.")


def as_utf_8(path: Path, encoding: str) -> str:
    """How a file in another encoding becomes one that can be read."""
    copy = path.with_name(f"{path.stem}-utf8{path.suffix}")
    old, new = (shlex.quote(str(each)) for each in (path, copy))
    return f"save the file as UTF-8, or, if it is {encoding}: iconv -f {encoding} -t UTF-8 {old} > {new}"


def _fault(line: bytes, path: Path) -> tuple[str, str] | None:
    if len(line) > MAX_BYTES:
        return "the line is longer than 10 MB", "split it, or leave it out."
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "not UTF-8 text, but UTF-16", as_utf_8(path, "UTF-16")
    if b"\0" in line:
        return "holds NUL bytes, so this is no text file", "give a .jsonl or .csv file, saved as UTF-8."
    return None
