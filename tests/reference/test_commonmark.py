"""Every construct of CommonMark 0.31: what it means, other ways to write it, and what only looks alike.

The HTML was written by hand from the specification's rules, and is not what a program made of the Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from markdown_it import MarkdownIt

from evalbench.graders.reformat import Reformat
from tests.build import make_item, make_task

RENDER = MarkdownIt("commonmark").render


@dataclass(frozen=True, slots=True)
class Construct:
    """Markdown, the same written otherwise, the HTML of both, and Markdown that says something else."""

    name: str
    markdown: str
    otherwise: str
    html: str
    lookalike: str


CONSTRUCTS = (
    Construct(
        "tab",
        "-\ttea\n\n\tgreen",
        "- tea\n\n  green",
        "<ul><li><p>tea</p><p>green</p></li></ul>",
        "- tea\n\n\t\tgreen",
    ),
    Construct("backslash escape", r"\*plain\*", "&#42;plain&ast;", "<p>*plain*</p>", "*plain*"),
    Construct("backslash before a letter", r"C:\temp", r"C:\\temp", "<p>C:\\temp</p>", "C:temp"),
    Construct(
        "named reference", "caf&eacute; &amp; bar", "café & bar", "<p>café &#38; bar</p>", "caf&eacut; & bar"
    ),
    Construct("numeric reference", "&#65;&#x42;", "AB", "<p>AB</p>", "&#65;&#x43;"),
    Construct("code span", "run `ls -l`", "run ``ls -l``", "<p>run <code>ls -l</code></p>", "run `ls -a`"),
    Construct("code span with a backtick", "`` a`b ``", "```a`b```", "<p><code>a`b</code></p>", "`` a'b ``"),
    Construct(
        "code span over two lines", "`one\ntwo`", "`one two`", "<p><code>one two</code></p>", "`onetwo`"
    ),
    Construct(
        "thematic break",
        "up\n\n---\n\ndown",
        "up\n* * *\ndown",
        "<p>up</p><hr><p>down</p>",
        "up\n---\n\ndown",
    ),
    Construct("atx heading", "### Rain", "### Rain ###", "<h3>Rain</h3>", "#### Rain"),
    Construct("atx heading without a space", "#Rain", r"\#Rain", "<p>#Rain</p>", "# Rain"),
    Construct("empty heading", "##", "## ##", "<h2></h2>", "#"),
    Construct("setext heading", "Snow\n====", "# Snow", "<h1>Snow</h1>", "Snow\n----"),
    Construct(
        "setext heading of two lines",
        "Snow\nand ice\n---",
        "Snow\nand ice\n-",
        "<h2>Snow and ice</h2>",
        "Snow\n\nand ice\n---",
    ),
    Construct(
        "indented code",
        "    x = 1\n\n    y = 2",
        "\tx = 1\n\n\ty = 2",
        "<pre><code>x = 1\n\ny = 2\n</code></pre>",
        "   x = 1\n\n   y = 2",
    ),
    Construct(
        "fenced code",
        "```py\nx < 1\n```",
        "~~~~ py\nx < 1\n~~~~",
        '<pre><code class="language-py">x &lt; 1\n</code></pre>',
        "```js\nx < 1\n```",
    ),
    Construct(
        "fence that is never closed",
        "~~~\nend\n",
        "```\nend\n```",
        "<pre><code>end\n</code></pre>",
        "``\nend\n``",
    ),
    Construct(
        "fence inside a fence",
        "````\n```\n````",
        "~~~\n```\n~~~",
        "<pre><code>```\n</code></pre>",
        "```\n```\n````",
    ),
    Construct(
        "html block",
        "<div>\n*raw*\n</div>",
        "<div>\n*raw*\n</div>\n",
        "<div>*raw*</div>",
        "<div>\n\n*raw*\n\n</div>",
    ),
    Construct(
        "html comment",
        "<!-- gone -->\n\nhere",
        "<!-- gone -->\n\n\nhere",
        "<p>here</p>",
        "< !-- gone -->\n\nhere",
    ),
    Construct("paragraphs", "one\n\ntwo", "  one\n\n\n\ntwo", "<p>one</p><p>two</p>", "one\ntwo"),
    Construct("soft line break", "one\ntwo", "one\n   two", "<p>one two</p>", "one  \ntwo"),
    Construct("hard line break", "one  \ntwo", "one\\\ntwo", "<p>one<br>two</p>", "one\ntwo"),
    Construct(
        "block quote", "> said\n> he", ">said\nhe", "<blockquote><p>said he</p></blockquote>", "> said\n\nhe"
    ),
    Construct(
        "nested block quote",
        "> > deep",
        ">>deep",
        "<blockquote><blockquote><p>deep</p></blockquote></blockquote>",
        "> deep",
    ),
    Construct(
        "heading in a block quote", "> # Top", ">#   Top #", "<blockquote><h1>Top</h1></blockquote>", "# Top"
    ),
    Construct(
        "bullet list", "- red\n- blue", "+ red\n+ blue", "<ul><li>red</li><li>blue</li></ul>", "- red\n+ blue"
    ),
    Construct(
        "loose list",
        "* red\n\n* blue",
        "- red\n\n- blue",
        "<ul><li><p>red</p></li><li><p>blue</p></li></ul>",
        "* red\n\n  blue",
    ),
    Construct(
        "nested list", "- a\n  - b", "* a\n  + b", "<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n- b"
    ),
    Construct(
        "ordered list",
        "1. up\n2. down",
        "1. up\n9. down",
        "<ol><li>up</li><li>down</li></ol>",
        "1. up\n2) down",
    ),
    Construct(
        "ordered list from seven",
        "7. up\n8. down",
        "07. up\n08. down",
        '<ol start="7"><li>up</li><li>down</li></ol>',
        "8. up\n9. down",
    ),
    Construct(
        "number that starts no list",
        "in\n1984. Then",
        "in\n1984\\. Then",
        "<p>in 1984. Then</p>",
        "in\n\n1984. Then",
    ),
    Construct(
        "code in a list",
        "1. do\n\n       make",
        "1. do\n\n   ```\n   make\n   ```",
        "<ol><li><p>do</p><pre><code>make\n</code></pre></li></ol>",
        "1. do\n\n   make",
    ),
    Construct("emphasis", "*soft*", "_soft_", "<p><em>soft</em></p>", "**soft**"),
    Construct("strong emphasis", "**loud**", "__loud__", "<p><strong>loud</strong></p>", "*loud*"),
    Construct(
        "both emphases", "***very***", "*__very__*", "<p><em><strong>very</strong></em></p>", "***very**"
    ),
    Construct(
        "emphasis within a word",
        "un*believ*able",
        "un*believ*&#97;ble",
        "<p>un<em>believ</em>able</p>",
        "un_believ_able",
    ),
    Construct(
        "underscore within a word",
        "snake_case_name",
        r"snake\_case\_name",
        "<p>snake_case_name</p>",
        "snake*case*name",
    ),
    Construct("link", "[shop](/s)", "[shop](</s>)", '<p><a href="/s">shop</a></p>', "[shop] (/s)"),
    Construct(
        "link with a title",
        '[shop](/s "Open")',
        "[shop](/s 'Open')",
        '<p><a title="Open" href="/s">shop</a></p>',
        "[shop](/s)",
    ),
    Construct(
        "link with emphasis",
        "[*our* shop](/s)",
        "[_our_ shop](/s)",
        '<p><a href="/s"><em>our</em> shop</a></p>',
        "*[our shop](/s)*",
    ),
    Construct(
        "link with spaces", "[map](<a b>)", "[map](a%20b)", '<p><a href="a%20b">map</a></p>', "[map](a b)"
    ),
    Construct(
        "reference link",
        "[shop][s]\n\n[s]: /s",
        "[shop](/s)",
        '<p><a href="/s">shop</a></p>',
        "[shop][t]\n\n[s]: /s",
    ),
    Construct(
        "collapsed reference",
        "[Shop][]\n\n[shop]: /s",
        "[Shop](/s)",
        '<p><a href="/s">Shop</a></p>',
        "[Shop]\n[]\n\n[shops]: /s",
    ),
    Construct(
        "shortcut reference",
        "[Shop]\n\n[shop]: /s",
        "[Shop]\n\n[SHOP]: </s>",
        '<p><a href="/s">Shop</a></p>',
        "[Shop]\n\n[hop]: /s",
    ),
    Construct(
        "first definition of two",
        "[a]\n\n[a]: /1\n[a]: /2",
        "[a](/1)",
        '<p><a href="/1">a</a></p>',
        "[a]\n\n[a]: /2\n[a]: /1",
    ),
    Construct(
        "image",
        "![a cat](c.png)",
        "![a cat](<c.png>)",
        '<p><img alt="a cat" src="c.png"></p>',
        "[a cat](c.png)",
    ),
    Construct(
        "image with emphasis",
        "![a *cat*](c.png)",
        "![a _cat_](c.png)",
        '<p><img src="c.png" alt="a cat"></p>',
        "![a dog](c.png)",
    ),
    Construct(
        "image as a link",
        "[![cat](c.png)](/c)",
        "[![cat](c.png)](</c>)",
        '<p><a href="/c"><img src="c.png" alt="cat"></a></p>',
        "![cat](c.png)(/c)",
    ),
    Construct(
        "autolink",
        "<http://a.example/b>",
        "[http://a.example/b](http://a.example/b)",
        '<p><a href="http://a.example/b">http://a.example/b</a></p>',
        "http://a.example/b",
    ),
    Construct(
        "autolink of an address",
        "<me@a.example>",
        "[me@a.example](mailto:me@a.example)",
        '<p><a href="mailto:me@a.example">me@a.example</a></p>',
        "me@a.example",
    ),
    Construct(
        "raw html",
        "press <kbd>F1</kbd>",
        "press <kbd>F&#49;</kbd>",
        "<p>press <kbd>F1</kbd></p>",
        r"press \<kbd>F1\</kbd>",
    ),
    Construct("no raw html", "1 < 2 > 0", r"1 &lt; 2 \> 0", "<p>1 &lt; 2 &gt; 0</p>", "1 <b> 0"),
)
NAMES = [construct.name for construct in CONSTRUCTS]


def graded(form: str, answer: str, target: str) -> float:
    return Reformat({"format": form}, make_task()).grade(answer, make_item(target=target)).value


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=NAMES)
def test_the_html_of_a_construct_is_right_and_that_of_its_lookalike_is_not(construct: Construct) -> None:
    for markdown in (construct.markdown, construct.otherwise):
        assert graded("html", RENDER(markdown), construct.html) == 1.0, RENDER(markdown)

    assert graded("html", RENDER(construct.lookalike), construct.html) == 0.0, RENDER(construct.lookalike)


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=NAMES)
def test_the_same_markdown_written_otherwise_is_right_and_its_lookalike_is_not(construct: Construct) -> None:
    assert graded("markdown", construct.otherwise, construct.markdown) == 1.0
    assert graded("markdown", construct.lookalike, construct.markdown) == 0.0
