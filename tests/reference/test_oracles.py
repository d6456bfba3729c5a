"""The statistics against statsmodels, scipy and sacrebleu on data drawn here, where those know the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap, norm, ttest_1samp
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from evalbench.stats.bootstrap import bootstrap_differences
from evalbench.stats.clusters import Floats, grouping, mean_variance
from evalbench.stats.exact import mcnemar_exact
from evalbench.stats.intervals import clopper_pearson_interval, mean_interval, wilson_interval
from evalbench.stats.jackknife import corpus_evidence, corpus_interval
from evalbench.stats.metrics import Metric, micro_f1
from evalbench.stats.multiple import benjamini_hochberg, holm
from evalbench.stats.randomisation import swap_p
from evalbench.stats.tails import floor_p, over_limit_p, over_limit_violated_p


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_125)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_intervals_of_a_share_agree_with_statsmodels(rng: np.random.Generator, level: float) -> None:
    for trials in rng.integers(1, 2000, 40).tolist():
        successes = int(rng.integers(0, trials + 1))

        wilson, exact = (
            each(successes, trials, level) for each in (wilson_interval, clopper_pearson_interval)
        )

        for found, method in ((wilson, "wilson"), (exact, "beta")):
            low, high = proportion_confint(successes, trials, 1 - level, method)
            assert found.low == pytest.approx(low, rel=1e-9, abs=1e-12)
            assert found.high == pytest.approx(high, rel=1e-9)


def test_mcnemars_exact_test_agrees_with_statsmodels(rng: np.random.Generator) -> None:
    for wins, losses in rng.integers(0, 60, (40, 2)).tolist():
        table = [[100, wins], [losses, 50]]

        assert mcnemar_exact(wins, losses) == pytest.approx(mcnemar(table, exact=True).pvalue, rel=1e-9)


def test_adjusted_p_values_agree_with_statsmodels(rng: np.random.Generator) -> None:
    for tests in range(1, 12):
        p_values = rng.random(tests) ** 2

        assert holm(p_values.tolist()) == pytest.approx(multipletests(p_values, method="holm")[1])
        assert benjamini_hochberg(p_values.tolist()) == pytest.approx(
            multipletests(p_values, method="fdr_bh")[1]
        )


def test_cluster_errors_agree_with_the_sandwich_of_statsmodels(rng: np.random.Generator) -> None:
    clusters = rng.integers(0, 25, 300)
    values = rng.normal(0, 0.2, 25)[clusters] + rng.normal(0, 0.3, 300)

    variance = mean_variance(values, grouping(clusters, 300))

    fitted = sm.OLS(values, np.ones(300)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "df_correction": True}, use_correction=True
    )
    # statsmodels also multiplies by (n - 1) / (n - 1): one parameter, so its factor is G / (G - 1).
    assert variance == pytest.approx(float(fitted.cov_params().item()), rel=1e-9)


def test_the_interval_of_a_mean_agrees_with_scipy(rng: np.random.Generator) -> None:
    values = rng.beta(4, 2, 80)

    found = mean_interval(values, 0.9)

    expected = ttest_1samp(values, 0.5).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_limits_on_late_calls_agree_with_scipy(rng: np.random.Generator) -> None:
    for calls in rng.integers(1, 800, 30).tolist():
        over = int(rng.binomial(calls, 0.05))

        assert over_limit_p(over, calls) == pytest.approx(
            binomtest(over, calls, 0.05, alternative="less").pvalue
        )
        assert over_limit_violated_p(over, calls) == pytest.approx(
            binomtest(over, calls, 0.05, alternative="greater").pvalue
        )


def test_a_floor_on_whole_numbers_agrees_with_scipy() -> None:
    assert floor_p(0.93, 200, 0.90) == pytest.approx(binomtest(186, 200, 0.90, alternative="greater").pvalue)


def test_the_bootstrap_agrees_with_scipy(rng: np.random.Generator) -> None:
    own, other = rng.integers(0, 4, (2, 80, 3)).astype(float)

    found = bootstrap_differences(own, other, micro_f1, rng, resamples=4000)

    def difference(places: NDArray[np.int64]) -> float:
        return micro_f1(own[places].sum(axis=0)) - micro_f1(other[places].sum(axis=0))

    expected = bootstrap(
        (np.arange(80),), difference, vectorized=False, n_resamples=4000, method="percentile", rng=rng
    )
    assert found.std(ddof=1) == pytest.approx(float(expected.standard_error), abs=0.01)
    assert np.quantile(found, (0.025, 0.975)) == pytest.approx(tuple(expected.confidence_interval), abs=0.01)


WORDS = ["the", "small", "tier", "reads", "a", "letter", "and", "writes", "who", "sent", "it", "when", "why"]


def texts(rng: np.random.Generator, items: int, spoiled: float) -> tuple[list[str], list[str]]:
    """Targets, and answers in which about this share of the words is another."""
    targets = [" ".join(rng.choice(WORDS, rng.integers(8, 20))) for _ in range(items)]
    return targets, [_spoiled(rng, target, spoiled) for target in targets]


def _spoiled(rng: np.random.Generator, text: str, share: float) -> str:
    return " ".join(str(rng.choice(WORDS)) if rng.random() < share else word for word in text.split())


def scorer(name: str) -> tuple[Any, Metric]:
    """sacrebleu's metric, and the same from summed statistics, from 0 to 1."""
    metrics = pytest.importorskip("sacrebleu.metrics", reason="sacrebleu is not installed")
    metric = metrics.BLEU() if name == "bleu" else metrics.CHRF()

    def from_sums(sums: Floats) -> float:
        counts = [round(number) for number in sums.tolist()]
        found = metric._compute_score_from_stats(counts)  # noqa: SLF001 -- no public way
        return float(found.score) / 100

    return metric, from_sums


