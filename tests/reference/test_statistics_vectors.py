"""Published and independently computed numbers that the statistics must reproduce to six digits.

Provenance: intervals, exact McNemar, Holm, Benjamini-Hochberg and cluster standard errors from
statsmodels; the paired score test from the R packages ratesci and PropCIs and the examples of
Fagerland, Lydersen and Laake (2014); the rest from direct evaluation of the formulas.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from evalbench.stats.costs import fieller_interval, ratio_standard_error
from evalbench.stats.exact import exact_unconditional_p, mcnemar_exact, mcnemar_mid_p
from evalbench.stats.intervals import clopper_pearson_interval, standard_error, wilson_interval
from evalbench.stats.jackknife import corpus_evidence
from evalbench.stats.metrics import micro_f1
from evalbench.stats.multiple import benjamini_hochberg, fixed_sequence, holm
from evalbench.stats.paired import paired_interval, paired_test
from evalbench.stats.power import detectable_drop, items_needed, items_needed_simple
from evalbench.stats.score_test import tango_z
from evalbench.stats.tails import fewest_calls, items_for_rate, percentile_rank


def six_digits(value: float) -> object:
    return pytest.approx(value, rel=5e-6, abs=5e-7)


def outcomes(items: int, wins: int, losses: int) -> NDArray[np.float64]:
    return np.repeat([1.0, -1.0, 0.0], [wins, losses, items - wins - losses])


ONE_RATE = [  # T1: successes, trials, Wilson low, high, Clopper-Pearson low, high, one-sided lower
    (0, 20, 0, 0.161125, 0, 0.168433, 0),
    (20, 20, 0.838875, 1, 0.831567, 1, 0.860892),
    (9, 10, 0.59585, 0.982124, 0.554984, 0.997471, 0.605837),
    (85, 100, 0.767164, 0.90694, 0.764692, 0.913546, 0.778463),
    (97, 100, 0.915481, 0.989745, 0.914824, 0.99377, 0.924289),
    (1, 1, 0.206549, 1, 0.025, 1, 0.05),
    (0, 1, 0, 0.793451, 0, 0.975, 0),
]


@pytest.mark.parametrize(("successes", "trials", "low", "high"), [row[:4] for row in ONE_RATE])
def test_wilson_intervals_agree_with_statsmodels(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = wilson_interval(successes, trials)

    assert (found.low, found.high) == (six_digits(low), six_digits(high))


@pytest.mark.parametrize(("successes", "trials", "_1", "_2", "low", "high", "one_sided"), ONE_RATE)
def test_clopper_pearson_intervals_agree_with_statsmodels(
    successes: int, trials: int, _1: float, _2: float, low: float, high: float, one_sided: float
) -> None:
    found = clopper_pearson_interval(successes, trials)

    assert (found.low, found.high) == (six_digits(low), six_digits(high))
    assert clopper_pearson_interval(successes, trials, 0.90).low == six_digits(one_sided)


PAIRED = [  # T2: items, wins, losses, margin, theta, z, p, low, high, mid-p, exact two-sided
    (21, 1, 7, 0.05, -0.285714, -1.76344, 0.961087, -0.486283, -0.0685421, 0.0195313, 0.0703125),
    (86, 16, 8, 0.05, 0.0930233, 2.4331, 0.00748509, -0.00127736, 0.188465, 0.946124, 0.15159),
    (100, 0, 0, 0.05, 0, 2.28266, 0.0112253, -0.0266017, 0.0266017, 1, 1),
    (100, 0, 0, 0.02, 0, 1.42141, 0.0775987, -0.0266017, 0.0266017, 1, 1),
    (100, 3, 3, 0.05, 0, 1.71134, 0.043509, -0.0475531, 0.0475531, 0.5, 1),
    (100, 0, 5, 0.05, -0.05, 0, 0.5, -0.0994792, -0.0220682, 0.015625, 0.0625),
    (300, 12, 15, 0.05, -0.01, 2.13884, 0.0162244, -0.0399685, 0.0193225, 0.285794, 0.701108),
    (300, 12, 15, 0.03, -0.01, 1.12308, 0.130702, -0.0399685, 0.0193225, 0.285794, 0.701108),
    (1000, 40, 55, 0.03, -0.015, 1.51272, 0.0651755, -0.0313488, 0.00105355, 0.0626728, 0.150518),
    (1000, 40, 90, 0.03, -0.05, -1.78867, 0.963166, -0.0690287, -0.0316057, 4.89786e-06, 1.37151e-05),
    (20, 0, 0, 0.1, 0, 1.45297, 0.0731166, -0.124648, 0.124648, 1, 1),
    (50, 5, 0, 0.05, 0.1, 2.78152, 0.00270527, 0.0424414, 0.192676, 0.984375, 0.0625),
]


@pytest.mark.parametrize("row", PAIRED, ids=str)
def test_the_paired_score_test_reproduces_its_table(row: tuple[float, ...]) -> None:
    items, wins, losses, margin, theta, z, p_value, low, high, _, _ = row

    found = paired_test(outcomes(int(items), int(wins), int(losses)), margin, alpha=0.05)

    assert found.theta == six_digits(theta)
    assert found.z == six_digits(z)
    assert found.p_value == six_digits(p_value)
    assert (found.low, found.high) == (six_digits(low), six_digits(high))


@pytest.mark.parametrize("row", PAIRED, ids=str)
def test_mcnemar_reproduces_its_table(row: tuple[float, ...]) -> None:
    _, wins, losses, *_, mid_p, exact = row

    assert mcnemar_mid_p(int(wins), int(losses)) == pytest.approx(mid_p, rel=5e-6)
    assert mcnemar_exact(int(wins), int(losses)) == pytest.approx(exact, rel=5e-6)


def test_the_score_statistic_agrees_with_ratesci() -> None:
    # ratesci::scoreci on the table (1, 1, 7, 12), with its N - 1 correction.
    assert tango_z(1, 7, 21, 0.0) == six_digits(-2.070197)


@pytest.mark.parametrize(
    ("items", "wins", "losses", "low", "high"),
    [(21, 1, 7, -0.517, -0.026), (86, 16, 8, -0.020, 0.207)],
)
def test_without_its_correction_the_interval_is_that_of_propcis(
    items: int, wins: int, losses: int, low: float, high: float
) -> None:
    # PropCIs::scoreci.mp leaves out n/(n - 1): its bounds have a statistic of 1.96 without it.
    uncorrected = math.sqrt(items / (items - 1))

    assert tango_z(wins, losses, items, low) * uncorrected == pytest.approx(1.96, abs=0.02)
    assert tango_z(wins, losses, items, high) * uncorrected == pytest.approx(-1.96, abs=0.02)


@pytest.mark.parametrize(
    ("margin", "alpha", "items"),
    [  # T3
        (margin, alpha, items)
        for margin, row in {
            0.01: (164, 269, 382, 537),
            0.02: (82, 134, 190, 267),
            0.03: (55, 89, 126, 176),
            0.05: (33, 53, 74, 104),
            0.10: (16, 26, 36, 50),
        }.items()
        for alpha, items in zip((0.10, 0.05, 0.025, 0.01), row, strict=True)
    ],
)
def test_identical_outputs_pass_from_this_many_items_on(margin: float, alpha: float, items: int) -> None:
    assert paired_test(np.zeros(items), margin, alpha).p_value <= alpha
    assert paired_test(np.zeros(items - 1), margin, alpha).p_value > alpha


ITEMS = np.arange(40)
SPREAD = ((7 * ITEMS) % 11 - 5) / 20
SHIFTED = np.where((ITEMS // 5) % 2 == 0, SPREAD + 0.10, SPREAD - 0.10)
CLUSTERS = ITEMS // 5


@pytest.mark.parametrize(
    ("values", "clusters", "numbers"),
    [  # T4: standard error, degrees of freedom, phi, z, p, low, high
        (SPREAD, None, (0.0257546, 39, 0.264318, 1.63522, 0.055025, -0.0517243, 0.0568848)),
        (SPREAD, CLUSTERS, (0.0142365, 7, 0.264318, 1.63522, 0.0730091, -0.059127, 0.064319)),
        (SHIFTED, None, (0.0283607, 39, 0.286291, 1.52653, 0.0674742, -0.0558714, 0.0610233)),
        (SHIFTED, CLUSTERS, (0.0314387, 7, 0.351808, 1.37707, 0.105456, -0.0718294, 0.0770381)),
    ],
    ids=["spread", "spread, clustered", "shifted", "shifted, clustered"],
)
def test_graded_differences_reproduce_their_table(
    values: NDArray[np.float64], clusters: NDArray[np.int64] | None, numbers: tuple[float, ...]
) -> None:
    found = paired_test(values, 0.05, 0.05, clusters)

    error = standard_error(values, clusters)
    seen = (error, found.degrees_of_freedom, found.phi, found.z, found.p_value, found.low, found.high)
    assert seen == tuple(map(six_digits, numbers))
    assert found.theta == six_digits(0.0025)
    assert paired_interval(values, 0.90, clusters) == (found.low, found.high)


def test_adjusted_p_values_reproduce_their_table() -> None:
    p_values = (0.01, 0.04, 0.03, 0.005)  # T5

    assert holm(p_values) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert benjamini_hochberg(p_values) == pytest.approx((0.02, 0.04, 0.04, 0.02))
    assert fixed_sequence(p_values) == pytest.approx((0.01, 0.04, 0.04, 0.04))


@pytest.mark.parametrize(
    ("over", "items"),  # T6
    [
        (0, (45, 59, 90)),
        (1, (77, 93, 130)),
        (2, (105, 124, 165)),
        (3, (132, 153, 198)),
        (4, (158, 181, 229)),
        (5, (184, 208, 259)),
    ],
)
def test_the_latency_test_passes_from_this_many_calls_on(over: int, items: tuple[int, ...]) -> None:
    found = tuple(fewest_calls(over, alpha) for alpha in (0.10, 0.05, 0.01))

    assert found == items


@pytest.mark.parametrize(
    ("calls", "at_10", "at_5"),  # T6b
    [
        (44, None, None),
        (45, 45, None),
        (58, 58, None),
        (59, 59, 59),
        (100, 99, 99),
        (200, 195, 196),
        (500, 482, 484),
        (1000, 960, 962),
        (10000, 9529, 9537),
    ],
)
def test_this_ordered_call_bounds_the_95th_percentile(
    calls: int, at_10: int | None, at_5: int | None
) -> None:
    assert (percentile_rank(calls, 0.10), percentile_rank(calls, 0.05)) == (at_10, at_5)


def test_the_cost_ratio_reproduces_its_table() -> None:
    x = np.array([1, 1.2, 0.8, 1.1, 0.9, 1, 1.3, 0.7])  # T7
    y = np.array([10, 12.5, 8.5, 10.5, 9, 10.5, 12, 8])

    found = fieller_interval(x, y)

    assert (found.value, found.low, found.high) == (
        six_digits(0.0987654),
        six_digits(0.0929476),
        six_digits(0.103821),
    )
    assert ratio_standard_error(x, y) == six_digits(0.00227346)


@pytest.mark.parametrize(
    ("plan", "items", "simple"),
    [  # T8: margin, discordance, theta, alpha, power
        ((0.05, 0.1, 0, 0.05, 0.8), 274, 248),
        ((0.05, 0.2, 0, 0.05, 0.8), 507, 495),
        ((0.03, 0.1, 0, 0.05, 0.8), 717, 687),
        ((0.02, 0.04, 0, 0.05, 0.8), 695, 619),
        ((0.01, 0.05, 0, 0.01, 0.9), 6654, 6509),
        ((0.1, 0.3, 0, 0.05, 0.8), 191, 186),
        ((0.05, 0.2, -0.01, 0.05, 0.8), 787, 773),
        ((0.05, 0.1, 0.02, 0.025, 0.9), 243, 214),
    ],
)
def test_planned_items_reproduce_their_table(plan: tuple[float, ...], items: int, simple: int) -> None:
    assert items_needed(*plan) == items
    assert items_needed_simple(*plan) == simple


@pytest.mark.parametrize(
    ("items", "psi", "alpha", "drop"),
    [  # T8b
        (50, 0.1, 0.01, 0.141676),
        (200, 0.1, 0.01, 0.0708379),
        (500, 0.1, 0.01, 0.0448018),
        (1000, 0.1, 0.01, 0.0316797),
        (200, 0.05, 0.05, 0.0393146),
    ],
)
def test_detectable_drops_reproduce_their_table(items: int, psi: float, alpha: float, drop: float) -> None:
    assert detectable_drop(items, psi, alpha, 0.8) == six_digits(drop)


@pytest.mark.parametrize(
    ("limit", "true_rate", "items"),
    [(0.05, 0.0325, 809), (0.05, 0.01, 124), (0.05, 0, 59), (0.1, 0.05, 179), (0.05, 0.05, None)],  # T8c
)
def test_items_for_a_bad_event_rate_reproduce_their_table(
    limit: float, true_rate: float, items: int | None
) -> None:
    assert items_for_rate(limit, true_rate, 0.05, 0.8) == items


def test_the_micro_f1_difference_reproduces_its_table() -> None:
    candidate = [(3, 1, 0), (2, 0, 1), (1, 1, 1), (0, 1, 2), (4, 0, 0), (2, 1, 1)] * 5  # T16
    reference = [(3, 0, 0), (2, 1, 1), (2, 0, 0), (1, 0, 1), (4, 1, 0), (2, 0, 1)] * 5
    own, other = np.array(candidate, dtype=float), np.array(reference, dtype=float)

    found = corpus_evidence(own, other, micro_f1)

    assert micro_f1(own.sum(axis=0)) == six_digits(0.727273)
    assert micro_f1(other.sum(axis=0)) == six_digits(0.848485)
    assert (found.difference, found.standard_error) == (six_digits(-0.121212), six_digits(0.0444265))
    assert (found.degrees_of_freedom, found.p_value(0.05)) == (29, six_digits(0.940105))


def test_the_exact_test_of_identical_outputs_is_a_power() -> None:
    # 60 items, none differs, margin 0.05: every one of 60 losses must have failed to happen.
    assert exact_unconditional_p(0, 0, 60, 0.05) == six_digits(0.0460698)
