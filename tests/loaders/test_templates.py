from __future__ import annotations

import time

import pytest

from evalbench.loaders.templates import PromptTemplateError, compile_template

VALUES = {
    "input": "hello world",
    "labels": ["a", "b"],
    "meta": {"k": [1, 2]},
    "flag": True,
    "none": None,
    "n": 1.5,
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Say {{ input }}!", "Say hello world!"),
        ("{% for l in labels %}{{ loop.index }}:{{ l }} {% endfor %}", "1:a 2:b "),
        ("{% if flag and input == 'x' %}no{% elif n > 1 %}yes{% else %}no{% endif %}", "yes"),
        ("{{ labels | join(', ') }} {{ input | replace('world', 'you') | upper }}", "a, b HELLO YOU"),
        ("{{ meta }} {{ meta.k[0] }} {{ meta['k'] | tojson }}", '{"k": [1, 2]} 1 [1, 2]'),
        ("{{ flag }}{{ none }}{{ n }}", "true1.5"),
        ("{{ input.split() | last }} {{ input[:4] }} {{ input ~ '.' }}", "world hell hello world."),
        ("{{ missing | default('none') }}{{ missing is defined }}", "nonefalse"),
        ("<b>{{ '<i>' }}</b>", "<b><i></b>"),
        ("{# a remark #}x\n", "x"),
        ("{% set text = input %}{{ text }}", "hello world"),
    ],
)
def test_a_template_renders_what_its_author_means(source: str, text: str) -> None:
    assert compile_template(source).render(VALUES) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ input['__class__'] }}",
        "{{ input.mro }}",
        "{{ self }}",
        "{{ _steps }}",
        "{{ self._TemplateReference__context }}",
    ],
)
def test_a_template_that_reaches_for_python_internals_is_refused_unrendered(source: str) -> None:
    with pytest.raises(PromptTemplateError, match="reaches for Python internals"):
        compile_template(source)


@pytest.mark.parametrize(
    "source", ["{{ input['__cl' ~ 'ass__'] }}", "{{ labels.append }}", "{{ input.upper }}"]
)
def test_what_slips_past_the_reading_fails_in_the_rendering(source: str) -> None:
    template = compile_template(source)

    with pytest.raises(PromptTemplateError):
        template.render(VALUES)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        "{{ 'a' * 10000000000 }}",
        "{{ 10 ** 1000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x'.format(1) }}",
        "{{ input | center(1000000000) }}",
        "{{ input | attr('x') }}",
        "{{ input.ljust(1000000000) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{% macro a() %}{{ a() }}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% set x = [x, x] %}",
        "{% set x %}{{ input }}{% endset %}",
        "{% filter upper %}x{% endfilter %}",
        "{% for a in labels recursive %}{{ loop(labels) }}{% endfor %}",
        "{{ " + " ~ ".join(["input"] * 60) + " }}",
        "x" * 300_000,
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ input",
        "{% if %}",
    ],
)
def test_a_template_that_could_run_away_is_refused_at_once(source: str) -> None:
    started = time.perf_counter()

    with pytest.raises(PromptTemplateError):
        compile_template(source)

    assert time.perf_counter() - started < 2


def test_loops_within_loops_are_counted() -> None:
    loops = 12
    template = compile_template("{% for a in input %}" * loops + "{% endfor %}" * loops)

    with pytest.raises(PromptTemplateError, match="more than 100,000 loop steps"):
        template.render({"input": "many letters in a row"})


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in input %}{{ input }}{% endfor %}",
        "{{ input | replace('', input) }}",
        "{{ input | join(input) }}",
    ],
)
def test_output_is_bounded(source: str) -> None:
    template = compile_template(source)

    with pytest.raises(PromptTemplateError, match="grows beyond 20,000,000 characters"):
        template.render({"input": "x" * 50_000})


def test_a_missing_name_fails_in_the_rendering() -> None:
    template = compile_template("{{ input }} {{ absent }}")

    with pytest.raises(PromptTemplateError, match="'absent' is undefined"):
        template.render(VALUES)


def test_the_names_a_template_uses_come_with_their_lines() -> None:
    template = compile_template("{{ input }}\n{% for l in labels %}{{ l }}\n{{ extra }}{% endfor %}")

    assert template.names == {"input": 1, "labels": 2, "extra": 3}


@pytest.mark.parametrize(
    "source",
    [
        *("{{ x }}", "a {{ x }} b\n{{ n }}{{ many }}", "plain", "{{x}}{{ nothing }}\n", "é {{ yes }}"),
        "{% set y = x %}{{ y }}{{ x }}",
        "{{ x }}{% set x = n %}{{ x }}\n{% set z = x %} {{ z }}",
        "{% set x = n %}{% set n = yes %}{{ x }}{{ n }}",
    ],
)
def test_a_plain_template_reads_the_same_without_the_engine(source: str) -> None:
    values = {"x": "<&{{ x }}", "n": 1.5, "many": ["a", 1], "nothing": None, "yes": True}
    template = compile_template(source)

    assert template.pieces is not None
    assert template.render(values) == "".join(template.compiled.generate(values))


def test_a_plain_template_misses_its_column_in_the_same_words() -> None:
    with pytest.raises(PromptTemplateError, match="'x' is undefined"):
        compile_template("a {{ x }}").render({"y": "b"})
