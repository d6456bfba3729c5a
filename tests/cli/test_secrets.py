from __future__ import annotations

import os
import subprocess
import sys

import pytest

KEY = "sk-0123456789abcdef"
SCRIPT = """
import os
import evalbench.cli.app as cli
from evalbench.errors import InputError

def fail(**_):
    raise {error}

cli.app = fail
cli.main()
"""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("RuntimeError('no use for ' + os.environ['MY_KEY'])", 70),
        ("InputError('no use for ' + os.environ['MY_KEY'], 'not ' + os.environ['MY_KEY'])", 2),
    ],
)
def test_a_key_is_in_no_error_and_no_traceback(error: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(error=error)],
        env={**os.environ, "MY_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert "no use for [key]" in done.stderr
    assert KEY not in done.stderr + done.stdout
