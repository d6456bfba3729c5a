"""Progress on standard error: bars in a terminal, plain lines everywhere else."""

from __future__ import annotations

import sys

from evalbench.assembly.progress import Progress, Silent
from evalbench.cli.screen.lines import Lines


def listener(*, quiet: bool) -> Progress:
    """Whoever suits this terminal: nobody, bars or lines."""
    if quiet:
        return Silent()
    if not sys.stderr.isatty():
        return Lines()
    from evalbench.cli.screen.bars import Bars  # noqa: PLC0415 -- drawing takes long to load, and few see it

    return Bars()
