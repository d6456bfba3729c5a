from __future__ import annotations

import errno
import json
import ssl
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.providers.connection_failures import outcome_of_exception
from evalbench.providers.http_failures import (
    Caller,
    Refusal,
    outcome_of_refusal,
    refused_parameter,
)
from evalbench.providers.secrets import Secrets

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEY = "sk-0123456789abcdef"
CALLER = Caller("https://api.test/v1/chat/completions", "m-1", "MY_KEY", Secrets.of([KEY]).redact)


def refusal(status: int, message: str = "", **error: Any) -> Refusal:
    return Refusal(status, {}, json.dumps({"error": {"message": message, **error}}).encode())


def failure(found: Completion | Failure) -> Failure:
    assert isinstance(found, Failure), found
    return found


@pytest.mark.parametrize(
    ("status", "message", "kind", "traits"),
    [
        (429, "slow down", "rate_limited", {"retryable", "is_overload"}),
        (503, "loading", "overloaded", {"retryable", "is_overload"}),
        (529, "overloaded", "overloaded", {"retryable", "is_overload"}),
        (500, "oops", "server_error", {"retryable"}),
        (502, "oops", "server_error", {"retryable"}),
        (504, "oops", "server_error", {"retryable", "may_be_billed"}),
        (524, "oops", "server_error", {"retryable", "may_be_billed"}),
        (408, "oops", "server_error", {"retryable", "may_be_billed"}),
        (409, "oops", "server_error", {"retryable"}),
        (425, "oops", "server_error", {"retryable"}),
        (501, "oops", "server_error", set()),
        (401, "wrong key", "refused_key", {"concerns_all"}),
        (403, "wrong key", "refused_key", {"concerns_all"}),
        (402, "pay first", "out_of_quota", {"concerns_all"}),
        (429, "You exceeded your current quota", "out_of_quota", {"concerns_all"}),
        (400, "Your credit balance is too low", "out_of_quota", {"concerns_all"}),
        (404, "The model `m-1` does not exist", "unknown_model", {"concerns_all"}),
        (400, "nonsense is not a valid model ID", "unknown_model", {"concerns_all"}),
        (404, "Not Found", "wrong_address", {"concerns_all"}),
        (405, "Method Not Allowed", "wrong_address", {"concerns_all"}),
        (307, "", "redirected", {"concerns_all"}),
        (204, "", "bad_reply", {"retryable", "may_be_billed"}),
        (400, "temperature must be at most 2", "bad_request", set()),
        (422, "messages must not be empty", "bad_request", set()),
        (418, "I am a teapot", "bad_request", set()),
        (413, "Request too large for m-1 on tokens per minute", "bad_request", set()),
        (429, "Request too large for m-1 on tokens per minute", "too_large", set()),
        (
            400,
            (
                "'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum context "
                "length is 4096 tokens and your request has 20 input tokens"
            ),
            "bad_request",
            {"concerns_all"},
        ),
    ],
)
def test_a_status_says_whose_doing_it_is_and_what_helps(
    status: int, message: str, kind: str, traits: set[str]
) -> None:
    found = failure(outcome_of_refusal(refusal(status, message), CALLER, NOW))

    names = ("retryable", "is_overload", "concerns_all", "may_be_billed")
    assert (found.kind, {name for name in names if getattr(found, name)}) == (kind, traits)
    assert str(status) in found.message
    assert "\n" not in found.message


def test_a_quota_is_told_by_its_code_too() -> None:
    found = failure(outcome_of_refusal(refusal(429, "no", code="insufficient_quota"), CALLER, NOW))

    assert (found.kind, found.retryable) == ("out_of_quota", False)


def test_a_refused_call_without_a_key_says_how_to_name_one() -> None:
    caller = Caller("http://127.0.0.1:1/v1/chat/completions", "m")

    assert "api_key_env" in failure(outcome_of_refusal(refusal(401), caller, NOW)).message


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "x", "code": "context_length_exceeded"}),
        (400, {"message": "This model's maximum context length is 8192 tokens. Your messages have 9000."}),
        (
            400,
            {
                "message": "the request exceeds the available context size",
                "type": "exceed_context_size_error",
            },
        ),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
        (400, {"message": "Please reduce the length of the messages or completion."}),
        (500, {"message": "Context size has been exceeded."}),
        (413, {"message": "This model's maximum prompt length is 131072"}),
    ],
)
def test_a_prompt_that_is_too_long_is_truncated_by_the_model(status: int, error: dict[str, Any]) -> None:
    found = outcome_of_refusal(Refusal(status, {}, json.dumps({"error": error}).encode()), CALLER, NOW)

    assert isinstance(found, Completion)
    assert (found.text, found.status, found.finish_reason) == ("", Status.TRUNCATED, "context_overflow")
    assert found.detail == {"explanation": error["message"]}
    assert found.usage == Usage(0, 0)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "x", "code": "content_filter"}),
        (400, {"message": "Your prompt was flagged as potentially violating our usage policy."}),
        (403, {"message": "Input was flagged by our moderation"}),
        (400, {"message": "x", "code": "data_inspection_failed"}),
        (400, {"message": "The response was filtered due to our content management policy."}),
    ],
)
def test_a_prompt_that_a_model_will_not_answer_is_refused_by_it(status: int, error: dict[str, Any]) -> None:
    found = outcome_of_refusal(Refusal(status, {}, json.dumps({"error": error}).encode()), CALLER, NOW)

    assert isinstance(found, Completion)
    assert (found.text, found.status, found.finish_reason) == ("", Status.REFUSED, "content_filter")


