from evalbench.core.evalset import Message, Prompt
from evalbench.core.sight import Sight

CHAT = (Message("system", "be brief"), Message("user", "is it late?"), Message("assistant", "yes"))


def test_columns_that_are_not_shown_are_left_out() -> None:
    prompt = Prompt("late parcel", fields={"channel": "chat", "resolved_by": "finance"})

    found = Sight(columns=frozenset({"channel"})).of(prompt)

    assert found == Prompt("late parcel", fields={"channel": "chat"})


def test_an_item_that_lacks_a_shown_column_is_seen_without_it() -> None:
    found = Sight(columns=frozenset({"channel"})).of(Prompt("late parcel"))

    assert found == Prompt("late parcel")


def test_an_input_that_is_not_shown_is_left_out() -> None:
    found = Sight(has_input=False, columns=frozenset({"title"})).of(Prompt("secret", fields={"title": "hi"}))

    assert found == Prompt("", fields={"title": "hi"})


def test_messages_of_an_item_show_none_of_its_columns() -> None:
    prompt = Prompt("is it late?", CHAT, {"resolved_by": "finance"})

    found = Sight(columns=frozenset({"resolved_by"})).of(prompt)

    assert found == Prompt("is it late?", CHAT)


def test_an_input_beside_messages_that_do_not_hold_it_gives_way_to_what_the_user_says_last() -> None:
    found = Sight().of(Prompt("the answer is billing", CHAT))

    assert found.text == "is it late?"


def test_looking_twice_shows_the_same() -> None:
    sight = Sight(has_input=False)
    prompts = [Prompt("the answer is billing", CHAT), Prompt("text", fields={"a": 1})]

    once = [sight.of(prompt) for prompt in prompts]

    assert [sight.of(prompt) for prompt in once] == once
