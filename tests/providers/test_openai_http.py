from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.core.evalset import JsonValue, Message, Prompt
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.endpoints import Endpoint
from evalbench.providers.openai_http import OpenAIProvider
from evalbench.providers.secrets import Secrets
from tests import servers
from tests.servers import ModelServer, Reaction

KEY = "sk-test-0123456789abcdefXYZ"


def ask(
    server: ModelServer,
    times: int = 1,
    params: Mapping[str, JsonValue] | None = None,
    schema: Mapping[str, JsonValue] | None = None,
    provider_class: type[OpenAIProvider] = OpenAIProvider,
) -> list[Completion | Failure]:
    model = Model("openai/m", api_base=server.address, params=params or {})
    request = Request(
        "t", "i", "small", model, Prompt("q", (Message("user", "say label=yes"),)), schema=schema
    )
    provider = provider_class(
        model, Endpoint(server.address, "m", "MY_KEY", needs_key=True), KEY, Secrets.of([KEY])
    )

    async def all_calls() -> list[Completion | Failure]:
        await provider.start()
        try:
            return [await provider.complete(request) for _ in range(times)]
        finally:
            await provider.close()

    return asyncio.run(all_calls())


def completion(reaction: Reaction, **wishes: Any) -> Completion:
    with ModelServer([reaction]) as server:
        (found,) = ask(server, **wishes)
    assert isinstance(found, Completion), found
    return found


def failure(reaction: Reaction, **wishes: Any) -> Failure:
    with ModelServer([reaction]) as server:
        (found,) = ask(server, **wishes)
    assert isinstance(found, Failure), found
    return found


def test_an_answer_comes_with_its_tokens_and_its_own_time() -> None:
    with ModelServer(latency_s=0.05) as server:
        (found,) = ask(server)

    assert isinstance(found, Completion)
    assert (found.text, found.status, found.finish_reason) == ("yes", Status.OK, "stop")
    assert found.usage.output_tokens == servers.OUTPUT_TOKENS
    assert found.latency_s is not None
    assert 0.05 <= found.latency_s < 2
    assert found.first_token_s is None
    assert found.detail == {}


def test_a_streamed_answer_says_when_its_first_token_came() -> None:
    streamed = servers.stream_of(
        *servers.pieces("yes and no", {"prompt_tokens": 4, "completion_tokens": 3}), pause_s=0.03
    )

    found = completion(streamed, params={"stream": True})

    assert found.text == "yes and no"
    assert found.usage == Usage(4, 3)
    assert found.first_token_s is not None
    assert found.latency_s is not None
    assert 0.05 < found.first_token_s < found.latency_s - 0.05


def test_a_stream_asks_for_its_usage() -> None:
    with ModelServer() as server:
        (found,) = ask(server, params={"stream": True})

    assert server.calls[0].document["stream_options"] == {"include_usage": True}
    assert isinstance(found, Completion)
    assert found.usage.output_tokens == servers.OUTPUT_TOKENS


def test_the_request_goes_out_with_key_messages_and_parameters() -> None:
    with ModelServer() as server:
        ask(server, params={"temperature": 0, "max_tokens": 5})

    call = server.calls[0]
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.document == {
        "model": "m",
        "temperature": 0,
        "max_tokens": 5,
        "messages": [{"role": "user", "content": "say label=yes"}],
    }


def test_a_large_answer_arrives_whole() -> None:
    text = "wörd " * 600_000

    found = completion(servers.answer_with(servers.reply(text)))

    assert found.text == text


def test_an_answer_without_usage_has_unknown_tokens() -> None:
    assert completion(servers.answer_with(servers.reply("yes"))).usage == Usage()


class Curt(OpenAIProvider):
    longest_reply_bytes = 1_000_000


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_answer_beyond_any_measure_is_refused(*, is_streamed: bool) -> None:
    long = "x" * 1_100_000
    streamed = servers.stream_of(*servers.pieces(long))

    found = failure(
        streamed if is_streamed else servers.answer_with(servers.reply(long)), provider_class=Curt
    )

    assert (found.kind, found.retryable, found.may_be_billed) == ("bad_reply", True, True)


@pytest.mark.parametrize(
    ("reaction", "kind", "is_billed"),
    [
        (servers.refuse(500), "server_error", False),
        (servers.refuse(503), "overloaded", False),
        (servers.refuse(429), "rate_limited", False),
        (servers.reset_before_answer, "connection", True),
        (servers.reset_within_answer, "connection", True),
        (servers.close_early, "connection", True),
        (servers.send(200, b'{"choices": [{"mess'), "bad_reply", True),
        (servers.send(200, b"certainly not", "text/plain"), "bad_reply", True),
        (servers.send(200, b"<html><title>Bad gateway</title></html>", "text/html"), "bad_reply", True),
        (servers.send(200, b'{"choices": [{"message": {"content": "\xff"}}]}'), "bad_reply", True),
        (servers.send(200, b""), "bad_reply", True),
        (servers.stream_of(servers.event({"choices": [{"delta": {"content": "ha"}}]})), "bad_reply", True),
    ],
)
def test_what_the_machinery_did_is_tried_again(reaction: Reaction, kind: str, *, is_billed: bool) -> None:
    found = failure(reaction)

    assert (found.kind, found.retryable, found.may_be_billed) == (kind, True, is_billed)
    assert "\n" not in found.message


