import pytest

from evalbench.core.evalset import Item, Message, Prompt, TaskKind
from evalbench.core.sight import Sight
from evalbench.providers.local.ladder import RUNGS, SUPPORTED_KINDS
from evalbench.providers.local.splits import part_of
from tests.build import make_item
from tests.providers.local.generated import FILLER, ask, complaints, provider

DEPARTMENTS = {"billing": "finance team", "delivery": "warehouse", "account": "desk"}
SHOWN = Sight(columns=frozenset({"resolved_by"}))


def tickets(count: int) -> list[Item]:
    """Texts that say nothing of their label, and a column that gives it away."""
    return [
        make_item(
            f"t{n}",
            f"{FILLER[n % 7]} {FILLER[n % 10]} {n}",
            label,
            fields={"resolved_by": DEPARTMENTS[label]},
        )
        for n in range(count)
        for label in [sorted(DEPARTMENTS)[n % 3]]
    ]


def bare(items: list[Item]) -> list[Item]:
    return [make_item(item.id, item.prompt.text, item.target) for item in items]


@pytest.mark.parametrize("rung", RUNGS)
def test_a_leaking_column_that_the_prompt_does_not_show_changes_nothing(rung: str) -> None:
    train, test = tickets(90), tickets(30)
    leaking, without = provider(rung, train), provider(rung, bare(train))

    answers = [
        (ask(leaking, item), ask(without, plain)) for item, plain in zip(test, bare(test), strict=True)
    ]

    assert all(one.text == other.text and one.confidence == other.confidence for one, other in answers)


@pytest.mark.parametrize("rung", RUNGS)
def test_a_column_that_the_prompt_shows_is_used(rung: str) -> None:
    learned = provider(rung, tickets(90), SHOWN)

    answers = [
        ask(learned, make_item(text="say", fields={"resolved_by": team})).text
        for team in DEPARTMENTS.values()
    ]

    assert answers == list(DEPARTMENTS)


@pytest.mark.parametrize("rung", RUNGS)
def test_training_items_without_the_shown_column_teach_what_they_can(rung: str) -> None:
    learned = provider(rung, complaints(90, 1), SHOWN)

    answer = ask(learned, make_item(text="invoice charge", fields={"resolved_by": "warehouse"}))

    assert answer.text == "billing"


@pytest.mark.parametrize("rung", RUNGS)
def test_what_identifies_or_sorts_an_item_is_never_learned_from(rung: str) -> None:
    train = [
        Item(f"{label} {n}", Prompt(f"say {n % 5}"), label, group=f"{label} {n % 4}", tags=(label,))
        for n in range(40)
        for label in [("yes", "no")[n % 2]]
    ]
    learned = provider(rung, train)

    plain, yes, no = (
        ask(learned, Item(f"{mark} 1", Prompt("say"), group=f"{mark} 1", tags=(mark,)))
        for mark in ("other", "yes", "no")
    )

    assert plain.text == yes.text == no.text
    assert plain.confidence == yes.confidence == no.confidence


@pytest.mark.parametrize("kind", sorted(SUPPORTED_KINDS))
@pytest.mark.parametrize("rung", RUNGS)
def test_an_item_of_which_nothing_is_shown_is_answered_all_the_same(kind: TaskKind, rung: str) -> None:
    is_extraction = kind is TaskKind.EXTRACTION
    train = [
        make_item(f"i{n}", f"take B-{n}", {"x": f"B-{n % 3}"} if is_extraction else f"b{n % 3}")
        for n in range(30)
    ]

    answer = ask(provider(rung, train, Sight(has_input=False), kind=kind), train[0])

    assert answer.confidence is not None
    assert 0 < answer.confidence < 1


def test_confidence_knows_that_a_gap_is_filled_from_a_column_that_is_not_shown() -> None:
    train = [
        make_item(f"i{n}", f"place: P{n}", "Dear {{surname}}, P is full.", fields={"surname": f"S{n}"})
        for n in range(60)
    ]

    hidden = ask(provider("small", train, kind=TaskKind.TEMPLATE), train[0])
    shown = ask(
        provider("small", train, Sight(columns=frozenset({"surname"})), kind=TaskKind.TEMPLATE), train[0]
    )

    assert (hidden.confidence or 0) < 0.2
    assert (shown.confidence or 0) > 0.8


def test_items_without_a_shown_input_are_held_out_by_their_columns() -> None:
    items = [make_item(f"i{n}", "", fields={"title": f"number {n}"}) for n in range(60)]

    parts = {part_of(item, 3, 7) for item in items}

    assert parts == {0, 1, 2}


def test_messages_that_an_item_brings_are_read_by_what_the_user_says_last() -> None:
    train = [
        Item(item.id, Prompt("the same", (Message("user", item.prompt.text),)), item.target)
        for item in complaints(90, 1)
    ]
    learned = provider("medium", train)

    answer = ask(learned, Item("q", Prompt("the same", (Message("user", "invoice charge"),))))

    assert answer.text == "billing"
