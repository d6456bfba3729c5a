from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from evalbench.core.completion import Completion, Failure, Status, Usage
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.errors import MissingExtraError
from evalbench.providers.litellm_provider import litellm_provider
from tests.providers.litellm_asking import KEY, MODELS, SECRETS, ask, model, request
from tests.providers.translated_servers import (
    Answer,
    TranslatedServer,
    anthropic_answer,
    anthropic_error,
    anthropic_events,
    cohere_answer,
    gemini_answer,
    gemini_error,
    served,
)

BOTH_WAYS = (MODELS["anthropic"], f"litellm/{MODELS['anthropic']}")
SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}}


def heard(answer: Answer, model_id: str = MODELS["anthropic"], **more: Any) -> Completion:
    with served(answer) as server:
        found = ask(server.url, model_id, **more)
    assert isinstance(found, Completion), found
    return found


def failed(answer: Answer, model_id: str = MODELS["anthropic"], **more: Any) -> Failure:
    with served(answer) as server:
        found = ask(server.url, model_id, **more)
    assert isinstance(found, Failure), found
    return found


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_tokens_are_told_apart_by_what_they_cost(model_id: str) -> None:
    answer = anthropic_answer(cache_read_input_tokens=100, cache_creation_input_tokens=50)

    found = heard(Answer(answer, delay_s=0.05), model_id)

    assert found.usage == Usage(21, 3, 100, 50, 0)
    assert float(found.detail["litellm_cost_usd"]) == pytest.approx(
        (21 + 100 * 0.1 + 50 * 1.25 + 3 * 5) / 1e6
    )
    assert found.latency_s is not None
    assert 0.05 <= found.latency_s < 0.5


def test_thinking_counts_as_output() -> None:
    found = heard(Answer(gemini_answer(thoughtsTokenCount=7, totalTokenCount=31)), MODELS["gemini"])

    assert (found.usage.output_tokens, found.usage.reasoning_tokens) == (10, 7)
    assert found.usage.cache_read_tokens is None


@pytest.mark.parametrize(
    ("who", "answer", "missing"),
    [
        ("anthropic", anthropic_answer(), "usage"),
        ("gemini", gemini_answer(), "usageMetadata"),
        ("cohere", cohere_answer(), "usage"),
    ],
)
def test_an_answer_without_usage_counts_and_its_tokens_are_unknown(
    who: str, answer: dict[str, Any], missing: str
) -> None:
    del answer[missing]

    found = heard(Answer(answer), MODELS[who])

    assert (found.text, found.usage) == ("billing", Usage())
    assert "litellm_cost_usd" not in found.detail


@pytest.mark.parametrize(
    ("who", "answer", "status"),
    [
        ("anthropic", anthropic_answer("bil", "model_context_window_exceeded"), Status.TRUNCATED),
        ("anthropic", anthropic_answer("", "refusal"), Status.REFUSED),
        ("cohere", cohere_answer("bil", "MAX_TOKENS"), Status.TRUNCATED),
        ("gemini", gemini_answer("", "PROHIBITED_CONTENT"), Status.REFUSED),
        ("gemini", gemini_answer("", "MAX_TOKENS"), Status.TRUNCATED),
    ],
)
def test_how_an_answer_ended_is_kept(who: str, answer: dict[str, Any], status: Status) -> None:
    assert heard(Answer(answer), MODELS[who]).status is status


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_a_prompt_that_does_not_fit_is_the_models_limit_and_costs_nothing(model_id: str) -> None:
    error = anthropic_error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")

    found = heard(Answer(error, 400), model_id)

    assert (found.status, found.finish_reason) == (Status.TRUNCATED, "context_overflow")
    assert found.usage == Usage(0, 0)


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_too_many_calls_say_when_to_come_back(model_id: str) -> None:
    error = anthropic_error("rate_limit_error", "slow down")

    found = failed(Answer(error, 429, {"retry-after": "7"}), model_id)

    assert (found.kind, found.retryable, found.is_overload) == ("rate_limited", True, True)
    assert found.retry_after_s == 7
    assert not found.may_be_billed


@pytest.mark.parametrize("model_id", [MODELS["gemini"], f"litellm/{MODELS['gemini']}"])
def test_a_wait_that_is_told_in_the_body_is_heard(model_id: str) -> None:
    error = gemini_error(429, "RESOURCE_EXHAUSTED", "quota")
    error["error"]["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}]

    assert failed(Answer(error, 429), model_id).retry_after_s == 37


@pytest.mark.parametrize("model_id", BOTH_WAYS)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "refused_key"), (403, "refused_key"), (404, "unknown_model"), (402, "out_of_quota")],
)
def test_what_every_item_would_meet_is_said_to_concern_all(model_id: str, status: int, kind: str) -> None:
    found = failed(Answer(anthropic_error("some_error", "no such model"), status), model_id)

    assert (found.kind, found.concerns_all, found.retryable) == (kind, True, False)


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_the_servers_words_are_one_short_line_without_the_key(model_id: str) -> None:
    words = f"bad\nkey {KEY} " + "x" * 290 + KEY

    found = failed(Answer(anthropic_error("invalid_request_error", words), 400), model_id)

    assert 'refused the request (400): "bad key' in found.message
    assert "sk-secret" not in found.message
    assert len(found.message) < 350
    assert "\n" not in found.message


