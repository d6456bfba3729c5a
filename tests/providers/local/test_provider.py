import hashlib
import json
from pathlib import Path

import pytest

from evalbench.core.completion import Failure, Usage
from evalbench.core.evalset import Item, Prompt, TaskKind
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.core.sight import Sight
from evalbench.errors import InputError, UnknownNameError
from evalbench.providers.local.ladder import RUNGS, SUPPORTED_KINDS
from evalbench.providers.local.provider import LocalProvider, objection
from evalbench.registry import load
from tests.build import make_item, make_task
from tests.providers.local.generated import INPUT_ALONE, ask, complaints, provider

CHANNEL = Sight(columns=frozenset({"channel"}))
SMS = Path("../shared/data/plain/sms-spam.jsonl")


def request(item: Item) -> Request:
    return Request("demo", item.id, "small", Model("local/small"), item.prompt)


def test_the_registry_finds_it() -> None:
    found = load("providers", "local")

    assert found is LocalProvider


def test_an_unknown_rung_is_an_error_that_names_a_known_one() -> None:
    with pytest.raises(UnknownNameError) as caught:
        LocalProvider("smal", 7, make_task(), INPUT_ALONE)

    assert "'small'" in caught.value.fix


def test_a_kind_of_task_without_a_classical_model_is_refused_with_the_kinds_that_have_one() -> None:
    refusal = objection(make_task(kind=TaskKind.CODE), [make_item(), make_item()])

    assert refusal is not None
    assert "code" in refusal.problem
    assert "classification" in refusal.fix


def test_an_extraction_target_that_is_no_object_is_refused_before_anything_is_learned() -> None:
    items = [make_item("a", target={"x": "1"}), make_item("b", target=["1"])]

    refusal = objection(make_task(kind=TaskKind.EXTRACTION), items)

    assert refusal is not None
    assert "'b'" in refusal.problem


def test_too_small_a_training_split_is_an_error_that_says_what_to_do() -> None:
    task = make_task()

    with pytest.raises(InputError) as caught:
        LocalProvider("small", 7, task, INPUT_ALONE).fit([make_item()], task)

    assert "train:" in caught.value.fix


def test_items_without_a_target_teach_nothing() -> None:
    train = [*complaints(30, 1), make_item("u", "invoice refund", None)]

    answer = ask(provider("small", train), make_item(text="invoice charge"))

    assert answer.text == "billing"


def test_an_answer_before_learning_is_a_failure() -> None:
    found = LocalProvider("small", 7, make_task(), INPUT_ALONE).answer(request(make_item()))

    assert isinstance(found, Failure)
    assert not found.retryable


@pytest.mark.parametrize("rung", RUNGS)
def test_an_answer_says_how_long_it_took_but_knows_neither_tokens_nor_cost(rung: str) -> None:
    learned = provider(rung, complaints(60, 1))

    answer = ask(learned, complaints(1, 2)[0])

    assert answer.usage == Usage()
    assert answer.cost_usd is None
    assert answer.latency_s is not None
    assert answer.latency_s > 0
    assert answer.busy_s == answer.latency_s
    assert answer.finish_reason == "stop"
    assert answer.detail == {"kind": "classical model"}


@pytest.mark.parametrize("rung", RUNGS)
def test_the_same_seed_gives_the_same_answers(rung: str) -> None:
    train, test = complaints(90, 1, noise=0.2), complaints(20, 2)
    first, second = provider(rung, train), provider(rung, train)

    answers = [(ask(first, item), ask(second, item)) for item in test]

    assert all(one.text == other.text and one.confidence == other.confidence for one, other in answers)


def test_the_order_of_questions_does_not_matter() -> None:
    learned, test = provider("large", complaints(90, 1, noise=0.2)), complaints(20, 2)

    forward = [ask(learned, item).confidence for item in test]
    backward = [ask(learned, item).confidence for item in reversed(test)]

    assert forward == backward[::-1]


def test_the_identity_changes_with_the_training_split() -> None:
    one = LocalProvider("small", 7, make_task(train_digest="a"), INPUT_ALONE).identity(request(make_item()))
    other = LocalProvider("small", 7, make_task(train_digest="b"), INPUT_ALONE).identity(request(make_item()))

    assert one != other


