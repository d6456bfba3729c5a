import json
import random

import pytest

from evalbench.core.evalset import Item, JsonValue, TaskKind
from evalbench.providers.local.ladder import RUNGS
from tests.build import make_item
from tests.providers.local.generated import ask, provider


def tables(count: int, seed: int) -> list[Item]:
    """Tables with quoted cells, under one of two instructions."""
    rng = random.Random(seed)
    items = []
    for number in range(count):
        is_text = rng.random() < 0.5
        amounts = [rng.randint(1, 99) for _ in range(3)]
        names = [rng.choice(('"Berg, Anna"', "Omar", "Lena")) for _ in amounts]
        lines = [f"{name},{amount}" for name, amount in zip(names, amounts, strict=True)]
        head = "Keep every value as text, also numbers." if is_text else "Numbers become JSON numbers."
        target = [
            {"name": name.strip('"'), "amount": str(amount) if is_text else amount}
            for name, amount in zip(names, amounts, strict=True)
        ]
        items.append(make_item(f"t{number}", f"{head}\n\nname,amount\n" + "\n".join(lines), target))
    return items


def share_right(rung: str, train: list[Item], test: list[Item]) -> float:
    learned = provider(rung, train, kind=TaskKind.REFORMATTING)
    return sum(bool(json.loads(ask(learned, item).text) == item.target) for item in test) / len(test)


def test_every_rung_can_do_more_than_the_one_below() -> None:
    train, test = tables(60, 1), tables(60, 2)

    small, medium, large = (share_right(rung, train, test) for rung in ("small", "medium", "large"))

    assert small < medium < large
    assert large == 1.0


def test_an_instruction_in_other_words_is_guessed_from_them() -> None:
    learned = provider("large", tables(60, 1), kind=TaskKind.REFORMATTING)

    answer = ask(learned, make_item(text="Please keep each value as text.\n\nname,amount\nOmar,5"))

    assert json.loads(answer.text) == [{"name": "Omar", "amount": "5"}]


@pytest.mark.parametrize("rung", RUNGS)
def test_dates_alone_are_rewritten(rung: str) -> None:
    train = [make_item(f"i{n}", f"{n:02d}.05.2024", f"2024-05-{n:02d}") for n in range(1, 25)]
    learned = provider(rung, train, kind=TaskKind.REFORMATTING)

    answer = ask(learned, make_item(text="30.06.2023"))

    assert answer.text == "2023-06-30"


@pytest.mark.parametrize(
    ("rung", "text", "html"),
    [
        ("small", "# Title", "<h1>Title</h1>"),
        ("medium", "- a\n- *b*", "<ul>\n<li>a</li>\n<li><em>b</em></li>\n</ul>"),
        ("medium", "```py\n1 < 2\n```", '<pre><code class="language-py">1 &lt; 2\n</code></pre>'),
        ("medium", "> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("large", "1. a\n   - b", "<ol>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ol>"),
    ],
)
def test_markdown_becomes_html(rung: str, text: str, html: str) -> None:
    train = [
        make_item(
            f"i{n}", f"# Part {n}\n\nText **{n}**.", f"<h1>Part {n}</h1>\n<p>Text <strong>{n}</strong>.</p>"
        )
        for n in range(12)
    ]
    learned = provider(rung, train, kind=TaskKind.REFORMATTING)

    answer = ask(learned, make_item(text=text))

    assert answer.text == html


def test_what_no_conversion_explains_is_answered_as_before() -> None:
    targets: list[JsonValue] = ["alpha", "beta"]
    train = [make_item(f"i{n}", f"code {n % 2} {n}", targets[n % 2]) for n in range(20)]
    learned = provider("large", train, kind=TaskKind.REFORMATTING)

    answer = ask(learned, make_item(text="code 1 99"))

    assert answer.text in {"alpha", "beta"}
