from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evalbench.assembly.whole_file import whole_file


def write(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text, "utf-8")


def test_a_file_is_replaced_once_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write(path, "first")

    with whole_file(path) as part:
        part.write_text("second", "utf-8")
        before = path.read_text("utf-8")

    assert (before, path.read_text("utf-8")) == ("first", "second")
    assert list(path.parent.iterdir()) == [path]


def test_after_an_error_the_file_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, "first")

    with pytest.raises(UnicodeEncodeError):
        write(path, "half a character: \ud800")

    assert path.read_text("utf-8") == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.write_text("first", "utf-8")
    link.symlink_to(path)

    write(link, "second")

    assert link.is_symlink()
    assert path.read_text("utf-8") == "second"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no named pipes")
def test_a_pipe_stays_a_pipe_and_gets_what_is_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write(pipe, "text")
    got = os.read(reader, 100)
    os.close(reader)

    assert got == b"text"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="does not name what is open")
def test_an_open_pipe_that_has_a_name_gets_what_is_written() -> None:
    reader, writer = os.pipe()

    write(Path(f"/dev/fd/{writer}"), "text")
    os.close(writer)
    got = os.read(reader, 100)
    os.close(reader)

    assert got == b"text"