def test_nobody_at_the_address_is_a_connection_to_try_again() -> None:
    with ModelServer() as server:
        pass

    (found,) = ask(server)

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable, found.may_be_billed) == ("connection", True, False)
    assert f"127.0.0.1:{server.port}" in found.message


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "7"}, 7.0), ({"Retry-After-Ms": "250"}, 0.25), ({}, None)]
)
def test_a_rate_limit_says_when_to_come_back(headers: Mapping[str, str], seconds: float | None) -> None:
    found = failure(servers.refuse(429, headers=headers))

    assert found.is_overload
    assert found.retry_after_s == seconds


def test_a_redirect_is_not_followed() -> None:
    with ModelServer() as elsewhere, ModelServer([servers.redirect(elsewhere.address)]) as server:
        (found,) = ask(server)

        assert isinstance(found, Failure)
        assert (found.kind, found.concerns_all) == ("redirected", True)
        assert elsewhere.calls == []


def test_a_refused_key_names_its_variable() -> None:
    found = failure(servers.refuse(401, "Incorrect API key provided"))

    assert (found.kind, found.concerns_all, found.retryable) == ("refused_key", True, False)
    assert "MY_KEY" in found.message
    assert "Incorrect API key provided" in found.message


def test_a_cancelled_call_leaves_the_provider_usable() -> None:
    model = Model("openai/m")
    request = Request("t", "i", "small", model, Prompt("q", (Message("user", "label=yes"),)))

    async def cancelled_and_then_not(provider: OpenAIProvider) -> Completion | Failure:
        await provider.start()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await provider.complete(request)
        found = await provider.complete(request)
        await provider.close()
        return found

    with ModelServer([servers.stall_within_stream(30)]) as server:
        provider = OpenAIProvider(
            model, Endpoint(server.address, "m", None, needs_key=False), None, Secrets()
        )

        found = asyncio.run(cancelled_and_then_not(provider))

    assert isinstance(found, Completion)
    assert found.text == "yes"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 418, 429, 500, 503])
def test_a_key_is_in_nothing_that_comes_back(status: int) -> None:
    echo = servers.EchoesTheKey(status)
    with ModelServer([echo]) as server:
        (found,) = ask(server)

    assert echo.seen == [KEY]
    assert KEY not in repr(found)
    assert KEY[:12] not in repr(found)


def test_a_key_in_an_answer_is_taken_out() -> None:
    document = servers.reply(f"the key is {KEY}", finish_reason=KEY) | {"model": f"m {KEY}"}

    found = completion(servers.answer_with(document))

    assert found.text == "the key is [key]"
    assert KEY not in repr(found)


class Picky:
    """Refuses parameters one after the other, in the words of a known endpoint."""

    def __init__(self, *refused: str, words: str = "Unsupported parameter: '{}' is not supported.") -> None:
        self._refused = refused
        self._words = words

    async def __call__(self, exchange: servers.Exchange) -> None:
        for name in self._refused:
            if name in exchange.call.document:
                await servers.refuse(400, self._words.format(name), param=name)(exchange)
                return
        await servers.answer(exchange)


def sent(server: ModelServer) -> Sequence[set[str]]:
    return [set(call.document) - {"model", "messages"} for call in server.calls]


def test_a_parameter_that_a_model_does_not_take_is_left_out_from_then_on() -> None:
    with ModelServer(always=Picky("temperature")) as server:
        first, second = ask(server, times=2, params={"temperature": 0, "top_p": 1})

    assert sent(server) == [{"temperature", "top_p"}, {"top_p"}, {"top_p"}]
    for found in (first, second):
        assert isinstance(found, Completion)
        assert found.text == "yes"
        assert found.detail == {"params_left_out": "temperature", "params_sent": '{"top_p": 1}'}


def test_a_token_limit_is_renamed_and_never_left_out() -> None:
    with ModelServer(always=Picky("max_tokens")) as server:
        (found,) = ask(server, params={"max_tokens": 9})

    assert sent(server) == [{"max_tokens"}, {"max_completion_tokens"}]
    assert isinstance(found, Completion)
    assert found.detail == {"params_sent": '{"max_completion_tokens": 9}'}


def test_a_token_limit_under_no_name_at_all_is_a_bad_request() -> None:
    with ModelServer(always=Picky("max_tokens", "max_completion_tokens")) as server:
        (found,) = ask(server, params={"max_tokens": 9})

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable) == ("bad_request", False)


def test_a_model_that_cannot_keep_to_a_schema_is_asked_without() -> None:
    picky = Picky("response_format", words="This {} type is unavailable now")
    with ModelServer(always=picky) as server:
        (found,) = ask(server, schema={"type": "object"})

    assert sent(server) == [{"response_format"}, set()]
    assert isinstance(found, Completion)
    assert found.detail == {"params_left_out": "response_format"}


