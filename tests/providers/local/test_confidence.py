import random

import pytest

from evalbench.core.evalset import Item
from evalbench.providers.local.confidence import fit_confidence, learn_confidence
from evalbench.providers.local.learned import Answer, Constant
from evalbench.providers.local.right import is_accepted_text
from tests.build import make_item


def test_evidence_that_tells_right_from_wrong_is_used() -> None:
    rng = random.Random(1)
    evidence = [(rng.gauss(0, 1),) for _ in range(400)]
    right = [rng.random() < (0.9 if value > 0 else 0.2) for (value,) in evidence]

    found = fit_confidence(evidence, right)

    assert found.of(Answer("", (1.5,))) > 0.8
    assert found.of(Answer("", (-1.5,))) < 0.3


def test_evidence_that_points_the_wrong_way_is_ignored() -> None:
    evidence = [(float(number),) for number in range(100)]

    found = fit_confidence(evidence, [number < 50 for number in range(100)])

    assert found.of(Answer("", (0.0,))) == pytest.approx(found.of(Answer("", (99.0,))))


def test_with_few_answers_there_is_only_the_base_rate() -> None:
    found = fit_confidence([(1.0,), (2.0,), (3.0,)], [True, True, False])

    assert found.of(Answer("", (9.0,))) == pytest.approx(3 / 5)


def test_nothing_is_certain_although_every_answer_was_right() -> None:
    found = fit_confidence([(float(number),) for number in range(50)], [True] * 50)

    assert found.of(Answer("", (99.0,))) == pytest.approx(51 / 52)


def test_no_answer_at_all_leaves_an_even_chance() -> None:
    found = fit_confidence([], [])

    assert found.of(Answer("", (1.0,))) == pytest.approx(0.5)


def test_evidence_of_another_sort_falls_back_on_the_base_rate() -> None:
    found = fit_confidence([(0.0, 1.0)] * 30, [True] * 20 + [False] * 10)

    assert found.of(Answer("", (0.0,))) == pytest.approx(2 / 3, abs=0.02)


def test_perfectly_separated_evidence_stays_within_bounds() -> None:
    evidence = [(float(number), float(number)) for number in range(100)]

    found = fit_confidence(evidence, [number >= 50 for number in range(100)])

    assert 0 < found.of(Answer("", (-500.0, -500.0))) < 0.1
    assert 0.9 < found.of(Answer("", (500.0, 500.0))) < 1


def test_items_of_one_group_are_held_out_together() -> None:
    items = [make_item(f"i{n}", f"text {n}", "yes", group=f"g{n % 5}") for n in range(40)]
    seen: list[set[str | None]] = []

    def learn(kept: object, seed: int) -> Constant:  # noqa: ARG001 - the seed is part of how models learn
        assert isinstance(kept, list)
        seen.append({item.group for item in kept if isinstance(item, Item)})
        return Constant("yes")

    learn_confidence(learn, items, is_accepted_text, 7)

    assert all(len(groups) < 5 for groups in seen)
    assert len(seen) >= 2
