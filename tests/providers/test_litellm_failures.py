from __future__ import annotations

from datetime import UTC, datetime

import pytest

from evalbench.core.completion import Failure
from evalbench.providers.http_failures import Caller, Refusal, outcome_of_refusal
from evalbench.providers.litellm_failures import outcome_of_error, plain_words
from evalbench.providers.secrets import Secrets

KEY = "sk-secret-1234567890"
CALLER = Caller("https://models.test/v1", "m-1", "MY_KEY", Secrets.of([KEY]).redact)


class APIConnectionError(Exception):
    """What litellm raises for a call that did not come through."""


@pytest.mark.parametrize(
    "opening",
    ["cannot connect: ", "unable to get json response: ", "server disconnected: ", "no such thing: "],
)
@pytest.mark.parametrize("length", [280, 290, 297])
def test_no_part_of_a_key_is_left_where_words_are_cut(opening: str, length: int) -> None:
    error = APIConnectionError(f"{opening}{'x' * (length - len(opening))} {KEY}")

    found = outcome_of_error(error, CALLER)

    told = found if isinstance(found, Failure) else outcome_of_refusal(found, CALLER, datetime.now(UTC))
    assert isinstance(told, Failure)
    assert "sk-" not in told.message
    assert len(told.message) < 400


def test_a_whole_reply_is_searched_for_what_is_wrong() -> None:
    words = f"request of {'x' * 300} exceeds the maximum context length"

    found = outcome_of_error(ValueError(words), CALLER)

    assert isinstance(found, Refusal)
    assert found.complaint(CALLER).words == words


def test_an_exception_is_told_without_its_class_or_traceback() -> None:
    text = "litellm.APIConnectionError: it\nfell over Traceback (most recent call last) File …"

    assert plain_words(text, CALLER.redact) == "it fell over"
