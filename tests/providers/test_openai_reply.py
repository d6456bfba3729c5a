from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.providers.http_failures import Caller
from evalbench.providers.openai_reply import completion_of, completion_of_body, usage_of
from evalbench.providers.openai_stream import Stream
from tests.servers import event, pieces, reply

CALLER = Caller("http://127.0.0.1:1/v1/chat/completions", "m")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KNOWN = (
    "choices",
    "message",
    "delta",
    "content",
    "finish_reason",
    "logprobs",
    "usage",
    "error",
    "tool_calls",
    "function",
    "arguments",
    "prompt_tokens_details",
    "prompt_tokens",
    "code",
    "index",
    "refusal",
    "cost",
    "text",
)
SHAPES = st.recursive(
    JSON,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from(KNOWN), inner, min_size=1, max_size=4)
    ),
    max_leaves=20,
)


def read(document: Mapping[str, Any]) -> Completion:
    found = completion_of(document, CALLER)
    assert isinstance(found, Completion), found
    return found


def broken(body: bytes) -> Failure:
    found = completion_of_body(body, CALLER)
    assert isinstance(found, Failure), found
    return found


def streamed(*events: bytes, size: int = 7) -> Completion | Failure:
    stream, whole = Stream(), b"".join(events)
    for start in range(0, len(whole), size):
        stream.feed(whole[start : start + size])
    return stream.finished(CALLER)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("stop", Status.OK),
        (None, Status.OK),
        ("eos", Status.OK),
        ("length", Status.TRUNCATED),
        ("model_length", Status.TRUNCATED),
        ("content_filter", Status.REFUSED),
    ],
)
def test_a_finish_reason_says_what_became_of_the_answer(reason: str | None, status: Status) -> None:
    found = read(reply("yes", finish_reason=reason))

    assert (found.text, found.status, found.finish_reason) == ("yes", status, reason)


def test_a_refusal_in_words_is_a_refusal() -> None:
    found = read(reply("", message={"content": None, "refusal": "I will not."}))

    assert (found.text, found.status) == ("I will not.", Status.REFUSED)


def test_tool_calls_are_the_answer_as_json() -> None:
    calls = [
        {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": '{"city": "Köln"}'}}
    ]

    found = read(reply("", message={"content": None, "tool_calls": calls}, finish_reason="tool_calls"))

    assert found.text == '[{"name":"look_up","arguments":{"city":"Köln"}}]'
    assert found.status is Status.OK


def test_arguments_that_are_no_json_stay_text() -> None:
    call = {"function": {"name": "f", "arguments": "{oops"}}

    assert json.loads(read(reply("", message={"tool_calls": [call]})).text) == [
        {"name": "f", "arguments": "{oops"}
    ]


def test_content_in_parts_is_put_together_without_the_thinking() -> None:
    parts = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "yes"}]

    assert read(reply("", message={"content": parts})).text == "yes"


@pytest.mark.parametrize(
    ("message", "usage"),
    [
        ({"content": ""}, {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 9}}),
        ({"content": None, "reasoning_content": "let me see"}, None),
        ({"content": "<think>let me see"}, None),
    ],
)
def test_a_limit_that_went_into_reasoning_is_told(message: dict[str, Any], usage: Any) -> None:
    found = read(reply("", usage, message=message, finish_reason="length"))

    assert found.status is Status.TRUNCATED
    assert found.detail["truncated_by"] == "reasoning"


def test_a_limit_that_cut_the_answer_itself_is_not_put_down_to_reasoning() -> None:
    usage = {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}}

    assert read(reply("half an", usage, finish_reason="length")).detail == {}


def test_the_model_that_answered_is_kept_where_it_has_another_name() -> None:
    assert read(reply("yes") | {"model": "m-2026-01-01"}).detail == {"model": "m-2026-01-01"}
    assert read(reply("yes") | {"model": "m"}).detail == {}


def test_a_stated_cost_is_kept_and_not_believed() -> None:
    found = read(reply("yes", {"prompt_tokens": 1, "cost": 0.00025}))

    assert found.cost_usd is None
    assert found.detail == {"stated_cost_usd": "0.00025"}