def test_many_calls_at_once_learn_from_one_another() -> None:
    model = Model("openai/m", params={"temperature": 0, "seed": 1})
    request = Request("t", "i", "small", model, Prompt("q", (Message("user", "label=yes"),)))

    async def together(provider: OpenAIProvider) -> list[Completion | Failure]:
        await provider.start()
        found = await asyncio.gather(*(provider.complete(request) for _ in range(20)))
        await provider.close()
        return found

    with ModelServer(always=Picky("temperature", "seed")) as server:
        provider = OpenAIProvider(
            model, Endpoint(server.address, "m", None, needs_key=False), None, Secrets()
        )

        found = asyncio.run(together(provider))

    assert [type(each) for each in found] == [Completion] * 20
    assert len(server.calls) <= 60


def test_a_mistyped_parameter_is_an_error_and_not_left_out() -> None:
    words = "Unrecognized request argument supplied: {}"
    with ModelServer(always=Picky("temprature", words=words)) as server:
        (found,) = ask(server, params={"temprature": 0})

    assert isinstance(found, Failure)
    assert found.kind == "bad_request"
    assert "temprature" in found.message


def test_a_prompt_that_is_too_long_is_the_models_doing() -> None:
    words = "This model's maximum context length is 8192 tokens."

    found = completion(servers.refuse(400, words, code="context_length_exceeded"))

    assert (found.text, found.status, found.finish_reason) == ("", Status.TRUNCATED, "context_overflow")
    assert found.detail == {"explanation": words}
    assert found.latency_s is not None


def test_an_error_within_a_good_reply_is_seen() -> None:
    document = {"error": {"code": 429, "message": "slow down"}}

    found = failure(servers.send(200, json.dumps(document).encode()))

    assert (found.kind, found.is_overload) == ("rate_limited", True)


def test_answers_share_a_connection() -> None:
    with ModelServer() as server:
        ask(server, times=3)

    assert (len(server.calls), server.connections) == (3, 1)


FINISHED = tuple(servers.pieces("yes", {"prompt_tokens": 4, "completion_tokens": 2}))
JSON_TYPE = "application/json"


@pytest.mark.parametrize(
    ("sent_events", "usage"),
    [
        (FINISHED, Usage(4, 2)),
        (FINISHED[:-1], Usage(4, 2)),
        (FINISHED[:-2], Usage()),
        ((*FINISHED[:-2], b'data: {"usage": {"prompt_'), Usage()),
    ],
)
def test_a_stream_that_breaks_behind_its_answer_is_an_answer(
    sent_events: tuple[bytes, ...], usage: Usage
) -> None:
    found = completion(servers.breaking_after(*sent_events), params={"stream": True})

    assert (found.text, found.finish_reason, found.usage) == ("yes", "stop", usage)


def test_a_stream_that_breaks_within_its_answer_is_none() -> None:
    found = failure(servers.breaking_after(*FINISHED[:2]), params={"stream": True})

    assert (found.kind, found.retryable, found.may_be_billed) == ("connection", True, True)


class Patient(OpenAIProvider):
    linger_s = 2.0


def test_a_stream_is_over_when_it_says_so() -> None:
    with ModelServer([servers.lingering_after(*FINISHED, delay_s=30)]) as server:
        first, second = ask(server, times=2, params={"stream": True}, provider_class=Patient)

    for found in (first, second):
        assert isinstance(found, Completion)
        assert found.text == "yes"
        assert found.latency_s is not None
        assert found.latency_s < 1
    assert server.connections == 2


def test_streams_share_a_connection_although_their_ends_come_late() -> None:
    with ModelServer(always=servers.lingering_after(*FINISHED, delay_s=0.02)) as server:
        ask(server, times=3, params={"stream": True}, provider_class=Patient)

    assert (len(server.calls), server.connections) == (3, 1)


def test_a_whole_answer_before_a_broken_end_is_an_answer() -> None:
    body = json.dumps(servers.reply("yes", {"prompt_tokens": 4, "completion_tokens": 2})).encode()

    found = completion(servers.breaking_after(body, content_type=JSON_TYPE))

    assert (found.text, found.usage) == ("yes", Usage(4, 2))


@pytest.mark.parametrize("body", [b'{"choices": [{"message": {"cont', b'{"choices": []}', b""])
def test_half_an_answer_before_a_broken_end_is_a_broken_connection(body: bytes) -> None:
    reaction = servers.breaking_after(*([body] if body else []), content_type=JSON_TYPE)

    assert failure(reaction).kind == "connection"


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_good_answer_is_read_in_odd_wrappings(status: int, mark: bytes) -> None:
    body = mark + json.dumps(servers.reply("yes")).encode()

    assert completion(servers.send(status, body)).text == "yes"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_stream_under_a_wrong_name_is_read_all_the_same(mark: bytes) -> None:
    assert completion(servers.send(200, mark + b"".join(FINISHED))).text == "yes"
