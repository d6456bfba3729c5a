"""Student's distribution agrees with an independent implementation, far out and at any size."""

import math

import pytest
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from scipy.stats import binom

from evalbench.stats.student import quantile, upper_tail
from evalbench.stats.tails import percentile_rank

FREEDOMS = [0.3, 0.5, 1.5, 2, 3, 4.7, 9, 10, 29, 59, 119.9, 120, 121, 500, 1e3, 12_345, 1e5, 1e6, 1e7]
PLACES = [0.0, 1e-9, 1e-3, 0.1, 0.5, 1, 1.3, 1.645, 2, 2.5, 3, 4, 6, 10, 30]
PROBABILITIES = [1e-12, 1e-8, 1e-4, 0.01, 0.025, 0.05, 0.2, 0.4, 0.499, 0.5, 0.6, 0.95, 0.975, 0.99, 0.999999]


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_tails_are_those_of_scipy(freedom: float) -> None:
    places = [sign * place for place in PLACES for sign in (1, -1)]

    tails = [upper_tail(place, freedom) for place in places]

    assert tails == pytest.approx([stdtr(freedom, -place) for place in places], rel=1e-9, abs=1e-290)


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_quantiles_are_those_of_scipy(freedom: float) -> None:
    found = [quantile(probability, freedom) for probability in PROBABILITIES]

    assert found == pytest.approx([stdtrit(freedom, each) for each in PROBABILITIES], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("probability", [1e-100, *PROBABILITIES])
def test_one_degree_of_freedom_has_the_quantiles_of_cauchy(probability: float) -> None:
    assert quantile(probability, 1) == pytest.approx(
        -1 / math.tan(math.pi * probability), rel=1e-9, abs=1e-15
    )


def test_infinite_degrees_of_freedom_are_the_normal_distribution() -> None:
    places = [-40.0, -6.0, -1.0, 0.0, 0.5, 1.645, 8.0, 35.0]

    assert [upper_tail(place) for place in places] == pytest.approx(
        [ndtr(-place) for place in places], rel=1e-13
    )
    assert [quantile(each) for each in PROBABILITIES] == pytest.approx(
        list(ndtri(PROBABILITIES)), rel=1e-12, abs=1e-15
    )


def test_what_is_not_defined_is_no_number() -> None:
    undefined = [upper_tail(math.nan, 4), upper_tail(1.0, 0.0), upper_tail(1.0, math.nan), quantile(0.9, 0.0)]

    assert all(math.isnan(each) for each in undefined)
    assert math.isnan(upper_tail(math.nan))


def test_the_ends_of_the_line_are_certain() -> None:
    assert (upper_tail(math.inf, 3), upper_tail(-math.inf, 3)) == (0.0, 1.0)
    assert (quantile(0.0, 3), quantile(1.0, 3)) == (-math.inf, math.inf)


@pytest.mark.parametrize("alpha", [0.01, 0.025, 0.05, 0.1, 0.3])
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_the_rank_of_a_percentile_is_that_of_the_binomial_distribution(alpha: float, share: float) -> None:
    for calls in [0, 1, 2, 13, 44, 45, 58, 59, 60, 100, 999, 10_000, 123_457]:
        rank = percentile_rank(calls, alpha, share)

        expected = int(binom.ppf(1 - alpha, calls, 1 - share)) + 1
        assert rank == (expected if expected <= calls else None)
