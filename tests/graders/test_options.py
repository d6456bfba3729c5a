from __future__ import annotations

import pytest

from evalbench.core.evalset import JsonValue
from evalbench.errors import GraderOptionError, InputError
from evalbench.graders.options import GraderOptions


def test_an_unknown_option_is_refused_with_the_nearest_known_one() -> None:
    settings = GraderOptions("numeric", {"tolerence": 1})
    settings.amount("tolerance")

    with pytest.raises(GraderOptionError, match="'tolerence'; did you mean 'tolerance'") as caught:
        settings.sign(version=1)

    assert caught.value.fix == "write `tolerance: 1`."
    assert caught.value.place == ("tolerence",)


def test_a_signature_names_only_what_differs_from_the_default_in_sorted_order() -> None:
    settings = GraderOptions("numeric", {"take": "first", "tolerance": 0.01, "accept_truncated": False})
    settings.choice("take", ("last", "first"))
    settings.amount("tolerance")
    settings.flag("accept_truncated")

    signature = settings.sign(version=1)

    assert signature == "numeric@1(take=first,tolerance=0.01)"


def test_a_text_in_a_signature_is_quoted_when_it_is_no_plain_word() -> None:
    settings = GraderOptions("regex", {"pattern": "a, b"})
    settings.text("pattern")

    signature = settings.sign(version=1)

    assert signature == 'regex@1(pattern="a, b")'


@pytest.mark.parametrize("value", [0.01, "0.01"])
def test_a_number_may_arrive_as_its_text(value: JsonValue) -> None:
    settings = GraderOptions("numeric", {"tolerance": value})

    amount = settings.amount("tolerance")

    assert amount == 0.01


@pytest.mark.parametrize("value", [True, "true", "True"])
def test_a_truth_value_may_arrive_as_its_text(value: JsonValue) -> None:
    settings = GraderOptions("label", {"find": value})

    assert settings.flag("find") is True


@pytest.mark.parametrize("value", ["yes please", 1, None, [True]])
def test_a_flag_of_another_type_is_refused_with_its_name(value: JsonValue) -> None:
    settings = GraderOptions("label", {"find": value})

    with pytest.raises(InputError, match="option 'find' must be true or false") as caught:
        settings.flag("find")

    assert "`find: true`" in caught.value.fix


@pytest.mark.parametrize("value", ["much", True, None, -1, "nan", float("inf"), [1]])
def test_an_amount_that_is_no_number_from_zero_upwards_is_refused(value: JsonValue) -> None:
    settings = GraderOptions("numeric", {"tolerance": value})

    with pytest.raises(InputError, match="option 'tolerance' must be a number"):
        settings.amount("tolerance")


def test_a_mistyped_choice_is_refused_with_the_nearest_one() -> None:
    settings = GraderOptions("numeric", {"take": "frist"})

    with pytest.raises(InputError, match="'take' is 'frist'") as caught:
        settings.choice("take", ("last", "first"))

    assert caught.value.fix == "did you mean 'first'?"


@pytest.mark.parametrize("value", [7, ["a"]])
def test_a_text_option_of_another_type_is_refused(value: JsonValue) -> None:
    settings = GraderOptions("regex", {"pattern": value})

    with pytest.raises(InputError, match="option 'pattern' must be text"):
        settings.text("pattern")


def test_a_share_is_no_more_than_one() -> None:
    assert GraderOptions("demo", {"threshold": "0.9"}).share("threshold", 0.0) == 0.9
    with pytest.raises(InputError, match="a number from 0 to 1"):
        GraderOptions("demo", {"threshold": 1.5}).share("threshold", 0.0)


def test_a_whole_number_is_kept_in_the_signature() -> None:
    settings = GraderOptions("demo", {"max_words": "20"})

    assert (settings.whole("max_words"), settings.whole("min_words")) == (20, None)
    assert settings.sign(version=1) == "demo@1(max_words=20)"


def test_texts_and_structures_are_kept_in_the_signature() -> None:
    settings = GraderOptions("demo", {"among": ["de", "en"], "schema": {"b": 1, "a": 2}})

    assert settings.texts("among") == ("de", "en")
    assert settings.structure("schema") == {"b": 1, "a": 2}
    assert settings.sign(version=1) == 'demo@1(among=["de", "en"],schema={"a": 2, "b": 1})'


@pytest.mark.parametrize("value", ["de", [1], [""], {"a": 1}])
def test_what_is_no_list_of_texts_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="a list of texts"):
        GraderOptions("demo", {"among": value}).texts("among")


def test_a_choice_may_be_written_as_a_number() -> None:
    assert GraderOptions("demo", {"variant": 2}).choice("variant", ("L", "1", "2")) == "2"
