from evalbench.core.evalset import TaskKind
from tests.build import make_item
from tests.providers.local.generated import ask, complaints, provider

CAPITALS = [
    make_item("a", "what is the capital of france", "Paris"),
    make_item("b", "what is the capital of spain", "Madrid"),
    make_item("c", "who wrote hamlet", ["Shakespeare", "William Shakespeare"]),
    make_item("d", "capital city of france please", "Paris"),
]


def test_the_small_answerer_says_what_is_most_often_right() -> None:
    answer = ask(provider("small", CAPITALS, kind=TaskKind.QA), make_item(text="who wrote hamlet"))

    assert answer.text == "Paris"


def test_the_medium_answerer_looks_for_the_nearest_question() -> None:
    answer = ask(provider("medium", CAPITALS, kind=TaskKind.QA), make_item(text="hamlet: who wrote it"))

    assert answer.text == "Shakespeare"


def test_the_large_answerer_lets_neighbours_vote() -> None:
    train, test = complaints(90, 1, noise=0.2), complaints(60, 2)
    medium = provider("medium", train, kind=TaskKind.REASONING)
    large = provider("large", train, kind=TaskKind.REASONING)

    right = [sum(ask(rung, item).text == item.target for item in test) for rung in (medium, large)]

    assert right[0] < right[1]
