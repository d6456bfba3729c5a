from dataclasses import replace

import pytest

from evalbench.core.evalset import Item, TaskKind
from evalbench.providers.local.ladder import RUNGS
from evalbench.providers.local.slots import slots_of
from tests.build import make_item
from tests.providers.local.generated import ask, provider

PLACES = ("Aalen", "Bergen", "Cadiz", "Delft", "Espoo", "Fulda")


def notices() -> list[Item]:
    return [
        make_item(f"{place}{count}", f"place[{place}], seats[{count}]", f"{place} has {count} seats left.")
        for place in PLACES
        for count in range(10, 15)
    ]


@pytest.mark.parametrize("rung", RUNGS)
def test_new_values_fill_the_learned_sentence(rung: str) -> None:
    learned = provider(rung, notices(), kind=TaskKind.TEMPLATE)

    answer = ask(learned, make_item(text="place[Ghent], seats[77]"))

    assert answer.text == "Ghent has 77 seats left."


@pytest.mark.parametrize("rung", RUNGS)
def test_a_target_with_gaps_is_learned_and_its_filled_text_counts_as_right(rung: str) -> None:
    gaps = "{{place}} has {{seats}} seats left."
    learned = provider(rung, [replace(item, target=gaps) for item in notices()], kind=TaskKind.TEMPLATE)

    answer = ask(learned, make_item(text="place[Ghent], seats[77]"))

    assert answer.text == "Ghent has 77 seats left."
    assert (answer.confidence or 0) > 0.5


@pytest.mark.parametrize("rung", ["medium", "large"])
def test_a_value_can_choose_the_sentence(rung: str) -> None:
    train = [
        make_item(
            f"{n}", f"state: {state}\nname: N{n}", f"N{n} is here." if state == "in" else f"N{n} has left."
        )
        for n in range(40)
        for state in [("in", "out")[n % 2]]
    ]
    learned = provider(rung, train, kind=TaskKind.TEMPLATE)

    answers = [ask(learned, make_item(text=f"state: {state}\nname: Ada")).text for state in ("in", "out")]

    assert answers == ["Ada is here.", "Ada has left."]


@pytest.mark.parametrize(
    "text", ["name[Ada], age[36]", "name: Ada\nage: 36", "name=Ada\nage=36", '{"name": "Ada", "age": 36}']
)
def test_named_values_are_read_in_any_usual_form(text: str) -> None:
    found = slots_of(make_item(text=text).prompt)

    assert found == {"name": "Ada", "age": "36"}


def test_fields_are_named_values_too() -> None:
    found = slots_of(make_item(text="", fields={"name": "Ada"}).prompt)

    assert found == {"name": "Ada"}
