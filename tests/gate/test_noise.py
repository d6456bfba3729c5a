from __future__ import annotations

import numpy as np
import pytest

from evalbench.gate.noise import flips, spread, variation
from evalbench.stats.clusters import Floats


def answers(items: int, repeats: int, seed: int = 1) -> Floats:
    """Independent repeats that differ on about one item in ten."""
    rng = np.random.default_rng(seed)
    chance = np.where(rng.random(items) < 0.2, 0.5, 1.0)
    return np.asarray(rng.random((items, repeats)) < chance[:, None], dtype=np.float64)


def test_repeats_tell_how_often_a_gate_flips_and_what_it_sees() -> None:
    found = flips(answers(300, 2), None, 0.05, "demo")

    assert found is not None
    assert found.is_repeated
    assert (found.checks, found.items) == (400, 300)
    assert found.failed <= 0.0275
    assert found.variance == pytest.approx(0.05, abs=0.01)
    assert found.detectable_drop == pytest.approx(3.168 * (found.variance / 300) ** 0.5, rel=1e-3)
    assert found.failed + found.passed + found.unclear == pytest.approx(1.0)


def test_items_asked_once_show_only_the_most_that_answers_could_vary() -> None:
    scores = answers(300, 1)

    found = flips(scores, None, 0.05, "demo")

    assert found is not None
    assert not found.is_repeated
    share = float(scores.mean())
    assert found.variance == pytest.approx(2 * share * (1 - share), rel=0.01)


def test_groups_make_a_gate_see_less() -> None:
    rng = np.random.default_rng(5)
    labels = np.arange(300) // 10
    shared = rng.random((30, 2))[labels] < 0.9
    scores = np.asarray(shared, dtype=np.float64)

    alone, grouped = flips(scores, None, 0.05, "demo"), flips(scores, labels, 0.05, "demo")

    assert alone is not None
    assert grouped is not None
    assert alone.detectable_drop is not None
    assert grouped.detectable_drop is not None
    assert grouped.detectable_drop > 1.3 * alone.detectable_drop


def test_one_item_is_no_check() -> None:
    assert flips(np.ones((1, 3)), None, 0.05, "demo") is None


def test_runs_that_differ_by_their_items_alone_show_no_shock() -> None:
    runs = answers(400, 4).T

    found = spread(list(runs))

    assert found is not None
    assert not found.is_shock
    assert found.runs == 4


def test_something_that_moves_whole_runs_is_seen() -> None:
    rng = np.random.default_rng(2)
    chance = np.clip(rng.beta(8, 2, 400), 0, 1)
    runs = [np.clip(chance + shift, 0, 1) for shift in (-0.04, 0.0, 0.05)]

    found = spread(runs)

    assert found is not None
    assert found.is_shock
    assert found.between_runs > 2 * found.from_items


def test_two_runs_say_nothing_of_how_runs_spread() -> None:
    assert spread([np.ones(5), np.ones(5)]) is None


@pytest.mark.parametrize("repeats", [1, 2, 3, 4])
def test_answers_that_never_differed_are_not_said_to_differ_never(repeats: int) -> None:
    found = flips(np.ones((100, repeats)), None, 0.05, "demo")

    assert found is not None
    assert found.variance == 0
    assert found.variance_high > 0
    assert found.detectable_drop is not None
    assert found.detectable_drop > 0.05


def test_what_went_unseen_has_the_exact_bound_of_no_case_in_so_many() -> None:
    found = flips(np.ones((100, 2)), None, 0.05, "demo")

    assert found is not None
    assert found.unseen_share == pytest.approx(1 - 0.05 ** (1 / 100))
    assert found.variance_high == pytest.approx(found.unseen_share / 2)


def test_one_item_that_differed_does_not_make_a_smaller_drop_visible() -> None:
    once = np.ones((100, 2))
    once[0, 0] = 0.0

    never, seen = flips(np.ones((100, 2)), None, 0.05, "demo"), flips(once, None, 0.05, "demo")

    assert never is not None
    assert seen is not None
    assert never.variance_high < seen.variance_high


@pytest.mark.parametrize("repeats", [1, 2, 3])
def test_the_most_that_answers_vary_is_rarely_too_small(repeats: int) -> None:
    rng, too_small, runs = np.random.default_rng(3), 0, 400
    wrong = 0.02
    true = 2 * wrong * (1 - wrong) / repeats

    for _ in range(runs):
        scores = np.asarray(rng.random((120, repeats)) > wrong, dtype=np.float64)
        found = variation(scores).high
        too_small += found < true

    assert too_small <= 0.07 * runs


def test_few_groups_of_answers_that_never_differed_show_no_drop() -> None:
    found = flips(np.ones((50, 2)), np.arange(50) // 10, 0.05, "demo")

    assert found is not None
    assert found.detectable_drop is None
    assert found.unseen_share == pytest.approx(1 - 0.05 ** (1 / 5))
