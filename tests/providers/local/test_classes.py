from collections import Counter

import pytest

from evalbench.core.sight import Sight
from evalbench.providers.local.ladder import RUNGS
from tests.build import make_item
from tests.providers.local.generated import accuracy, ask, complaints, provider


@pytest.mark.parametrize("rung", RUNGS)
def test_a_clear_pattern_is_learned(rung: str) -> None:
    found = accuracy(rung, complaints(120, 1), complaints(100, 2))

    assert found >= 0.95


@pytest.mark.parametrize("rung", RUNGS)
def test_confidence_is_about_as_often_right_as_it_says(rung: str) -> None:
    learned, test = provider(rung, complaints(400, 1, noise=0.4)), complaints(600, 2, noise=0.4)

    answers = [ask(learned, item) for item in test]

    right = sum(answer.text == item.target for answer, item in zip(answers, test, strict=True))
    assert abs(sum(answer.confidence or 0.0 for answer in answers) - right) / len(test) < 0.07


@pytest.mark.parametrize("rung", RUNGS)
def test_a_single_label_is_always_the_answer(rung: str) -> None:
    train = [make_item(f"i{number}", f"text {number}", "only") for number in range(5)]

    answer = ask(provider(rung, train), make_item(text="anything"))

    assert answer.text == "only"


@pytest.mark.parametrize("rung", RUNGS)
def test_a_label_seen_once_can_still_be_found(rung: str) -> None:
    train = [*complaints(60, 1), make_item("rare", "zebra giraffe safari", "animals")]

    answer = ask(provider(rung, train), make_item(text="giraffe zebra safari"))

    assert answer.text == "animals"


@pytest.mark.parametrize("rung", RUNGS)
def test_labels_of_the_task_that_training_lacks_do_no_harm(rung: str) -> None:
    learned = provider(rung, complaints(60, 1), labels=("billing", "delivery", "account", "other"))

    found = Counter(ask(learned, item).text for item in complaints(30, 2))

    assert set(found) <= {"billing", "delivery", "account"}


@pytest.mark.parametrize("rung", RUNGS)
def test_many_labels_with_few_examples_are_learned(rung: str) -> None:
    train = [
        make_item(f"{label}-{copy}", f"topic{label} word{copy}", f"label{label}")
        for label in range(100)
        for copy in range(3)
    ]
    learned = provider(rung, train)

    right = sum(ask(learned, make_item(text=f"topic{n} please")).text == f"label{n}" for n in range(100))

    assert right >= 95


@pytest.mark.parametrize("rung", RUNGS)
def test_a_field_that_is_shown_can_decide(rung: str) -> None:
    train = [
        make_item(f"i{number}", f"case {number}", kind, fields={"channel": channel})
        for number in range(30)
        for kind, channel in [("fast", "chat") if number % 2 else ("slow", "letter")]
    ]
    learned = provider(rung, train, Sight(columns=frozenset({"channel"})))

    answers = [
        ask(learned, make_item(text="case", fields={"channel": name})).text for name in ("chat", "letter")
    ]

    assert answers == ["fast", "slow"]


def test_an_unusual_text_is_answered_with_less_confidence() -> None:
    vague = [make_item(f"v{n}", f"please help {n}", ("billing", "account")[n % 2]) for n in range(40)]
    learned = provider("medium", [*complaints(200, 1), *vague])

    known = ask(learned, make_item(text="invoice refund please charge"))
    strange = ask(learned, make_item(text="help, quantum llama"))

    assert (known.confidence or 0) > (strange.confidence or 1) + 0.2