def test_a_parameter_that_litellm_knows_to_be_refused_is_left_out() -> None:
    with served(Answer(anthropic_answer())) as server:
        found = ask(server.url, MODELS["anthropic"], seed=7, temperature=0)

        assert isinstance(found, Completion)
        assert found.detail["params_left_out"] == "seed"
        assert "seed" not in server.asked[0].body
        assert server.asked[0].body["temperature"] == 0


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_a_parameter_that_the_provider_refuses_is_found_once(model_id: str) -> None:
    refusal = Answer(
        anthropic_error("invalid_request_error", "temperature: is deprecated for this model."), 400
    )

    with served(
        lambda asked: refusal if "temperature" in asked.body else Answer(anthropic_answer())
    ) as server:
        found = ask(server.url, model_id, times=5, temperature=0)

        assert isinstance(found, Completion)
        assert found.detail["params_left_out"] == "temperature"
        assert len(server.asked) == 6


def test_a_parameter_with_a_wrong_value_is_the_users_to_mend() -> None:
    error = anthropic_error("invalid_request_error", "temperature: must be at most 1")

    found = failed(Answer(error, 400), temperature=7)

    assert found.kind == "bad_request"
    assert "temperature: must be at most 1" in found.message


def test_a_limit_on_tokens_is_never_left_out() -> None:
    error = anthropic_error("invalid_request_error", "max_tokens: unsupported")

    assert failed(Answer(error, 400)).kind == "bad_request"


def test_a_schema_that_a_model_cannot_follow_is_left_out() -> None:
    found = heard(Answer(cohere_answer()), MODELS["cohere"], schema=SCHEMA)

    assert found.detail["params_left_out"] == "response_format"


def test_a_model_without_a_list_price_has_no_cost_to_compare_with() -> None:
    answer = Answer(anthropic_answer())

    assert "litellm_cost_usd" not in heard(answer, "anthropic/claude-of-our-own").detail


def test_a_streamed_answer_has_a_first_token() -> None:
    found = heard(
        Answer(events=anthropic_events("bil", "ling", cache_read_input_tokens=100)),
        stream=True,
    )

    assert (found.text, found.finish_reason) == ("billing", "stop")
    assert found.usage == Usage(21, 3, 100, 0, 0)
    assert found.first_token_s is not None
    assert found.latency_s is not None
    assert found.first_token_s < found.latency_s
    assert "litellm_cost_usd" in found.detail


def test_a_stream_that_breaks_off_is_no_answer() -> None:
    found = failed(Answer(events=anthropic_events("bil", "ling")[:4]), stream=True)

    assert (found.kind, found.retryable) == ("bad_reply", True)
    assert found.usage == Usage(21, 1, 0, 0, 0)


def test_a_gemini_stream_is_heard_to_its_end() -> None:
    answer = gemini_answer("bil")
    del answer["candidates"][0]["finishReason"]

    found = heard(Answer(events=(("", answer), ("", gemini_answer("ling")))), MODELS["gemini"], stream=True)

    assert (found.text, found.usage.input_tokens, found.usage.output_tokens) == ("billing", 21, 3)


def test_tokens_of_a_stream_are_never_made_up() -> None:
    events = [
        (name, {key: value for key, value in event.items() if key != "usage"})
        for name, event in anthropic_events("billing")
    ]
    del events[0][1]["message"]["usage"]

    found = heard(Answer(events=tuple(events)), stream=True)

    assert (found.text, found.usage) == ("billing", Usage())


def test_an_overload_in_the_middle_of_a_stream_is_tried_again() -> None:
    events = (*anthropic_events("bil")[:3], ("error", anthropic_error("overloaded_error", "Overloaded")))

    found = failed(Answer(events=events), stream=True)

    assert (found.kind, found.retryable, found.is_overload) == ("overloaded", True, True)


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_an_endpoint_that_is_not_there_has_billed_nothing(model_id: str) -> None:
    with served(Answer()) as server:
        url = server.url

    found = ask(url, model_id)

    assert isinstance(found, Failure)
    assert (found.kind, found.retryable, found.may_be_billed) == ("connection", True, False)


