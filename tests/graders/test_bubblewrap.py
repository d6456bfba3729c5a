"""What an answer's code cannot do, tried out; skipped by name where there is no bubblewrap."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalbench.core.completion import Failure
from evalbench.graders.bubblewrap import Bubblewrap
from evalbench.graders.program import Limits, Outcome, Program, Statement

FOUND = Bubblewrap.found()
pytestmark = pytest.mark.skipif(isinstance(FOUND, str), reason=f"no code is run: {FOUND}")
QUICK = Limits(cpu_s=1)
PASSES = (Statement("assert f(1) == 2", is_test=True),)
RIGHT = "\ndef f(x):\n    return x + 1\n"
COUNT_FORKS = """
import os, time
made = 0
try:
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
        made += 1
except OSError:
    pass
"""


def run(code: str, *tests: str, limits: Limits = QUICK) -> Outcome:
    assert isinstance(FOUND, Bubblewrap)
    statements = tuple(Statement(test, is_test=True) for test in tests) or PASSES
    outcome = FOUND.run(Program(code, statements), limits)
    assert isinstance(outcome, Outcome), outcome
    return outcome


def inside(expression: str, code: str = "") -> str:
    """What an expression comes to in the sandbox, as text."""
    outcome = run(code, f"assert False, repr({expression})")
    return outcome.problem.removeprefix("AssertionError: ")


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    yield
    ends_s = time.monotonic() + 5
    while _in_sandboxes() and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert _in_sandboxes() == []


def _in_sandboxes() -> list[str]:
    """Processes of this test that bubblewrap started: others may run some of their own."""
    own = {str(os.getpid())}
    found = []
    for entry in sorted(Path("/proc").iterdir(), key=lambda path: path.name):
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            name = (entry / "comm").read_text().strip()
        except (OSError, IndexError):
            continue
        if parent in own and name == "bwrap":
            found.append(entry.name)
    return found


def test_right_code_passes() -> None:
    assert run(RIGHT) == Outcome(1, 1)


def test_every_test_is_run_whatever_became_of_the_others() -> None:
    outcome = run(RIGHT, "assert f(1) == 3", "assert f(1) == 2", "assert g(1)", "assert f(2) == 3")

    assert outcome == Outcome(2, 4, "AssertionError: ")


def test_nobody_inside_is_root() -> None:
    assert inside("0 in os.getresuid()", "import os") == "False"
    assert "Error" in run("import os\nos.setuid(0)").problem


def test_the_limit_on_processes_holds() -> None:
    made = int(inside("made", COUNT_FORKS))

    assert 0 < made <= QUICK.processes


def test_a_fork_bomb_goes_no_further_than_the_limit() -> None:
    if int(inside("made", COUNT_FORKS)) > QUICK.processes:
        pytest.fail("the limit does not hold, so no bomb is set off")

    started_s = time.monotonic()
    outcome = run("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass")

    assert outcome.passed == 0
    assert time.monotonic() - started_s < QUICK.wall_s + 15


def test_no_more_is_written_than_there_is_room_for() -> None:
    code = """
written = 0
try:
    for number in range(100):
        with open(f"/tmp/{number}", "wb") as file:
            for _ in range(10):
                written += file.write(bytes(1 << 20))
except OSError:
    pass
