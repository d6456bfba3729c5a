from __future__ import annotations

import os
import threading

import pytest

from evalbench.graders.confinement import Slots, arguments, identity, processes_outside, pythons
from evalbench.graders.program import Limits


def test_root_becomes_somebody_who_owns_nothing_and_nobody_else_changes() -> None:
    found = [identity(slot) for slot in range(2)]

    if os.geteuid() == 0:
        assert len({each["user"] for each in found}) == 2
        assert all(each["user"] > 60_000 and each["extra_groups"] == [] for each in found)
    else:
        assert found == [{}, {}]


def test_a_new_linux_counts_processes_by_sandbox() -> None:
    assert processes_outside("6.18.44-generic") == 0
    assert processes_outside("5.14.0") == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root has a user of its own for each sandbox")
def test_an_old_linux_counts_those_of_the_user_too() -> None:
    assert processes_outside("5.10.0-23") > 0


def test_nothing_but_one_small_folder_can_be_written() -> None:
    given = arguments("/opt/python/bin/python3.11", Limits(disk_bytes=1000), script=7)

    assert "--bind" not in given
    assert given[given.index("--size") : given.index("--size") + 4] == ["--size", "1000", "--tmpfs", "/tmp"]  # noqa: S108 - inside
    assert given[given.index("/opt/python") - 1 : given.index("/opt/python") + 2] == [
        "--ro-bind",
        "/opt/python",
        "/opt/python",
    ]
    assert {"--unshare-net", "--unshare-pid", "--unshare-user", "--disable-userns", "--clearenv"} <= set(
        given
    )


def test_there_is_a_python_to_run() -> None:
    assert all(os.access(path, os.X_OK) for path in pythons())
    assert pythons()


def test_no_more_programs_run_at_once_than_there_are_places() -> None:
    slots, seen, most = Slots(2), set[int](), [0, 0]
    lock = threading.Lock()

    def work() -> None:
        with slots.taken() as slot:
            with lock:
                most[0] += 1
                most[1] = max(most[1], most[0])
                seen.add(slot)
            threading.Event().wait(0.02)
            with lock:
                most[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [0, 2]
    assert seen == {0, 1}