def test_the_identity_changes_with_a_shown_field_of_an_item() -> None:
    found = LocalProvider("small", 7, make_task(), CHANNEL)

    one = found.identity(request(make_item(fields={"channel": "chat"})))
    other = found.identity(request(make_item(fields={"channel": "mail"})))

    assert one != other


def test_the_identity_does_not_change_with_a_field_that_is_not_shown() -> None:
    found = LocalProvider("small", 7, make_task(), INPUT_ALONE)

    one = found.identity(request(make_item(fields={"channel": "chat"})))
    other = found.identity(request(make_item(fields={"channel": "mail"})))

    assert one == other


def test_the_identity_changes_with_what_is_shown_of_training_items() -> None:
    one = LocalProvider("small", 7, make_task(), INPUT_ALONE).identity(request(make_item()))
    other = LocalProvider("small", 7, make_task(), CHANNEL).identity(request(make_item()))

    assert one != other


def test_the_identity_can_be_told_before_learning_and_is_json() -> None:
    found = LocalProvider("large", 7, make_task(train_digest="a", labels=("x", "y")), INPUT_ALONE)

    identity = found.identity(request(make_item()))

    assert json.loads(json.dumps(identity)) == identity


@pytest.mark.parametrize("kind", sorted(SUPPORTED_KINDS))
@pytest.mark.parametrize("rung", RUNGS)
def test_two_training_items_are_enough_to_answer(kind: TaskKind, rung: str) -> None:
    targets = ({"x": "one"}, {"x": "two"}) if kind is TaskKind.EXTRACTION else ("one", "two")
    train = [make_item(name, f"say {name}", target) for name, target in zip("ab", targets, strict=True)]

    answer = ask(provider(rung, train, kind=kind), make_item(text=""))

    assert answer.confidence is not None
    assert 0 < answer.confidence < 1


@pytest.mark.parametrize("kind", sorted(SUPPORTED_KINDS))
@pytest.mark.parametrize("rung", RUNGS)
def test_odd_inputs_are_answered_all_the_same(kind: TaskKind, rung: str) -> None:
    is_extraction = kind is TaskKind.EXTRACTION
    train = [
        make_item(
            f"i{number}", f"take {number} of B-{number}", {"x": f"B-{number}"} if is_extraction else "b"
        )
        for number in range(12)
    ]
    learned = provider(rung, train, kind=kind)
    odd = ["\x00\ud7ff", "9" * 5_000, "a_" * 300, '"' * 99, "x,y\n\r\n\\", "{", "a.b." * 200, "dot at " * 99]

    answers = [ask(learned, make_item(text=text)).confidence for text in odd]

    assert all(found is not None and 0 < found < 1 for found in answers)


@pytest.mark.skipif(not SMS.is_file(), reason="needs the SMS spam collection in ../shared/data/plain")
@pytest.mark.parametrize(("rung", "least"), [("small", 0.97), ("medium", 0.98), ("large", 0.98)])
def test_spam_is_told_from_ham_with_an_honest_confidence(rung: str, least: float) -> None:
    with SMS.open(encoding="utf-8") as lines:
        items = [Item(row["id"], Prompt(row["input"]), row["target"]) for row in map(json.loads, lines)]
    third = [hashlib.sha256(item.prompt.text.encode()).digest()[0] % 3 for item in items]
    train = [item for item, part in zip(items, third, strict=True) if part]
    test = [item for item, part in zip(items, third, strict=True) if not part]
    learned = provider(rung, train)

    answers = [ask(learned, item) for item in test]

    right = [float(answer.text == item.target) for answer, item in zip(answers, test, strict=True)]
    sure = [answer.confidence or 0.0 for answer in answers]
    brier = sum((p - hit) ** 2 for p, hit in zip(sure, right, strict=True)) / len(test)
    assert sum(right) / len(test) >= least
    assert abs(sum(sure) - sum(right)) / len(test) < 0.01
    assert brier < 0.02