@pytest.mark.parametrize(
    ("stated", "usage"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 3}, Usage(10, 3)),
        (
            {
                "prompt_tokens": 1000,
                "completion_tokens": 30,
                "prompt_tokens_details": {"cached_tokens": 800},
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
            Usage(200, 30, 800, None, 20),
        ),
        (
            {
                "prompt_tokens": 1000,
                "completion_tokens": 1,
                "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 300},
            },
            Usage(600, 1, 100, 300),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 1,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
            },
            Usage(36, 1, 64),
        ),
        (
            {"prompt_tokens": 50, "completion_tokens": 1, "cache_creation_input_tokens": 20},
            Usage(30, 1, None, 20),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 115,
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            Usage(10, 105, reasoning_tokens=100),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 8,
                "completion_tokens_details": {"reasoning_tokens": 500},
            },
            Usage(100, 508, reasoning_tokens=500),
        ),
        ({"completion_tokens": 8, "reasoning_tokens": 500}, Usage(None, 508, reasoning_tokens=500)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 80}}, Usage(5, None, 80)),
        ({"prompt_tokens": -1, "completion_tokens": "3"}, Usage()),
        ({"prompt_tokens": True, "completion_tokens": 2.5}, Usage()),
        (None, Usage()),
    ],
)
def test_tokens_are_told_apart_in_every_dialect(stated: Any, usage: Usage) -> None:
    assert usage_of({"usage": stated}) == usage


def test_usage_is_found_where_groq_puts_it_in_a_stream() -> None:
    assert usage_of({"x_groq": {"usage": {"prompt_tokens": 3}}}) == Usage(3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"yes"',
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": {"a": 1}}',
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_holds_no_answer_is_tried_again(body: bytes) -> None:
    found = broken(body)

    assert (found.kind, found.retryable, found.may_be_billed) == ("bad_reply", True, True)
    assert "\n" not in found.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"usage": {"prompt_tokens": 7, "completion_tokens": 2}, "choices": [{"message": {"con',
        b'{"usage": {"prompt_tokens": 7, "completion_tokens": 2}, "choices": ["\xff"]}',
        b'{"usage": {"prompt_tokens": 7, "completion_tokens": 2}, "choices": []}',
    ],
)
def test_what_a_broken_reply_was_billed_for_is_kept(body: bytes) -> None:
    found = broken(body)

    assert found.usage == Usage(7, 2)
    assert not found.may_be_billed


def test_numbers_and_letters_that_a_strict_reader_refuses_are_read() -> None:
    body = b'{"x": NaN, "y": 1e999, "choices": [{"message": {"content": "a\\ud800"}}]}'

    found = completion_of_body(body, CALLER)

    assert isinstance(found, Completion)
    assert found.text == "a\ud800"


def test_an_error_in_place_of_a_choice_is_a_failure() -> None:
    found = completion_of(reply("", finish_reason="error", error={"code": 502, "message": "gone"}), CALLER)

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable) == ("server_error", True)


@given(SHAPES)
def test_no_reply_of_any_shape_is_a_crash(document: Any) -> None:
    body = json.dumps(document).encode()

    assert isinstance(completion_of_body(body, CALLER), Completion | Failure)
    assert isinstance(streamed(b"data: " + body + b"\n", size=1000), Completion | Failure)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_stream_may_be_cut_anywhere(size: int) -> None:
    usage = {"prompt_tokens": 4, "completion_tokens": 2}

    found = streamed(*pieces("grüne Äpfel ", usage), size=size)

    assert isinstance(found, Completion)
    assert (found.text, found.finish_reason, found.usage) == ("grüne Äpfel ", "stop", Usage(4, 2))


def test_a_stream_may_use_the_other_line_ends_and_comments() -> None:
    body = b": waiting\r\n\r\n" + b"".join(pieces("yes")).replace(b"\n", b"\r\n").replace(b"data: ", b"data:")

    found = streamed(body)

    assert isinstance(found, Completion)
    assert found.text == "yes"


def test_a_stream_without_text_is_an_empty_answer() -> None:
    found = streamed(event({"choices": [{"delta": {}, "finish_reason": "stop"}]}), b"data: [DONE]\n\n")

    assert isinstance(found, Completion)
    assert found.text == ""


def test_tool_calls_of_a_stream_are_put_together() -> None:
    def piece(index: int, **function: str) -> bytes:
        call = {"index": index, "function": function}
        return event({"choices": [{"delta": {"tool_calls": [call]}}]})

    found = streamed(
        piece(0, name="f", arguments='{"a"'),
        piece(1, name="g", arguments="{}"),
        piece(0, arguments=": 1}"),
        b"data: [DONE]\n",
    )

    assert isinstance(found, Completion)
    assert json.loads(found.text) == [{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]


def test_logprobs_of_a_stream_are_gathered() -> None:
    def piece(text: str, logprob: float) -> bytes:
        logprobs = {"content": [{"token": text, "logprob": logprob}]}
        return event({"choices": [{"delta": {"content": text}, "logprobs": logprobs}]})

    found = streamed(piece("a", -0.1), piece("b", -0.3), b"data: [DONE]\n")

    assert isinstance(found, Completion)
    assert found.detail["logprob_mean"] == "-0.2"


def test_reasoning_is_no_first_token() -> None:
    stream = Stream()

    stream.feed(event({"choices": [{"delta": {"reasoning_content": "hm"}}]}))
    assert not stream.has_text

    stream.feed(event({"choices": [{"delta": {"content": "yes"}}]}))
    assert stream.has_text


@pytest.mark.parametrize("last", [b"", b"data: {brok", b"data: {broken}\n\n"])
def test_a_stream_that_breaks_off_is_no_answer(last: bytes) -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}})

    found = streamed(event({"choices": [{"delta": {"content": "half"}}]}), usage, last)

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable, found.usage) == ("bad_reply", True, Usage(4, 2))


