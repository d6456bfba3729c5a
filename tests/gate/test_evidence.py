from __future__ import annotations

import math

import numpy as np
import pytest

from evalbench.gate.evidence import Pairs, examine, noise_of
from evalbench.stats.clusters import Floats
from evalbench.stats.metrics import micro_f1
from evalbench.stats.visible import drop_of_losses, fewest_losses


def column(*scores: float) -> Floats:
    return np.array(scores, dtype=np.float64).reshape(-1, 1)


def seeded() -> np.random.Generator:
    return np.random.default_rng(1)


def from_differences(differences: list[float]) -> tuple[Floats, Floats]:
    after = [0.5 + each / 2 for each in differences]
    before = [0.5 - each / 2 for each in differences]
    return column(*before), column(*after)


@pytest.mark.parametrize(
    ("differences", "clusters", "p_worse"),
    [
        ([-0.2, -0.1, -0.3, 0.1, -0.4, -0.2], None, 0.046875),
        ([-0.2, -0.1, -0.3, 0.1, -0.4, -0.2], [0, 0, 1, 1, 2, 2], 0.125),
        ([0.0, 0.0, 0.0], None, 1.0),
    ],
)
def test_signs_of_graded_scores_are_flipped_exactly(
    differences: list[float], clusters: list[int] | None, p_worse: float
) -> None:
    labels = None if clusters is None else np.array(clusters)
    before, after = from_differences([0.9 * each for each in differences])

    found = examine(Pairs(before, after, labels), 0.05, seeded())

    assert found is not None
    assert found.p_worse == pytest.approx(p_worse)
    assert found.test == "sign_flip"


def test_right_and_wrong_asked_once_is_mcnemars_mid_p() -> None:
    before, after = column(0, *[1] * 7, *[1] * 13), column(1, *[0] * 7, *[1] * 13)

    found = examine(Pairs(before, after), 0.05, seeded())

    assert found is not None
    assert (found.test, found.wins, found.losses) == ("mcnemar_mid_p", 1, 7)
    assert found.p_worse == pytest.approx(0.0195313, rel=1e-5)
    assert found.low == pytest.approx(-0.486283, rel=1e-5)
    assert found.high == pytest.approx(-0.0685421, rel=1e-5)


@pytest.mark.parametrize("is_grouped", [True, False])
def test_a_group_column_or_repeats_switch_the_test(*, is_grouped: bool) -> None:
    before, after = np.ones((40, 1)), np.tile([[1.0], [0.0]], (20, 1))
    pairs = (
        Pairs(before, after, np.arange(40) // 2) if is_grouped else Pairs(np.ones((40, 2)), np.ones((40, 2)))
    )

    found = examine(pairs, 0.05, seeded())

    assert found is not None
    assert found.test == "sign_flip"


def test_groups_that_fall_together_are_one_loss_each() -> None:
    before, after = np.ones((60, 1)), np.concatenate([np.zeros((20, 1)), np.ones((40, 1))])

    alone = examine(Pairs(before, after), 0.05, seeded())
    grouped = examine(Pairs(before, after, np.arange(60) // 10), 0.05, seeded())

    assert alone is not None
    assert grouped is not None
    assert alone.p_worse < 1e-5
    assert grouped.p_worse == pytest.approx(0.25)


def test_a_corpus_metric_is_tested_by_swapping() -> None:
    before = np.tile([3.0, 0.0, 0.0], (60, 1))
    after = before.copy()
    after[:20] = [1.0, 2.0, 2.0]
    scores = np.ones((60, 1)), np.where(np.arange(60)[:, None] < 20, 1 / 3, 1.0)

    found = examine(Pairs(*scores, counts=(before, after), metric=micro_f1), 0.05, seeded())

    assert found is not None
    assert found.test == "swap"
    assert found.difference == pytest.approx(micro_f1(after.sum(axis=0)) - 1.0)
    assert found.p_worse == pytest.approx(1e-4)


def test_nothing_in_common_is_no_evidence() -> None:
    assert examine(Pairs(column(math.nan, 1.0), column(1.0, math.nan)), 0.05, seeded()) is None


def test_noise_of_answers_asked_twice_is_the_share_that_differs() -> None:
    before = np.array([[1.0, 0.0]] * 10 + [[1.0, 1.0]] * 90)

    # Half the differing pairs is the variance within an item; one answer a side has twice that.
    assert noise_of(before, 1) == pytest.approx(0.05 * (1 / 2 + 1))
    assert noise_of(before[:, :1], 1) is None


def test_the_drop_that_could_be_seen_follows_from_the_repeats_of_the_baseline() -> None:
    rng = seeded()
    before = (rng.random((200, 3)) < 0.9).astype(np.float64)
    after = (rng.random((200, 1)) < 0.9).astype(np.float64)
    noise = noise_of(before, 1)

    found = examine(Pairs(before, after), 0.05, rng)

    assert found is not None
    assert noise is not None
    assert found.is_noise_known
    assert found.drop_at(0.01) == pytest.approx((2.326348 + 0.841621) * math.sqrt(noise / 200), rel=1e-5)


def test_more_change_than_repeats_explain_is_not_hidden_behind_them() -> None:
    before = np.repeat([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]], 100, axis=0)
    after = before[:, :1].copy()
    after[80:120] = 1 - after[80:120]

    found = examine(Pairs(before, after), 0.05, seeded())

    assert found is not None
    assert found.drop_at(0.01) == pytest.approx((2.326348 + 0.841621) * math.sqrt(0.2 / 200), rel=1e-5)


def test_a_drop_does_not_count_as_noise_that_hides_it() -> None:
    before = np.ones((200, 3))
    after = np.concatenate([np.zeros((60, 1)), np.ones((140, 1))])

    found = examine(Pairs(before, after), 0.05, seeded())

    assert found is not None
    assert found.drop_at(0.01) == pytest.approx(drop_of_losses(7, 200))


def test_steady_answers_do_not_make_every_drop_visible() -> None:
    same = np.ones((100, 1))

    found = examine(Pairs(same, same), 0.05, seeded())

    assert found is not None
    assert found.drop_at(0.01) == pytest.approx(drop_of_losses(6, 100))
    assert math.isinf(drop_of_losses(6, 5))


def test_steady_graded_answers_do_not_make_every_drop_visible() -> None:
    same = np.full((200, 2), 0.7)

    found = examine(Pairs(same, same), 0.05, seeded())

    assert found is not None
    assert found.drop_at(0.01) == pytest.approx((2.326348 + 0.841621) * math.sqrt(2 / 202 / 200), rel=1e-5)


@pytest.mark.parametrize(("is_mid_p", "fewest"), [(True, 6), (False, 7)])
def test_so_many_losses_are_what_an_exact_test_needs(*, is_mid_p: bool, fewest: int) -> None:
    assert fewest_losses(0.01, is_mid_p=is_mid_p) == fewest


def test_the_drop_of_so_many_losses_has_the_power_it_says() -> None:
    drop = drop_of_losses(6, 100, 0.8)
    losses = np.random.default_rng(3).binomial(100, drop, 40_000)

    assert (losses >= 6).mean() == pytest.approx(0.8, abs=0.01)
