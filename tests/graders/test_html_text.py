from __future__ import annotations

import pytest

from evalbench.graders.html_text import html_events


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('<a href="x" id="y">z</a>', "<A ID=y HREF='x'>z</A>"),
        ("<hr />", "<hr>"),
        ("<p>a &amp; b</p>", "<p>a &#38; b</p>"),
        ("<ul>\n  <li>\n    a\n  </li>\n</ul>", "<ul><li>a</li></ul>"),
        ("<p>a\n  b</p>", "<p>a b</p>"),
        ("<p>a</p><!-- note -->", "<p>a</p>"),
        ("<input disabled>", '<input disabled="">'),
        ("<!DOCTYPE html><p>a", "<!doctype HTML><p>a"),
        ("<pre>\na</pre>", "<pre>a</pre>"),
    ],
)
def test_spellings_of_one_page_are_equal(left: str, right: str) -> None:
    assert html_events(left) == html_events(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("<pre>a  b</pre>", "<pre>a b</pre>"),
        ("<b>a</b> b", "<b>a</b>b"),
        ("<p>a</p>", "<p>a"),
        ("<p>a</p>", "<div>a</div>"),
        ('<a href="x">a</a>', '<a href="y">a</a>'),
        ("<p>&lt;b&gt;</p>", "<p><b></p>"),
    ],
)
def test_pages_that_show_something_else_differ(left: str, right: str) -> None:
    assert html_events(left) != html_events(right)


@pytest.mark.parametrize("text", ["<a " * 100_000, "<!--" * 100_000, "<" * 100_000, "<![" * 10])
def test_what_the_parser_cannot_read_in_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not HTML"):
        html_events(text)
