"""Put errors into the form of an HTTP reply, so that they mean the same by whichever way they came."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from evalbench.core.completion import Failure
from evalbench.providers.complaints import complaint_of
from evalbench.providers.connection_failures import doubted_certificate
from evalbench.providers.http_failures import Caller, Refusal, bad_reply
from evalbench.providers.loose_json import parsed, written

_OVERFLOW = re.compile(r"exceeds the maximum number of tokens", re.IGNORECASE)
_BAD_KEY = re.compile(r"API_KEY_INVALID|api key (?:not valid|expired|not found)", re.IGNORECASE)
_OVERLOADED = re.compile(r"overloaded", re.IGNORECASE)
_RETRY_DELAY = re.compile(r'"retryDelay":\s*"([^"]+)"')
_NOT_REACHED = re.compile(
    r"cannot connect|connection refused|all connection attempts failed|name or service not known",
    re.IGNORECASE,
)
_BROKE_OFF = re.compile(r"server disconnected|connection (?:reset|error|closed)", re.IGNORECASE)
_UNREADABLE = re.compile(r"converting to valid response|unable to get json response", re.IGNORECASE)
_WRAPPING = re.compile(r"^(?:litellm\.)?\w*(?:Error|Exception|Timeout)(?: \w+Error)?(?::| -)\s*")
_CODES = {
    "ContextWindowExceededError": "context_length_exceeded",
    "ContentPolicyViolationError": "content_policy_violation",
}
_OVERLOADED_STATUS = 529
_LONGEST_WORDS = 300

STUMBLES = (ValueError, TypeError, LookupError, AttributeError)
"""What litellm's translation raises on something of the wrong shape."""


def meant(refusal: Refusal) -> Refusal:
    """The refusal as plainly as other providers would put it.

    Gemini answers a wrong key with 400, calls a full context by another name, and writes into
    the body when to come back; Anthropic says within a stream that it is overloaded.
    """
    text = refusal.body.decode("utf-8", "replace")
    delay = _RETRY_DELAY.search(text)
    if delay is not None:
        refusal = replace(refusal, headers={"retry-after": delay[1], **refusal.headers})
    if refusal.status == HTTPStatus.BAD_REQUEST and _BAD_KEY.search(text):
        return replace(refusal, status=HTTPStatus.UNAUTHORIZED)
    if refusal.status == HTTPStatus.BAD_REQUEST and _OVERFLOW.search(text):
        return replace(refusal, body=_with_code(refusal.body, "context_length_exceeded"))
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR and _OVERLOADED.search(text):
        return replace(refusal, status=_OVERLOADED_STATUS)
    return refusal


def outcome_of_error(error: Exception, caller: Caller) -> Failure | Refusal:
    """What an exception of litellm stands for: the provider's own reply, where there was one."""
    names = {each.__name__ for each in type(error).__mro__}
    text = str(error)
    doubted = doubted_certificate(text, caller)
    if doubted is not None:
        return doubted
    if _NOT_REACHED.search(text):
        message = f"no connection to {caller.host}: {plain_words(text, caller.redact)}"
        return Failure("connection", message, retryable=True)
    # The provider's own status is on the exception that litellm translated into this one.
    told = getattr(error.__context__, "status_code", None)
    if _is_unreadable(error, names, text, told):
        return bad_reply(
            f"{caller.host} sent a reply that litellm cannot read: {plain_words(text, caller.redact)}"
        )
    if _is_lost(names, text, told):
        message = f"the connection to {caller.host} broke off: {plain_words(text, caller.redact)}"
        return Failure("connection", message, retryable=True, may_be_billed=True)
    status = told if isinstance(told, int) else getattr(error, "status_code", None)
    code = next((code for name, code in _CODES.items() if name in names), None)
    return Refusal(
        status if isinstance(status, int) else HTTPStatus.BAD_REQUEST,
        _lower(getattr(error, "litellm_response_headers", None) or {}),
        _body(text, code),
    )


def plain_words(text: str, redact: Callable[[str], str]) -> str:
    """What an exception of litellm says, short and for people; keys are taken out before anything is cut."""
    return redact(_one_line(text))[:_LONGEST_WORDS]


def _one_line(text: str) -> str:
    """The words of an exception without its traceback and the names of litellm's classes."""
    line = " ".join(text.partition("Traceback (most recent call last)")[0].split())
    while (stripped := _WRAPPING.sub("", line)) != line:
        line = stripped
    return line


def _is_unreadable(error: Exception, names: set[str], text: str, told: object) -> bool:
    # litellm calls it a lost connection, too, when it stumbles over an answer.
    is_stumble = "APIConnectionError" in names and isinstance(error.__context__, STUMBLES)
    return is_stumble or told == HTTPStatus.OK or bool(_UNREADABLE.search(text))


def _is_lost(names: set[str], text: str, told: object) -> bool:
    is_connection = "Timeout" in names or ("APIConnectionError" in names and told is None)
    return is_connection or bool(_BROKE_OFF.search(text))


def _body(text: str, code: str | None) -> bytes:
    start, end = text.find("{"), text.rfind("}")
    body = text[start : end + 1].encode("utf-8", "replace") if start >= 0 else b""
    if not isinstance(parsed(body), dict):
        body = _one_line(text).encode("utf-8", "replace")
    return body if code is None else _with_code(body, code)


def _with_code(body: bytes, code: str) -> bytes:
    document = parsed(body)
    words = body.decode("utf-8", "replace") if document is None else complaint_of(document).words
    return written({"error": {"message": words, "code": code}}).encode("utf-8", "replace")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