def test_long_words_are_cut_and_no_key_is_cut_in_half() -> None:
    words = "x" * 295 + KEY + "y" * 500

    found = failure(outcome_of_refusal(refusal(400, words), CALLER, NOW))

    assert "sk-" not in found.message
    assert len(found.message) < 400


@pytest.mark.parametrize(
    ("status", "error", "name"),
    [
        (
            400,
            {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "param": "max_tokens",
                "code": "unsupported_parameter",
            },
            "max_tokens",
        ),
        (
            400,
            {
                "message": "Unsupported value: 'temperature' does not support 0 with this model. "
                "Only the default (1) value is supported.",
                "param": "temperature",
                "code": "unsupported_value",
            },
            "temperature",
        ),
        (403, {"message": "You are not allowed to request logprobs from this model."}, None),
        (400, {"message": "You are not allowed to request logprobs from this model."}, "logprobs"),
        (400, {"message": "Unrecognized request argument supplied: seed"}, "seed"),
        (400, {"message": "property 'logprobs' is unsupported"}, "logprobs"),
        (400, {"message": "This response_format type is unavailable now"}, "response_format"),
        (
            400,
            {
                "message": "Invalid schema for response_format 'answer': not closed",
                "param": "response_format",
            },
            "response_format",
        ),
        (400, {"message": "temperature must be between 0 and 2", "param": "temperature"}, None),
        (400, {"message": "'messages[0].role' does not support 'system'", "param": "messages[0].role"}, None),
        (400, {"message": "The model is not supported", "param": "model"}, None),
        (400, {"message": "the seedling is not supported"}, None),
    ],
)
def test_a_parameter_that_a_model_does_not_take_is_recognised(
    status: int, error: dict[str, Any], name: str | None
) -> None:
    sent = dict.fromkeys(
        ["model", "messages", "seed", "temperature", "max_tokens", "logprobs", "response_format"]
    )
    said = Refusal(status, {}, json.dumps({"error": error}).encode())

    assert refused_parameter(said, CALLER, sent) == name


def test_a_parameter_is_recognised_in_a_list_of_details() -> None:
    detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]
    said = Refusal(422, {}, json.dumps({"detail": detail}).encode())

    assert refused_parameter(said, CALLER, {"seed": 1, "temperature": 0}) == "seed"


def test_a_full_machine_asks_for_fewer_calls() -> None:
    key: Any = None
    error = aiohttp.ClientConnectorError(key, OSError(errno.EMFILE, "x"))

    found = outcome_of_exception(error, CALLER)

    assert (found.kind, found.retryable, found.is_overload) == ("connection", True, True)
    assert "Too many open files" in found.message


def test_an_address_that_is_none_concerns_every_item() -> None:
    found = outcome_of_exception(aiohttp.InvalidURL("x"), CALLER)

    assert (found.kind, found.concerns_all) == ("wrong_address", True)


def test_a_server_that_speaks_no_tls_is_told_from_one_that_is_away() -> None:
    key: Any = None
    cause = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    cause.reason = "WRONG_VERSION_NUMBER"

    found = outcome_of_exception(aiohttp.ClientConnectorSSLError(key, cause), CALLER)

    assert (found.kind, found.retryable, found.concerns_all) == ("wrong_address", False, True)
    assert found.message == "api.test does not speak TLS; write its address with http://"


@pytest.mark.parametrize(
    ("code", "words", "fix"),
    [
        (
            20,
            "unable to get local issuer certificate",
            "; name the certificate that signed it: export SSL_CERT_FILE",
        ),
        (62, "Hostname mismatch, it is for 'a.test'.", "; call it by a name that the certificate is for"),
        (10, "certificate has expired", ""),
    ],
)
def test_a_certificate_is_refused_once_and_with_the_fix_that_helps(code: int, words: str, fix: str) -> None:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.verify_code, error.verify_message = code, words

    found = outcome_of_exception(error, CALLER)

    assert (found.retryable, found.concerns_all) == (False, True)
    assert found.message.startswith(
        f"the certificate of api.test cannot be trusted: {words.rstrip('.')}{fix}"
    )
    assert ("export" in found.message) is (code == 20)


def words_of_room(total: int, prompt: int, output: int) -> str:
    return (
        f"This model's maximum context length is 4096 tokens. However, you requested {total} tokens "
        f"({prompt} in the messages, {output} in the completion). "
        "Please reduce the length of the messages or completion."
    )


