from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ["datasets", "jinja2", "litellm", "numpy", "pandas", "pydantic", "rich", "scipy", "sklearn"]
PLAIN = "import sys; from evalbench.cli.app import app; sys.argv = ['evalbench', *{arguments}]\n"
ENDING = "try:\n    app()\nexcept SystemExit:\n    pass\nprint('LOADED', *sys.modules)\n"


def loaded_by(*arguments: str) -> set[str]:
    script = PLAIN.format(arguments=list(arguments)) + ENDING
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return loaded_by("--help")


@pytest.mark.parametrize("module", HEAVY)
def test_help_does_not_import(module: str, loaded: set[str]) -> None:
    assert module not in loaded


@pytest.mark.parametrize("command", ["run", "report", "evalsets", "import", "gate"])
def test_the_help_of_a_command_is_as_light(command: str) -> None:
    # typer itself brings pydantic as soon as a command has arguments.
    assert not loaded_by(command, "--help") & (set(HEAVY) - {"pydantic"})
