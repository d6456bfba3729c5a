"""What a person sees: the same commands on a terminal of 60 columns."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import environment, evalbench, write_project

WIDTH = 60


def on_a_terminal(*arguments: str, cwd: Path) -> list[str]:
    """The lines that a command shows on a narrow terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "evalbench", *arguments],
        cwd=cwd,
        env=environment(COLUMNS=str(WIDTH), TERM="xterm"),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        process.wait(60)
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n").split("\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side is closed; macOS returns nothing.
        return b""


def test_a_verdict_breaks_between_words_and_not_within_a_number(here: Path) -> None:
    folder = write_project(here, 60)
    piped = evalbench("run", "--quiet", cwd=folder).out

    lines = on_a_terminal("report", cwd=folder)

    assert [line for line in lines if len(line) > WIDTH] == []
    verdict = piped.partition("\n\n")[0]
    assert verdict.split() == "\n".join(lines).partition("\n\n")[0].split()
