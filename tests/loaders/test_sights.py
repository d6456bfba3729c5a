from __future__ import annotations

from pathlib import Path

import pytest

from evalbench.core.evalset import PromptSpec, Task, TaskKind
from evalbench.core.sight import Sight
from evalbench.errors import EvalSetError
from evalbench.loaders.inference import default_prompt
from evalbench.loaders.prompts import PromptBuilder, sight_of
from tests.build import make_item, make_task
from tests.loaders.sets import load, write_set


def asking(template: str | None, **per_tier: str) -> Task:
    others = {tier: PromptSpec(each) for tier, each in per_tier.items()}
    return make_task(prompt=PromptSpec(template), per_tier=others)


def sight(template: str | None) -> Sight:
    return sight_of(asking(template), "small")


@pytest.mark.parametrize("grader", ["label", "labels", "exact"])
@pytest.mark.parametrize("kind", sorted(TaskKind))
def test_the_prompt_of_a_task_without_one_shows_the_input_alone(kind: TaskKind, grader: str) -> None:
    assert sight(default_prompt(kind, grader)) == Sight()


@pytest.mark.parametrize(
    ("template", "columns"),
    [
        ("{{ input }} {{ channel }}", {"channel"}),
        ("{{ input }}{% if channel %} by {{ channel }}{% endif %}", {"channel"}),
        ("{{ input }}{% for note in notes %}{{ note.text }}{% endfor %}", {"notes"}),
        ("{{ input | lower }} {{ meta.channel }} {{ meta['shop'] }}", {"meta"}),
        ("{% set way = channel %}{{ input }} {{ way }}", {"channel"}),
        ("{% set way = channel %}{{ input }}", set()),
        ("{{ input }} {# {{ channel }} #}", set()),
        ("{{ input }} channel", set()),
        ("{{ input }} {{ labels | join(', ') }} {{ id }} {{ group }} {{ tags }}", set()),
    ],
)
def test_the_columns_that_a_template_uses_are_shown(template: str, columns: set[str]) -> None:
    assert sight(template) == Sight(columns=frozenset(columns))


def test_a_template_without_the_input_does_not_show_it() -> None:
    assert sight("{{ title }}") == Sight(has_input=False, columns=frozenset({"title"}))


def test_items_that_bring_their_messages_show_no_column() -> None:
    assert sight(None) == Sight()


def test_a_tier_with_a_prompt_of_its_own_is_shown_what_that_names() -> None:
    task = asking("{{ input }}", large="{{ input }} {{ context }}")

    found = [sight_of(task, tier) for tier in ("classical", "large")]

    assert found == [Sight(), Sight(columns=frozenset({"context"}))]


def test_a_template_that_cannot_be_read_is_an_error_that_names_the_task() -> None:
    with pytest.raises(EvalSetError) as caught:
        sight("{{ input")

    assert "demo" in caught.value.problem


def test_the_input_is_shown_under_its_own_name(tmp_path: Path) -> None:
    settings = "columns: {input: text, target: label}\nprompt: '{{ text }}'\n"
    evalset = load(write_set(tmp_path / "s", settings, [{"text": "hi", "label": "x", "lang": "en"}]))

    assert sight_of(evalset.task, "small") == Sight()


def test_a_classical_tier_gets_what_its_prompt_shows_instead_of_messages(tmp_path: Path) -> None:
    settings = "columns: {input: text, target: label}\nsystem: Be brief.\nprompt: '{{ text }} ({{ lang }})'\n"
    rows = [{"text": "hi", "label": "x", "lang": "en", "resolved_by": "desk"}]
    evalset = load(write_set(tmp_path / "s", settings, rows))
    builder = PromptBuilder(evalset, 7, ["classical"])

    found = builder.prompt(evalset.items[0], "classical")

    assert found == make_item(text="hi", fields={"lang": "en"}).prompt
    assert len(builder.prompt(evalset.items[0], "small").messages) == 2
