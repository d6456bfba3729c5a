import json

import pytest

from evalbench.core.evalset import JsonValue, TaskKind
from evalbench.core.sight import Sight
from evalbench.errors import InputError
from evalbench.providers.local.ladder import RUNGS
from evalbench.providers.local.provider import LocalProvider
from tests.build import make_item, make_task
from tests.providers.local.generated import INPUT_ALONE, ask, orders, provider


def extracted(learned: LocalProvider, text: str, **fields: JsonValue) -> JsonValue:
    return json.loads(ask(learned, make_item(text=text, fields=fields)).text)


@pytest.mark.parametrize("rung", ["medium", "large", "linear"])
def test_the_words_around_a_number_tell_which_one_is_meant(rung: str) -> None:
    learned, test = provider(rung, orders(150, 1), kind=TaskKind.EXTRACTION), orders(60, 2)

    right = sum(extracted(learned, item.prompt.text) == item.target for item in test)

    assert right >= 57


def test_the_rule_based_rung_is_cheaper_and_weaker() -> None:
    test = orders(60, 2)
    learned = {rung: provider(rung, orders(150, 1), kind=TaskKind.EXTRACTION) for rung in ("small", "large")}

    right = {
        rung: sum(extracted(each, item.prompt.text) == item.target for item in test)
        for rung, each in learned.items()
    }

    assert right["small"] < right["large"]


@pytest.mark.parametrize("rung", RUNGS)
def test_an_address_is_lowered_as_training_shows(rung: str) -> None:
    learned = provider(rung, orders(100, 1), kind=TaskKind.EXTRACTION)

    found = extracted(learned, "My order SO-55555 is late. Write to Mira.Sol@Example.org please.")

    assert found["email"] == "mira.sol@example.org"


@pytest.mark.parametrize("rung", RUNGS)
def test_nothing_to_find_is_an_empty_object(rung: str) -> None:
    train = [
        make_item(
            f"i{n}",
            f"call me at {n % 12}:15" if n % 2 else "never mind",
            {"at": f"{n % 12}:15"} if n % 2 else {},
        )
        for n in range(60)
    ]

    found = extracted(provider(rung, train, kind=TaskKind.EXTRACTION), "never mind")

    assert found == {}


@pytest.mark.parametrize("rung", RUNGS)
def test_the_requested_slot_decides_what_a_bare_number_means(rung: str) -> None:
    train = [
        make_item(f"i{n}", str(n % 20 + 1), {slot: str(n % 20 + 1)}, fields={"context": [slot]})
        for n in range(80)
        for slot in [("time", "people")[n % 2]]
    ]
    shown = Sight(columns=frozenset({"context"}))
    learned = provider(rung, train, shown, kind=TaskKind.EXTRACTION)

    found = extracted(learned, "7", context=["people"])

    assert found == {"people": "7"}


@pytest.mark.parametrize("rung", RUNGS)
def test_a_key_that_targets_always_have_is_null_where_there_is_no_value(rung: str) -> None:
    train = [
        make_item(f"i{n}", f"pay {n}.50 EUR" if n % 2 else "no sum", {"sum": n + 0.5 if n % 2 else None})
        for n in range(60)
    ]

    learned = provider(rung, train, kind=TaskKind.EXTRACTION)

    assert extracted(learned, "no sum") == {"sum": None}
    assert extracted(learned, "pay 77.50 EUR") == {"sum": 77.5}


@pytest.mark.parametrize("rung", RUNGS)
def test_a_value_that_is_not_in_the_text_is_chosen_among_those_known(rung: str) -> None:
    words = {"urgent": ("asap", "now", "hurry"), "normal": ("whenever", "relaxed", "sometime")}
    train = [
        make_item(f"{level}{n}", f"{text} ticket {n}", {"detail": {"level": level}})
        for level, texts in words.items()
        for text in texts
        for n in range(8)
    ]

    found = extracted(provider(rung, train, kind=TaskKind.EXTRACTION), "please hurry, asap")

    assert found == {"detail": {"level": "urgent"}}


@pytest.mark.parametrize("rung", RUNGS)
def test_dates_are_rewritten_as_in_training(rung: str) -> None:
    train = [make_item(f"i{n}", f"come on {n}.03.2024", {"day": f"2024-03-{n:02d}"}) for n in range(1, 29)]

    found = extracted(provider(rung, train, kind=TaskKind.EXTRACTION), "come on 30.04.2025")

    assert found == {"day": "2025-04-30"}


def test_a_target_that_is_no_object_is_an_error_with_its_item() -> None:
    task = make_task(kind=TaskKind.EXTRACTION)
    train = [make_item("a", "x", {"k": "x"}), make_item("b", "y", "plain text")]

    with pytest.raises(InputError) as caught:
        LocalProvider("small", 7, task, INPUT_ALONE).fit(train, task)

    assert "'b'" in caught.value.problem
    assert "{}" in caught.value.fix


def test_doubtful_answers_have_less_confidence() -> None:
    learned = provider("medium", orders(200, 1), kind=TaskKind.EXTRACTION)

    clear = ask(learned, make_item(text="My order SO-12345 is late. Your ticket TK-54321 is closed."))
    unclear = ask(learned, make_item(text="Is it XY-12345 or XZ-54321 or VW-98765?"))

    assert (clear.confidence or 0) >= (unclear.confidence or 1)
