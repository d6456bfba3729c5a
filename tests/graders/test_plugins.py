from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGIN = """\
from evalbench.core.score import Score
from evalbench.graders.options import GraderOptions

class Politeness:
    def __init__(self, options, task):
        settings = GraderOptions("politeness", options)
        self.accepts_truncated = settings.flag("accept_truncated")
        self.signature = settings.sign(version=1)

    def grade(self, answer, item):
        return Score(float("please" in answer))

    def check(self, items):
        return []
"""
ASK = """\
from pathlib import Path
from evalbench.core.evalset import GraderSpec, Item, Prompt, Task, TaskKind
from evalbench.graders.factory import make_grader

parts = [{"name": name, "options": {}} for name in ("politeness", "exact")]
task = Task("t", TaskKind.QA, GraderSpec("politeness"), "mean", 0.05, 0.95)
grader = make_grader(GraderSpec("any", {"graders": parts}), task, Path())
print(grader.signature, grader.grade("yes please", Item("1", Prompt("?"), "no")).value)
"""


def asked(folder: Path, entry_points: str) -> subprocess.CompletedProcess[str]:
    """What a process says in which a package with these entry points is installed."""
    (folder / "politeness.py").write_text(PLUGIN, encoding="utf-8")
    record = folder / "politeness-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: politeness\nVersion: 1.0\n", encoding="utf-8"
    )
    (record / "entry_points.txt").write_text(f"[evalbench.graders]\n{entry_points}\n", encoding="utf-8")
    paths = f"import sys; sys.path[:0] = {[str(folder), str(Path(__file__).parents[2])]!r}\n"
    return subprocess.run([sys.executable, "-c", paths + ASK], capture_output=True, text=True, check=False)


def test_a_grader_of_an_installed_package_is_used_by_its_name(tmp_path: Path) -> None:
    done = asked(tmp_path, "politeness = politeness:Politeness")

    assert done.stdout == "any@1[politeness@1,exact@1] 1.0\n", done.stderr


def test_a_grader_with_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    done = asked(tmp_path, "exact = politeness:Politeness")

    assert "two graders are named 'exact'" in done.stderr