"""
    assert int(inside("written >> 20", code)) <= QUICK.disk_bytes >> 20


@pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/dev", "/run", "/proc/sys/kernel", "/home"])
def test_nothing_is_written_outside_its_own_folder(place: str) -> None:
    code = f"import os\ntry:\n    os.makedirs('{place}/x'); wrote = True\nexcept OSError:\n    wrote = False"

    assert inside("wrote", code) == "False"


def test_shared_memory_is_closed_too() -> None:
    code = "import os\ntry:\n    wrote = bool(os.open('/dev' + '/shm/x', os.O_CREAT | os.O_RDWR))"
    code += "\nexcept OSError:\n    wrote = False"

    assert inside("wrote", code) == "False"


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/shadow", "/proc/1/environ", str(Path(__file__))])
def test_no_file_of_the_machine_can_be_read(path: str) -> None:
    code = f"try:\n    content = open({path!r}, 'rb').read()\nexcept OSError:\n    content = b''"

    assert inside("content", code) == "b''"


def test_no_home_folder_is_there() -> None:
    code = "import os\ndef there(path):\n    return os.path.isdir(path) and bool(os.listdir(path))"

    assert inside(f"there({str(Path.home())!r}) or there('/home') or there('/root')", code) == "False"


def test_the_environment_is_empty_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET", "value")

    assert inside("'SOME_SECRET' in os.environ", "import os") == "False"


def test_there_is_no_network() -> None:
    code = """
import socket
def reach(address):
    with socket.socket() as found:
        found.settimeout(1)
        try:
            found.connect(address)
        except OSError:
            return False
        return True
"""
    names = "[name for _, name in socket.if_nameindex()]"

    found = inside(f"[{names}, reach(('127.0.0.1', 22)), reach(('192.0.2.1', 80))]", code)

    assert found == "[['lo'], False, False]"


def test_an_endless_loop_runs_out_of_processor_time() -> None:
    outcome = run("while True:\n    pass")

    assert outcome.passed == 0
    assert "processor time" in outcome.problem


def test_whoever_sleeps_is_ended_by_the_clock() -> None:
    started_s = time.monotonic()

    outcome = run("import time\ntime.sleep(1000)", limits=Limits(cpu_s=0.5))

    assert outcome == Outcome(0, 1, "did not come to an end in time")
    assert time.monotonic() - started_s < 30


def test_a_gigabyte_is_not_to_be_had() -> None:
    assert run("content = bytearray(1 << 30)").problem.startswith("MemoryError")


def test_a_flood_of_output_goes_nowhere() -> None:
    assert run("import sys\nsys.stdout.write('x' * 50_000_000)" + RIGHT) == Outcome(1, 1)


def test_a_flood_on_the_way_out_is_cut_off() -> None:
    flood = """
import os
while True:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"x" * 65536 + b"\\n")
        except OSError:
            pass
"""
    outcome = run(flood)

    assert outcome.passed == 0
    assert outcome.problem == "wrote more than it may"


def test_what_is_around_it_cannot_be_killed() -> None:
    code = """
import os, signal
for pid in (1, os.getppid(), -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
"""
    outcome = run(code + RIGHT)
    afterwards = run(RIGHT)

    assert outcome.passed <= 1
    assert afterwards == Outcome(1, 1)


@pytest.mark.parametrize("ending", ["import os\nos._exit(0)", "import os\nos.kill(os.getpid(), 9)"])
def test_ending_early_passes_no_test(ending: str) -> None:
    assert run(RIGHT + ending).passed == 0


def test_saying_that_a_test_passed_does_not_make_it_so() -> None:
    lie = """
import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'{"test": 0, "passed": true}\\n{"done": true}\\n')
    except OSError:
        pass
os._exit(0)
"""
    assert run(lie).passed == 0


def test_leaving_by_an_exception_stops_no_test() -> None:
    assert run(RIGHT + "import sys\nsys.exit(0)") == Outcome(1, 1, "SystemExit: 0")


def test_a_python_that_is_not_there_is_a_failure_and_no_score() -> None:
    assert isinstance(FOUND, Bubblewrap)
    broken = Bubblewrap(FOUND.command, "/usr/bin/no-such-python")

    outcome = broken.run(Program(RIGHT, PASSES), QUICK)

    assert isinstance(outcome, Failure)
    assert outcome.kind == "sandbox"


def test_a_command_that_is_not_there_is_a_failure_and_no_score() -> None:
    assert isinstance(FOUND, Bubblewrap)
    broken = Bubblewrap("/no/such/bwrap", FOUND.python)

    outcome = broken.run(Program(RIGHT, PASSES), QUICK)

    assert isinstance(outcome, Failure)
