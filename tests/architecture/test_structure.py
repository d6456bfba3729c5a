from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import evalbench
from evalbench import errors
from evalbench.registry import BUILT_IN

ROOT = Path(evalbench.__file__).resolve().parents[1]
PACKAGE = ROOT / "evalbench"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_evalsets" not in path.parts)
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "misc"}
LONGEST_FILE = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [
        path for path in MODULES if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES
    ]


def test_packages_say_what_they_are_for_and_do_nothing() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        lines = path.read_text("utf-8").splitlines()
        code = [line for line in lines if line and not line.startswith(('"""', "__version__"))]

        assert lines[0].startswith('"""'), path
        assert not code, path


@pytest.mark.parametrize(
    ("kind", "name", "target"),
    [(kind, name, target) for kind, names in BUILT_IN.items() for name, target in names.items()],
)
def test_every_registered_name_leads_somewhere(kind: str, name: str, target: str) -> None:
    module, _, attribute = target.partition(":")

    assert hasattr(import_module(module), attribute), (kind, name)


def test_every_error_is_drawn_in_the_tree_on_top_of_its_file() -> None:
    drawn = errors.__doc__ or ""
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.EvalbenchError)
    ]

    assert len(classes) > 5
    assert [each.__name__ for each in classes if each.__name__ not in drawn] == []


def test_the_project_names_no_machine_and_no_registry() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - whichever git the developer has
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    hosts = ("pypi" + ".org", "python" + "hosted", "npmjs" + ".org", "/ro" + "ot/", "/ho" + "me/")
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".yml", ""}:
            text = path.read_text("utf-8", errors="replace")
            assert not [host for host in hosts if host in text], name


def test_the_committed_lock_has_a_hash_for_everything() -> None:
    blocks = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines()
    pinned = [line for line in blocks if line and not line.startswith("#")]

    assert len(pinned) > 50
    assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_command_can_be_started_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evalbench", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == f"evalbench {evalbench.__version__}"