@pytest.mark.parametrize(
    "words",
    [
        words_of_room(5000, 50, 4950),
        words_of_room(4100, 100, 4000),
        (
            "This endpoint's maximum context length is 4096 tokens. However, you requested about 5000 tokens "
            "(50 of text input, 4950 in the output). Please reduce the length of either one."
        ),
        (
            "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested "
            "a total of 5000 tokens: 50 tokens from the input messages and 4950 tokens for the completion."
        ),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 4096 output tokens "
            "and your prompt contains at least 1 input tokens, for a total of at least 4097 tokens."
        ),
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
    ],
)
def test_too_much_room_for_the_answer_is_no_fault_of_the_prompt(words: str) -> None:
    found = failure(outcome_of_refusal(refusal(400, words), CALLER, NOW))

    assert (found.kind, found.retryable, found.concerns_all) == ("bad_request", False, True)
    assert "`max_tokens` leaves too little room" in found.message


@pytest.mark.parametrize(
    "words",
    [
        words_of_room(5008, 5000, 8),
        words_of_room(4104, 4096, 8),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 100 output tokens "
            "and your prompt contains at least 3997 input tokens, for a total of at least 4097 tokens. "
            "Please reduce the length of the input prompt or the number of requested output tokens."
        ),
        "input length and `max_tokens` exceed context limit: 200100 + 100 > 200000",
    ],
)
def test_a_prompt_that_is_itself_too_long_is_an_overflow_whatever_room_was_asked(words: str) -> None:
    found = outcome_of_refusal(refusal(400, words), CALLER, NOW)

    assert isinstance(found, Completion)
    assert found.finish_reason == "context_overflow"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "error",
    [
        {"message": "Your account has been flagged for potentially violating our usage policies."},
        {"message": "This organization has been flagged for abuse.", "code": "organization_suspended"},
        {"message": "Violates usage policies", "code": "account_suspended"},
        {"message": "Your access was terminated under our usage policies."},
        {"message": "The API key was disabled by our safety system."},
    ],
)
def test_whoever_is_locked_out_has_no_answer_that_could_be_scored(status: int, error: dict[str, Any]) -> None:
    found = failure(
        outcome_of_refusal(Refusal(status, {}, json.dumps({"error": error}).encode()), CALLER, NOW)
    )

    assert (found.kind, found.concerns_all) == ("refused_key", True)


CURRENT_QUOTA = "You exceeded your current quota, please check your plan and billing details."


def out_of(quota: str | None, delay: str | None, words: str = "") -> bytes:
    violations = [{"quotaId": quota, "quotaValue": "10"}] if quota else []
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}
    ]
    if delay is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    message = f"{CURRENT_QUOTA} {words}"
    error = {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}
    return json.dumps([{"error": error}]).encode()


A_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
A_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


@pytest.mark.parametrize(
    ("body", "headers", "wait_s"),
    [
        (out_of(A_MINUTE, "17s", "Please retry in 17.4s."), {}, 17.0),
        (out_of(A_MINUTE, None), {}, None),
        (out_of("GenerateContentInputTokensPerModelPerMinute", None), {}, None),
        (out_of(None, "17s"), {}, 17.0),
        (out_of(None, None, "Please retry in 1.2s."), {}, 1.2),
        (out_of(None, None), {"retry-after": "7"}, 7.0),
        (out_of(A_MINUTE, "17s"), {"retry-after": "7"}, 7.0),
        (out_of(A_DAY, "30s"), {}, 30.0),
    ],
)
def test_a_quota_that_fills_up_again_is_waited_for(
    body: bytes, headers: dict[str, str], wait_s: float | None
) -> None:
    found = failure(outcome_of_refusal(Refusal(429, headers, body), CALLER, NOW))

    assert (found.kind, found.retryable, found.is_overload) == ("rate_limited", True, True)
    assert found.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (out_of(None, None), {}),
        (out_of(A_DAY, None), {}),
        (out_of(A_DAY, "40000s"), {}),
        (out_of(A_MINUTE, "17s", "Quota exceeded for metric: requests, limit: 0, model: m-1"), {}),
        (
            json.dumps({"error": {"message": CURRENT_QUOTA, "code": "insufficient_quota"}}).encode(),
            {"retry-after": "7"},
        ),
        (json.dumps({"error": {"message": "Your credit balance is too low"}}).encode(), {"retry-after": "7"}),
    ],
)
def test_an_account_that_has_nothing_left_is_not_waited_for(body: bytes, headers: dict[str, str]) -> None:
    found = failure(outcome_of_refusal(Refusal(429, headers, body), CALLER, NOW))

    assert (found.kind, found.retryable, found.concerns_all) == ("out_of_quota", False, True)


def test_a_key_in_the_words_of_a_broken_connection_is_not_cut_in_half() -> None:
    found = outcome_of_exception(aiohttp.ClientError(f"{'x' * 190} {KEY}"), CALLER)

    assert KEY[:5] not in found.message