def test_a_redirect_does_not_carry_the_key_to_another_host() -> None:
    with served(Answer(status=307)) as server:
        server.answer = Answer(status=307, headers={"Location": f"{server.url}/elsewhere"})

        found = ask(server.url, MODELS["anthropic"])

        assert isinstance(found, Failure)
        assert found.concerns_all
        assert len(server.asked) == 1


@pytest.mark.parametrize("model_id", BOTH_WAYS)
def test_a_cancelled_call_ends_at_once(model_id: str) -> None:
    async def cancelled(server: TranslatedServer) -> None:
        asked = model(model_id, server.url)
        provider = litellm_provider(asked, KEY, SECRETS)
        await provider.start()
        call = asyncio.create_task(provider.complete(request(asked)))
        await asyncio.to_thread(server.was_asked.wait)
        call.cancel()
        try:
            await call
        finally:
            await provider.close()

    with served(Answer(anthropic_answer(), delay_s=0.5)) as server, pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled(server))


def test_a_provider_that_closes_leaves_the_others_their_connections() -> None:
    async def answer(url: str) -> Completion | Failure:
        asked = model(BOTH_WAYS[1], url)
        first, second = (litellm_provider(asked, KEY, SECRETS) for _ in range(2))
        await asyncio.gather(first.start(), second.start())
        await first.complete(request(asked))
        under_way = asyncio.create_task(second.complete(request(asked)))
        await asyncio.sleep(0.05)
        await first.close()
        try:
            return await under_way
        finally:
            await second.close()

    with served(Answer(anthropic_answer(), delay_s=0.1)) as server:
        assert isinstance(asyncio.run(answer(server.url)), Completion)


def test_probabilities_of_tokens_become_a_confidence() -> None:
    tokens = [{"token": "bug", "logprob": -0.1, "bytes": None, "top_logprobs": []}]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "bug"},
        "logprobs": {"content": tokens},
    }
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}

    found = heard(Answer(reply), "litellm/hosted_vllm/m", logprobs=True)

    assert found.confidence == pytest.approx(0.905, abs=0.001)
    assert (found.text, found.usage) == ("bug", Usage())


def test_a_parameter_cannot_take_the_place_of_the_endpoint() -> None:
    with served(Answer(anthropic_answer())) as server:
        found = ask(server.url, BOTH_WAYS[1], api_base="http://127.0.0.1:9", num_retries=3)

        assert isinstance(found, Completion)
        assert len(server.asked) == 1


def test_a_provider_that_nobody_knows_concerns_every_item() -> None:
    found = ask("http://127.0.0.1:9", "nowhere/model")

    assert isinstance(found, Failure)
    assert (found.kind, found.concerns_all) == ("unknown_model", True)


def test_a_missing_package_is_named_before_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(MissingExtraError, match="boto3"):
        litellm_provider(Model("bedrock/anthropic.claude-3-haiku"), None, SECRETS)


def test_a_user_says_how_many_calls_may_be_under_way() -> None:
    assert litellm_provider(Model("gemini/x", concurrency=5), None, SECRETS).concurrency == 5
    assert litellm_provider(Model("gemini/x", concurrency=5), None, SECRETS, 9).concurrency == 9


def test_an_answer_is_known_by_the_adapters_version_alone() -> None:
    provider = litellm_provider(Model("gemini/x"), None, SECRETS)

    assert provider.version == "litellm/1"
    assert (
        provider.identity(Request("t", "i", "small", Model("gemini/x"), request(Model("gemini/x")).prompt))
        == {}
    )


def test_litellm_is_loaded_when_the_first_answer_is_needed() -> None:
    code = (
        "import sys; from evalbench.core.models import Model;"
        "from evalbench.providers.litellm_provider import litellm_provider;"
        "from evalbench.providers.secrets import Secrets;"
        "litellm_provider(Model('gemini/x'), None, Secrets());"
        "print([name for name in ('litellm', 'aiohttp', 'pydantic') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


TRACED = """
import asyncio, sys
from tests.providers.litellm_asking import MODELS, ask

hosts = set()

def note(event, arguments):
    if event == "socket.getaddrinfo":
        hosts.add(str(arguments[0]))
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        hosts.add(str(arguments[1][0]))

sys.addaudithook(note)
for model_id in MODELS.values():
    for asked in (model_id, "litellm/" + model_id):
        ask(sys.argv[1], asked, stream=False)
        ask(sys.argv[1], asked, stream=True)
print(sorted(hosts))
"""


def test_no_host_but_the_endpoint_is_looked_up_or_connected_to() -> None:
    with served(Answer(anthropic_answer())) as server:
        done = subprocess.run(
            [sys.executable, "-c", TRACED, server.url], capture_output=True, text=True, check=True
        )

        assert done.stdout.strip() == "['127.0.0.1']"
        assert done.stderr == ""
        assert len(server.asked) >= 12
