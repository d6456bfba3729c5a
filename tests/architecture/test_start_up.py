from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import evalbench, write_project

HEAVY = ["datasets", "jinja2", "litellm", "numpy", "pandas", "pydantic", "rich", "scipy", "sklearn"]
PLAIN = "import sys; from evalbench.cli.app import app; sys.argv = ['evalbench', *{arguments}]\n"
NOTING = """\
def small(prompt):
    import sys
    from pathlib import Path

    place = Path(__file__).with_name("loaded")
    if not place.exists():
        place.write_text(" ".join(sys.modules))
"""
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


@pytest.mark.parametrize("command", ["run", "report", "evalsets", "import", "export", "gate"])
def test_the_help_of_a_command_is_as_light(command: str) -> None:
    # typer itself brings pydantic as soon as a command has arguments.
    assert not loaded_by(command, "--help") & (set(HEAVY) - {"pydantic"})


def test_no_arrays_are_loaded_before_the_first_call(tmp_path: Path) -> None:
    folder = write_project(tmp_path, 40)
    models = folder / "models.py"
    models.write_text(models.read_text("utf-8").replace("def small(prompt):\n", NOTING), "utf-8")

    done = evalbench("run", "--early-stop", "--quiet", cwd=folder)

    loaded = set((folder / "loaded").read_text("utf-8").split())
    assert done.code == 0, done.err
    assert "evalbench.runner.execute" in loaded
    assert not loaded & {"numpy", "pyarrow", "rich", "scipy"}