def summands(metric: Any, answers: list[str], targets: list[str]) -> Floats:
    rows = metric._extract_corpus_statistics(answers, [targets])  # noqa: SLF001 -- no public way
    return np.array(rows, dtype=np.float64)


@pytest.mark.parametrize("name", ["bleu", "chrf"])
def test_the_jackknife_of_a_text_metric_agrees_with_sacrebleu(rng: np.random.Generator, name: str) -> None:
    metric, from_sums = scorer(name)
    targets, answers = texts(rng, 25, 0.2)

    found = corpus_interval(summands(metric, answers, targets), from_sums)

    left_out = [
        metric.corpus_score(
            answers[:item] + answers[item + 1 :], [targets[:item] + targets[item + 1 :]]
        ).score
        / 100
        for item in range(25)
    ]
    error = np.sqrt(24 / 25 * np.square(left_out - np.mean(left_out)).sum())
    assert found.value == pytest.approx(metric.corpus_score(answers, [targets]).score / 100)
    assert found.low is not None
    assert (found.value - found.low) / 2.0638986 == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("name", ["bleu", "chrf"])
def test_swaps_of_a_text_metric_agree_with_sacrebleus_randomisation(
    rng: np.random.Generator, name: str
) -> None:
    metric, from_sums = scorer(name)
    significance = pytest.importorskip("sacrebleu.significance")
    targets, answers = texts(rng, 60, 0.20)
    worse = [_spoiled(rng, target, 0.23) for target in targets]
    own, other = summands(metric, worse, targets), summands(metric, answers, targets)

    found = swap_p(own, other, from_sums, rng, flips=2000)

    systems = [("old", answers), ("new", worse)]
    _, results = significance.PairedTest(systems, {name: metric}, [targets], test_type="ar", n_samples=2000)()
    (two_sided,) = (cells[1].p_value for column, cells in results.items() if column != "System")
    assert min(found, 1 - found) * 2 == pytest.approx(two_sided, abs=0.05)
    drop = corpus_evidence(own, other, from_sums)
    assert norm.cdf(drop.difference / drop.standard_error) == pytest.approx(found, abs=0.03)
