from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.config.project import load_project
from evalbench.errors import InputError


def refusal(folder: Path, params: str, model: str = "openai/gpt-5-nano") -> InputError:
    path = folder / "evalbench.yaml"
    path.write_text(f"tiers:\n  a:\n    model: {model}\n    params:\n      {params}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_project(path)
    return caught.value


@pytest.mark.parametrize(
    ("params", "dotted", "fix"),
    [
        ("model: openai/gpt-5", "params.model", "name the model in `model:`"),
        ("extra_body: {model: gpt-5}", "params.extra_body.model", "name the model in `model:`"),
        ("extra_body: {models: [a, b]}", "params.extra_body.models", "name the model in `model:`"),
        ("fallbacks: [gpt-5]", "params.fallbacks", "name the model in `model:`"),
        ("messages: []", "params.messages", "say `prompt:` and `system:` in evalset.yaml"),
        ("extra_body: {messages: []}", "params.extra_body.messages", "say `prompt:` and `system:`"),
        ("extra_body: {prompt: hi}", "params.extra_body.prompt", "say `prompt:` and `system:`"),
        ("system: hi", "params.system", "say `prompt:` and `system:`"),
        ("base_url: http://h/v1", "params.base_url", "say `api_base:` beside `model:`"),
        ("extra_body: {stream: true}", "params.extra_body.stream", "write `params: {stream: true}`"),
        ("extra_body: {stream_options: {}}", "params.extra_body.stream_options", "`params: {stream: true}`"),
        ("stream_options: {}", "params.stream_options", "write `stream_options: {include_usage: true}`"),
    ],
)
@pytest.mark.parametrize("model", ["openai/gpt-5-nano", "anthropic/claude-haiku-4-5", "litellm/openai/x"])
def test_what_would_replace_the_question_or_the_model_is_refused_with_its_line(
    tmp_path: Path, params: str, dotted: str, fix: str, model: str
) -> None:
    error = refusal(tmp_path, params, model)

    assert f"evalbench.yaml:5: 'tiers.a' has `{dotted}`" in error.problem
    assert fix in error.fix


def test_the_model_that_judges_is_held_to_the_same(tmp_path: Path) -> None:
    path = tmp_path / "evalbench.yaml"
    path.write_text("tiers: {a: x/y}\njudge:\n  model: openai/gpt-5\n  params: {model: z}\n", "utf-8")

    with pytest.raises(InputError, match=r"evalbench.yaml:4: 'judge' has `params.model`"):
        load_project(path)


@pytest.mark.parametrize(
    "params",
    [
        "{stream: true, temperature: 0}",
        "{stream: true, stream_options: {include_usage: true}}",
        "{extra_body: {top_k: 5, provider: {order: [a]}}}",
        "{extra_body: text}",
    ],
)
def test_what_replaces_nothing_is_sent(tmp_path: Path, params: str) -> None:
    path = tmp_path / "evalbench.yaml"
    path.write_text(f"tiers:\n  a: {{model: openai/gpt-5-nano, params: {params}}}\n", encoding="utf-8")

    assert load_project(path).tiers["a"].params


def test_a_function_is_handed_whatever_it_is_to_get(tmp_path: Path) -> None:
    path = tmp_path / "evalbench.yaml"
    path.write_text("tiers:\n  a: {model: python/a.py:f, params: {model: m, prompt: p}}\n", encoding="utf-8")

    assert load_project(path).tiers["a"].params == {"model": "m", "prompt": "p"}
