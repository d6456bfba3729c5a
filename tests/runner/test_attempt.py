from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from evalbench.core.completion import Completion, Failure
from evalbench.core.evalset import JsonValue, Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.errors import InputError
from evalbench.runner.attempt import once
from evalbench.runner.busy import BusyMeter

REQUEST = Request("t", "i", "small", Model("x/m"), Prompt("q", (Message("user", "q"),)))


class Broken:
    """Raises what it is given, as a provider with a bug would."""

    version = "broken/1"
    concurrency = 1
    replays = False

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def identity(self, request: Request) -> Mapping[str, JsonValue]:
        del request
        return {}

    async def start(self) -> None:
        """Nothing to open."""

    async def complete(self, request: Request) -> Completion | Failure:
        del request
        raise self._error

    async def close(self) -> None:
        """Nothing to close."""


def asked(error: BaseException) -> Completion | Failure:
    return asyncio.run(once(Broken(error), REQUEST, 5.0, BusyMeter()))[0]


def test_an_exception_that_nobody_foresaw_is_a_failure_of_its_call_and_names_its_place() -> None:
    found = asked(OverflowError("too\nlarge"))

    assert isinstance(found, Failure)
    assert (found.kind, found.is_overload, found.concerns_all, found.is_items_own) == (
        "unforeseen",
        False,
        False,
        False,
    )
    assert found.message.startswith("unforeseen OverflowError (test_attempt.py:")
    assert found.message.endswith("): too large")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (KeyError("choices"), False),
        (RecursionError("too deep"), False),
        (RuntimeError("session is closed"), False),
        (ConnectionResetError("reset by peer"), True),
        (BlockingIOError("no descriptor left"), True),
    ],
)
def test_of_exceptions_that_nobody_foresaw_only_a_broken_connection_is_tried_again(
    error: Exception, *, passes: bool
) -> None:
    found = asked(error)

    assert isinstance(found, Failure)
    assert (found.retryable, found.may_be_billed) == (passes, True)


def test_an_exception_that_quotes_a_key_is_told_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-0123456789abcdef")

    found = asked(ValueError("x" * 190 + "sk-0123456789abcdef"))

    assert isinstance(found, Failure)
    assert "sk-0" not in found.message


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), InputError("no such file", "name another."), SystemExit(3)]
)
def test_what_is_meant_to_end_a_run_ends_it(error: BaseException) -> None:
    with pytest.raises(type(error)):
        asked(error)
