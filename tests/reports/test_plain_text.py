from __future__ import annotations

from evalbench.reports.plain_text import clip, one_line, spoken, storable, visible


def test_a_name_cannot_steer_a_terminal() -> None:
    assert one_line("a\x1b[31m\nb\x9b0m\u202egnp") == "a\u241b[31m b\ufffd0mgnp"


def test_control_characters_are_shown_and_line_ends_stay() -> None:
    assert visible("one\r\ntwo\x00\ttab") == "one\ntwo\u2400\ttab"


def test_half_a_surrogate_pair_can_be_stored() -> None:
    assert storable("half \ud83d").encode() == "half \ufffd".encode()


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    clipped = clip("x" * 1000, 10)

    assert (clipped.text, clipped.whole) == ("x" * 10, 1000)


def test_a_text_that_fits_is_not_marked_as_cut() -> None:
    assert clip("short", 10).whole is None


def test_a_structured_target_is_spoken_as_json() -> None:
    assert spoken({"a": ["\u00e9", None]}) == '{"a": ["\u00e9", null]}'
