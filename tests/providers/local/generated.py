"""Small sets with a known pattern, and a quick way to ask a rung about them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from evalbench.core.completion import Completion
from evalbench.core.evalset import Item, JsonValue, TaskKind
from evalbench.core.models import Model
from evalbench.core.plan import Request
from evalbench.core.sight import Sight
from evalbench.providers.local.provider import LocalProvider
from tests.build import make_item, make_task

TOPICS = {
    "billing": ("invoice", "refund", "charge", "payment", "price"),
    "delivery": ("parcel", "courier", "address", "arrive", "track"),
    "account": ("password", "login", "username", "profile", "email"),
}
INPUT_ALONE = Sight()
FILLER = ("please", "help", "today", "my", "the", "about", "again", "soon", "thanks", "hello")


def complaints(count: int, seed: int, noise: float = 0.0) -> list[Item]:
    """Texts about one of three topics; a share of `noise` carries a label drawn at random."""
    rng = random.Random(seed)
    items = []
    for number in range(count):
        topic = rng.choice(sorted(TOPICS))
        words = rng.sample(TOPICS[topic], 2) + rng.sample(FILLER, 5)
        rng.shuffle(words)
        label = rng.choice(sorted(TOPICS)) if rng.random() < noise else topic
        items.append(make_item(f"c{number}", " ".join(words), label))
    return items


def orders(count: int, seed: int) -> list[Item]:
    """Messages with an order number among other numbers, and mostly with a mail address."""
    rng = random.Random(seed)
    items = []
    for number in range(count):
        order, ticket = f"SO-{rng.randint(10_000, 99_999)}", f"TK-{rng.randint(10_000, 99_999)}"
        name = rng.choice(("Anna", "Omar", "Lena", "Hugo"))
        parts = [f"My order {order} is late.", f"Your ticket {ticket} is closed."]
        rng.shuffle(parts)
        target: dict[str, JsonValue] = {"order": order}
        if rng.random() < 0.7:
            parts.append(f"Write to {name}.Berg@Example.org please.")
            target["email"] = f"{name.lower()}.berg@example.org"
        items.append(make_item(f"o{number}", " ".join(parts), target))
    return items


def provider(rung: str, train: Sequence[Item], sight: Sight = INPUT_ALONE, **task: Any) -> LocalProvider:
    """A rung that has learned."""
    made = make_task(**task)
    found = LocalProvider(rung, 7, made, sight)
    found.fit(train, made)
    return found


def ask(rung: LocalProvider, item: Item) -> Completion:
    """What a rung answers to one item."""
    request = Request("demo", item.id, rung.name, Model(f"local/{rung.name}"), item.prompt)
    answer = rung.answer(request)
    assert isinstance(answer, Completion)
    return answer


def accuracy(rung: str, train: Sequence[Item], test: Sequence[Item]) -> float:
    """The share of test items whose label a rung finds."""
    learned = provider(rung, train, kind=TaskKind.CLASSIFICATION)
    return sum(bool(ask(learned, item).text == item.target) for item in test) / len(test)
