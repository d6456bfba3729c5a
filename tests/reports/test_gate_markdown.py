from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

from evalbench.core.baseline import GateVerdict
from evalbench.reports.gate_markdown import render_gate_markdown
from tests.reports.gate_results import make_line, make_result, one_of_each, poisoned_line


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.seen.append(tag)


def tags(markdown: str) -> set[str]:
    parser = Tags()
    parser.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))
    return set(parser.seen)


def test_the_verdicts_stand_in_a_table_on_top() -> None:
    text = render_gate_markdown(make_result(make_line(GateVerdict.WARN)))

    assert text.startswith("## Gate: 1 cannot tell\n")
    assert "| ? WARN | demo | small (gpt-5-nano) | \u22121.0 points (\u22126.2 to +4.0) | 7.1 points |" in text
    assert "200 items can only see drops of 7.1 points (4 times in 5)" in text
    assert text.rstrip().endswith("- the baseline is old")


def test_hostile_text_has_no_effect_on_the_page() -> None:
    text = render_gate_markdown(one_of_each())

    assert tags(text) <= {
        *("h2", "h3", "p", "ul", "li", "strong", "em", "table", "thead", "tbody", "tr", "th", "td"),
        *("details", "summary"),
    }
    assert "\x1b" not in text
    assert "@all" not in text
    assert "::error::" not in text
    assert "##[" not in text.replace("\\", "")


def test_a_comment_holds_it_however_much_there_is_to_say() -> None:
    text = render_gate_markdown(make_result(*[poisoned_line() for _ in range(400)]))

    assert len(text) < 65_536
    assert "more are in the log and in junit.xml" in text
    assert "more | | | |" in text


def test_five_items_that_moved_most_are_shown_with_their_texts() -> None:
    text = render_gate_markdown(make_result(poisoned_line()))

    assert text.count("  - answered: ") == 5
    assert max(len(line) for line in text.splitlines()) < 2_000