def test_an_error_in_the_middle_of_a_stream_may_have_been_billed() -> None:
    found = streamed(
        event({"choices": [{"delta": {"content": "half"}}]}),
        event({"error": {"code": 503, "message": "overloaded"}}),
    )

    assert isinstance(found, Failure)
    assert (found.kind, found.may_be_billed) == ("overloaded", True)


USAGE = {"prompt_tokens": 7, "completion_tokens": 2}
OVERFLOW = {"code": 400, "message": "too long", "type": "context_length_exceeded"}


@pytest.mark.parametrize(
    "document",
    [
        reply("ha", USAGE, finish_reason="error"),
        reply("ha", USAGE, error={"code": 502, "message": "gone"}),
        {"error": {"code": 429, "message": "slow down"}, "usage": USAGE},
    ],
)
def test_what_an_error_within_a_reply_was_billed_for_is_kept(document: dict[str, Any]) -> None:
    found = completion_of(document, CALLER)

    assert isinstance(found, Failure)
    assert (found.usage, found.may_be_billed) == (Usage(7, 2), False)


@pytest.mark.parametrize(
    ("document", "is_billed"),
    [
        (reply("ha", finish_reason="error"), True),
        ({"error": {"code": 429, "message": "slow down"}}, False),
        ({"error": {"code": 504, "message": "too slow"}}, True),
    ],
)
def test_an_error_after_the_model_has_begun_may_be_billed(
    document: dict[str, Any], *, is_billed: bool
) -> None:
    found = completion_of(document, CALLER)

    assert isinstance(found, Failure)
    assert (found.usage, found.may_be_billed) == (None, is_billed)


def test_a_prompt_that_was_billed_although_it_is_too_long_is_paid_for() -> None:
    found = completion_of({"error": OVERFLOW, "usage": USAGE}, CALLER)

    assert isinstance(found, Completion)
    assert (found.finish_reason, found.usage) == ("context_overflow", Usage(7, 2))


def test_a_stream_may_begin_with_a_byte_order_mark() -> None:
    found = streamed(b"\xef\xbb\xbf" + event({"choices": [{"delta": {"content": "yes"}}]}), b"data: [DONE]\n")

    assert isinstance(found, Completion)
    assert found.text == "yes"


@pytest.mark.parametrize(
    "events",
    [
        (),
        (event({"choices": []}),),
        (event({"choices": [{"index": 0, "delta": {}}]}),),
    ],
)
def test_a_stream_of_nothing_but_its_end_is_tried_again(events: tuple[bytes, ...]) -> None:
    found = streamed(*events, b"data: [DONE]\n\n")

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable, found.may_be_billed) == ("bad_reply", True, True)


@pytest.mark.parametrize(
    "told",
    [
        b'event: error\ndata: {"message": "overloaded", "code": 503}\n\n',
        b'event: error\r\ndata: {"error": {"message": "overloaded", "code": 503}}\r\n\r\n',
        b'data: {"object": "error", "message": "overloaded", "code": 503}\n\n',
        b'data: {"type": "error", "message": "overloaded", "code": 503}\n\n',
    ],
)
def test_an_error_that_ends_a_stream_is_told_by_its_name(told: bytes) -> None:
    found = streamed(event({"choices": [{"delta": {"content": "half"}}]}), told, b"data: [DONE]\n\n")

    assert isinstance(found, Failure)
    assert (found.kind, found.may_be_billed) == ("overloaded", True)
    assert "overloaded" in found.message


def test_an_error_in_plain_words_is_told_too() -> None:
    found = streamed(b"event: error\ndata: it broke\n\n", b"data: [DONE]\n\n")

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable) == ("server_error", True)
    assert "it broke" in found.message


def test_other_events_are_no_errors() -> None:
    body = b"event: message\n" + event({"choices": [{"delta": {"content": "yes"}}]}) + b"data: [DONE]\n\n"

    found = streamed(body)

    assert isinstance(found, Completion)
    assert found.text == "yes"
