"""Tasks in which any number of labels may fit a text."""

from __future__ import annotations

import json
import random

import pytest

from evalbench.core.evalset import GraderSpec, Item, JsonValue, TaskKind
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.providers.local.ladder import RUNGS
from evalbench.providers.local.provider import LocalProvider
from tests.build import make_item, make_task
from tests.providers.local.generated import FILLER, INPUT_ALONE, TOPICS, ask, provider

LABELS = GraderSpec("labels")


def mixed(count: int, seed: int, noise: float = 0.0) -> list[Item]:
    """Texts about none, one, two or all of three topics; a share of `noise` is about others than it says."""
    rng = random.Random(seed)
    items = []
    for number in range(count):
        topics = sorted(rng.sample(sorted(TOPICS), rng.randint(0, 3)))
        words = [word for topic in topics for word in rng.sample(TOPICS[topic], 2)] + rng.sample(FILLER, 5)
        rng.shuffle(words)
        named = sorted(rng.sample(sorted(TOPICS), 1)) if rng.random() < noise else topics
        items.append(make_item(f"m{number}", " ".join(words), named))
    return items


def wanted(item: Item) -> list[JsonValue]:
    assert isinstance(item.target, list)
    return item.target


@pytest.mark.parametrize(("rung", "least"), [("small", 0.8), *((rung, 0.98) for rung in RUNGS[1:])])
def test_all_labels_of_a_text_are_learned_and_none_where_there_is_none(rung: str, least: float) -> None:
    learned, test = provider(rung, mixed(300, 1), grader=LABELS), mixed(100, 2)

    found = [set(json.loads(ask(learned, item).text)) for item in test]

    right = sum(
        (label in named) == (label in wanted(item))
        for named, item in zip(found, test, strict=True)
        for label in TOPICS
    )
    assert right / (len(test) * len(TOPICS)) >= least
    assert {len(answer) for answer in found} == {0, 1, 2, 3}


@pytest.mark.parametrize("rung", RUNGS)
def test_confidence_tells_how_often_the_whole_set_is_right(rung: str) -> None:
    learned, test = provider(rung, mixed(400, 1, noise=0.4), grader=LABELS), mixed(400, 2, noise=0.4)

    answers = [ask(learned, item) for item in test]

    right = sum(json.loads(answer.text) == item.target for answer, item in zip(answers, test, strict=True))
    assert 0.2 * len(test) < right < 0.8 * len(test)
    assert abs(sum(answer.confidence or 0.0 for answer in answers) - right) / len(test) < 0.07


@pytest.mark.parametrize("rung", RUNGS)
def test_a_label_that_always_fits_is_always_named(rung: str) -> None:
    train = [make_item(item.id, item.prompt.text, [*wanted(item), "spoken"]) for item in mixed(60, 1)]
    learned = provider(rung, train, grader=LABELS)

    found = [json.loads(ask(learned, item).text) for item in mixed(20, 2)]

    assert all("spoken" in answer for answer in found)
    assert any(len(answer) > 1 for answer in found)


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("target", [["a", "b"], [], "a"])
def test_where_all_targets_are_alike_nothing_else_is_said(rung: str, target: list[str] | str) -> None:
    train = [make_item(f"i{number}", f"text {number}", target) for number in range(5)]

    answer = ask(provider(rung, train, grader=LABELS), make_item(text="anything"))

    assert json.loads(answer.text) == ([target] if isinstance(target, str) else target)


@pytest.mark.parametrize("rung", RUNGS)
def test_a_single_label_that_fits_or_not_is_learned_from_few_items(rung: str) -> None:
    train = [make_item("a", "red rose", ["flower"]), make_item("b", "old car", [])]

    found = [ask(provider(rung, train, grader=LABELS), make_item(text=text)) for text in ("rose", "car", "")]

    assert [json.loads(answer.text) for answer in found[:2]] == [["flower"], []]
    assert all(answer.confidence is not None and 0 < answer.confidence < 1 for answer in found)


def test_an_answer_of_one_label_is_not_taken_for_one_of_all_labels() -> None:
    request = Request("demo", "1", "small", Model("local/small"), make_item().prompt)
    alone, together, extracted = (
        LocalProvider("small", 7, make_task(kind=kind, grader=grader), INPUT_ALONE).identity(request)
        for kind, grader in (
            (TaskKind.CLASSIFICATION, GraderSpec("label")),
            (TaskKind.CLASSIFICATION, LABELS),
            (TaskKind.EXTRACTION, LABELS),
        )
    )

    assert together == {**alone, "answer": "label set"}
    assert "answer" not in extracted
