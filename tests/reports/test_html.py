from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from evalbench.core.recommendation import Finding, MonthlyBill, Outcome
from evalbench.core.run import TaskRun
from evalbench.reports.html import CompiledTemplates, prose, render_html
from tests.build import make_item
from tests.reports.build_findings import (
    ANSWER_OF_ONE_MEGABYTE,
    LABELS,
    SCRIPT,
    all_findings,
    hostile_finding,
    inconclusive_finding,
    make_answers,
    make_confusion,
    make_run,
    recommended_finding,
)

VOID = {"meta", "br", "hr", "img", "input", "link", "line", "circle", "rect", "polyline"}


class _Page(HTMLParser):
    """Collects what a browser would see: elements, attributes and whether tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)
        self.ids.extend(value or "" for name, value in attrs if name == "id")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def _parsed(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page


def _render(*findings: Finding, with_texts: bool = True) -> str:
    return render_html(make_run(*findings), findings, with_texts=with_texts)


def test_nothing_is_loaded_from_anywhere() -> None:
    html = render_html(make_run(*all_findings()), all_findings(), MonthlyBill(12_400, 4_260, 4_100, 4_480))

    page = _parsed(html)
    links = [value for name, value in page.attributes if name in ("src", "href", "action", "data", "poster")]
    assert all(link.startswith("#") for link in links)
    assert "://" not in re.sub(r'<div class="text".*?</div>', "", html, flags=re.DOTALL)
    assert not re.search(r"@import|url\(", html)


def test_the_policy_allows_this_one_script_and_nothing_else() -> None:
    html = _render(recommended_finding())

    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert "default-src 'none'" in html
    assert "style-src 'unsafe-inline'" in html


def test_hostile_text_stays_text() -> None:
    page = _parsed(_render(hostile_finding()))

    assert page.elements.count("script") == 1
    assert "b" not in page.elements


def test_hostile_text_can_be_read_as_it_was_written() -> None:
    html = _render(hostile_finding())

    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html
    assert SCRIPT not in html


def test_no_control_character_reaches_the_page() -> None:
    html = _render(hostile_finding())

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", html)
    assert "\u241b" in html


def test_the_page_can_be_written_as_utf_8() -> None:
    assert _render(hostile_finding()).encode("utf-8")


def test_the_tags_are_balanced_and_no_id_is_used_twice() -> None:
    page = _parsed(_render(*all_findings()))

    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_reference_to_an_id_leads_somewhere() -> None:
    page = _parsed(_render(*all_findings()))

    wanted = {word for name, value in page.attributes if name == "aria-labelledby" for word in value.split()}
    wanted |= {value[1:] for name, value in page.attributes if name == "href"}
    assert wanted <= set(page.ids)


def test_every_chart_has_a_title_and_a_description() -> None:
    html = _render(recommended_finding())

    charts = re.findall(r'<svg class="(?:wide|narrow)".*?</svg>', html, flags=re.DOTALL)
    assert len(charts) == 2
    assert all("<title" in chart and "<desc" in chart for chart in charts)


def test_a_megabyte_answer_is_shortened_with_a_note() -> None:
    html = _render(hostile_finding())

    assert len(html) < 200_000
    assert f"{len(ANSWER_OF_ONE_MEGABYTE):,} characters in all" in html


def test_an_unknown_cost_is_never_free() -> None:
    finding = inconclusive_finding()
    unknown = dataclasses.replace(finding, estimates=finding.estimates[:1])

    html = _render(unknown)

    assert "cost unknown" in html
    assert "unknown" in html
    assert not re.search(r"\$0(?![.\d])", html)


def test_a_classical_model_is_called_one() -> None:
    assert "classical, not a language model" in _render(recommended_finding())


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Outcome.RECOMMENDED, "USE"),
        (Outcome.PROVISIONAL, "LIKELY"),
        (Outcome.INCONCLUSIVE, "CANNOT TELL YET"),
        (Outcome.NO_TIER_QUALIFIES, "NONE QUALIFIES"),
    ],
)
def test_an_outcome_is_said_in_a_word_and_not_by_colour_alone(outcome: Outcome, word: str) -> None:
    finding = recommended_finding()
    changed = dataclasses.replace(finding.recommendation, outcome=outcome)

    html = _render(dataclasses.replace(finding, recommendation=changed))

    assert f"</span> {word}</span>" in html


def test_without_texts_no_prompt_answer_target_or_reading_is_inside() -> None:
    findings = all_findings()

    html = _render(*findings, with_texts=False)

    secrets = {"private question", "what is the total", "HYPERLINK", "long answer", "no answer for", *LABELS}
    assert [secret for secret in sorted(secrets) if secret in html] == []
    assert "t-001" in html
    assert "label 1" in html


def test_with_texts_the_reader_sees_what_went_wrong() -> None:
    html = _render(recommended_finding())

    assert "private question 1" in html
    assert "small</bdi> did worse on 10" in html


def test_ten_thousand_items_do_not_make_ten_thousand_rows() -> None:
    small = recommended_finding()
    ids = [f"i{number:05d}" for number in range(10_000)]
    answers: dict[str, str | None] = {"small": "wrong", "large": "right"}
    big = TaskRun(
        small.run.task,
        small.run.models,
        tuple(make_item(item_id, "a question", "right") for item_id in ids),
        tuple(trial for item_id in ids for trial in make_answers(item_id, answers, "right")),
        "label@1",
        "big@1",
    )

    html = _render(dataclasses.replace(small, run=big))

    assert len(_parsed(html).elements) < 1_500
    assert "did worse on 10,000 (worst 10 shown)" in html


def test_many_labels_are_shown_as_their_commonest_mix_ups() -> None:
    labels = tuple(f"label-{number}" for number in range(80))
    finding = dataclasses.replace(recommended_finding(), confusions=(make_confusion("small", labels),))

    html = _render(finding)

    assert "Most frequent mix-ups" in html
    assert 'class="matrix"' not in html
    assert "20 better ones are not shown" in html


def test_a_task_without_any_score_is_still_reported() -> None:
    finding = recommended_finding()
    estimates = tuple(dataclasses.replace(found, score=None) for found in finding.estimates)

    html = _render(dataclasses.replace(finding, estimates=estimates, comparisons=()))

    assert "nothing to draw" in html


def test_the_limits_of_the_method_are_said() -> None:
    html = _render(recommended_finding())

    for word in ("Tango", "Holm", "Wilson", "alpha", "training", "chosen after seeing the result"):
        assert word in html


def test_the_command_and_the_signature_are_there_to_repeat_it() -> None:
    html = _render(recommended_finding())

    command = (
        "evalbench run evalsets/support-triage --tiers classical,small,medium,large"
        " --target category --max-drop 0.05 --seed 7"
    )
    assert command in html
    assert recommended_finding().run.signature in html


def test_the_same_run_gives_the_same_page() -> None:
    assert _render(*all_findings()) == _render(*all_findings())


def test_a_sentence_keeps_its_units_and_sets_its_code() -> None:
    assert prose("right on 95 % <b>; give `price:`") == "right on 95\u00a0% &lt;b&gt;; give <code>price:</code>"


def test_markup_inside_code_stays_text() -> None:
    assert prose(f"`{SCRIPT}`").count("<") == 2


def test_one_source_of_costs_is_named_once() -> None:
    finding = recommended_finding()
    noted = tuple(dataclasses.replace(found, price_note="as recorded") for found in finding.estimates)
    finding = dataclasses.replace(finding, estimates=noted)

    html = render_html(make_run(finding), [finding])

    assert html.count("as recorded") == 1
    assert "Cost of <bdi>classical, small, medium, large</bdi>: as recorded" in html


def test_the_time_of_the_slowest_answers_carries_its_bound() -> None:
    finding = recommended_finding()
    timed = tuple(
        dataclasses.replace(found, latency=found.latency and dataclasses.replace(found.latency, p95_high=6.5))
        for found in finding.estimates
    )
    finding = dataclasses.replace(finding, estimates=timed)

    assert '<span class="under">at most 6.50 s</span>' in render_html(make_run(finding), [finding])


def test_the_page_says_how_surely_a_tier_pays_off_and_how_it_stands() -> None:
    html = _render(recommended_finding())

    assert html.count("USD that one right answer is worth, log scale") == 1
    assert "small: 100 % where a right answer is worth $0.001" in html
    assert "$0.83 per extra right answer of the dearer one ($0.41 to $2.90)" in html
    assert '83 %<span class="under">a mix of two others is better</span>' in html


def test_a_page_without_known_costs_has_no_such_chart() -> None:
    assert "USD that one right answer is worth" not in _render(inconclusive_finding())


class NoCompiler(Environment):
    def compile(self, *what: Any, **how: Any) -> Any:
        raise AssertionError(what, how)


def compiled_in(folder: Path, *, keeps: bool = True, kind: type[Environment] = Environment) -> str:
    environment = kind(
        loader=DictLoader({"page": "{{ name }}"}),
        bytecode_cache=CompiledTemplates(folder, keeps=keeps),
        autoescape=True,
    )
    return environment.get_template("page").render(name="it is there")


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        compiled_in(tmp_path, kind=NoCompiler)
    compiled_in(tmp_path)

    assert compiled_in(tmp_path, kind=NoCompiler) == "it is there"


def test_where_nothing_is_to_be_kept_nothing_is(tmp_path: Path) -> None:
    assert compiled_in(tmp_path, keeps=False) == "it is there"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_keep_anything_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    assert compiled_in(tmp_path / "file") == "it is there"
    assert compiled_in(tmp_path / "missing") == "it is there"
