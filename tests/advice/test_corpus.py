from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from evalbench.advice.corpus import corpus_metric
from evalbench.advice.estimates import estimate_tier
from evalbench.advice.observations import observe
from evalbench.advice.recommend import find
from evalbench.core.completion import Completion, Status
from evalbench.core.evalset import GraderSpec, Task, TaskKind
from evalbench.core.recommendation import Outcome
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from evalbench.core.trial import Trial
from evalbench.errors import InputError
from evalbench.graders.translation import GRADERS
from tests.build import make_item, make_pool, make_task

TARGETS = [f"The parcel number {number} arrives at {number % 12} o'clock on Monday." for number in range(240)]
NEARLY = [
    text.replace("arrives", "comes") if number % 10 == 0 else text for number, text in enumerate(TARGETS)
]
POOR = [text[:12] for text in TARGETS]


def translation_task(metric: str, **changes: object) -> Task:
    return make_task("mt", kind=TaskKind.TRANSLATION, metric=metric, grader=GraderSpec(metric), **changes)


def translated(metric: str, answers: dict[str, list[str | None]]) -> TaskRun:
    """A run of tiers whose answers are these; None is an answer that failed."""
    task = translation_task(metric)
    grader = GRADERS[metric]({}, task)
    items = tuple(make_item(f"i{number}", target=target) for number, target in enumerate(TARGETS))
    trials = []
    for cost_usd, (tier, texts) in enumerate(answers.items(), 1):
        for item, text in zip(items, texts, strict=True):
            status = Status.OK if text is not None else Status.EMPTY
            done = Completion(text or "", status=status, cost_usd=cost_usd / 1000, latency_s=0.1)
            score = Score(0.0) if text is None else grader.grade(text, item)
            trials.append(Trial(item.id, tier, completion=done, score=score))
    pool = make_pool(tuple(answers))
    return TaskRun(task, pool, items, tuple(trials), grader.signature, "s")


@pytest.mark.parametrize(("metric", "oracle"), [("bleu", BLEU()), ("chrf", CHRF())])
def test_a_tiers_score_is_that_of_all_its_answers_together(metric: str, oracle: BLEU | CHRF) -> None:
    run = translated(metric, {"large": [*NEARLY]})

    score = estimate_tier(run, "large").score

    assert score is not None
    assert score.value == pytest.approx(oracle.corpus_score(NEARLY, [TARGETS]).score / 100)
    assert score.method == "jackknife"
    assert score.low is not None
    assert score.low < score.value


@pytest.mark.parametrize(("metric", "oracle"), [("bleu", BLEU()), ("chrf", CHRF())])
def test_a_failed_answer_counts_as_one_without_a_word(metric: str, oracle: BLEU | CHRF) -> None:
    answers = [None if number < 24 else text for number, text in enumerate(TARGETS)]
    run = translated(metric, {"large": answers})

    score = estimate_tier(run, "large").score

    assert score is not None
    assert score.value == pytest.approx(
        oracle.corpus_score([text or "" for text in answers], [TARGETS]).score / 100
    )
    assert score.value < 0.96


def test_an_answer_that_came_too_late_counts_as_one_without_a_word() -> None:
    run = translated("bleu", {"large": [*TARGETS]})
    first = run.trials[0]
    assert first.completion is not None
    late = replace(first, completion=replace(first.completion, status=Status.TIMEOUT))

    seen = observe(replace(run, trials=(late, *run.trials[1:])), ("large",))

    assert seen.statistics is not None
    assert seen.statistics[0, 0, 0] == 0
    assert seen.statistics[0, 0, 1] == seen.statistics[0, 1, 1] > 0


@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_a_cheaper_tier_is_used_when_its_corpus_score_is_near_enough(metric: str) -> None:
    found = find(translated(metric, {"small": [*NEARLY], "large": [*TARGETS]}))

    assert (found.recommendation.outcome, found.recommendation.tier) == (Outcome.RECOMMENDED, "small")
    assert ("BLEU 97" if metric == "bleu" else "chrF 98") in found.recommendation.sentence


@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_a_poor_tier_is_not(metric: str) -> None:
    found = find(translated(metric, {"small": [*POOR], "large": [*TARGETS]}))

    assert found.recommendation.tier != "small"


def test_the_options_of_the_grader_decide_how_failures_count() -> None:
    task = replace(translation_task("bleu"), grader=GraderSpec("bleu", {"tokenizer": "char"}))
    run = translated("bleu", {"large": [None, *TARGETS[1:]]})

    seen = observe(replace(run, task=task), ("large",))

    assert seen.statistics is not None
    assert seen.statistics[0, 0, 1] == len(TARGETS[0].replace(" ", ""))


def test_a_metric_without_its_grader_says_what_to_do() -> None:
    with pytest.raises(InputError, match="needs the counts of the grader 'bleu'") as refused:
        corpus_metric(replace(translation_task("bleu"), grader=GraderSpec("exact")))

    assert "metric: mean" in refused.value.fix


def test_means_are_no_corpus_metric() -> None:
    assert corpus_metric(make_task(metric="mean")) is None
    counted = corpus_metric(make_task(metric="micro_f1"))
    assert counted is not None
    assert counted(np.array([1.0, 1.0, 1.0])) == 0.5


def test_every_label_of_an_item_is_missed_by_an_answer_that_failed() -> None:
    task = make_task(metric="micro_f1", labels=("a", "b", "c"), grader=GraderSpec("labels"))
    items = (make_item("i0", target=["a", "c"]), make_item("i1", target=["b"]))
    judged = Trial(
        "i1",
        "large",
        completion=Completion("b"),
        score=Score(1.0, statistics=(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
    )
    lost = Trial("i0", "large", completion=Completion("", status=Status.EMPTY), score=Score(0.0))
    run = TaskRun(task, make_pool(("large",)), items, (lost, judged), "labels@1", "s")

    seen = observe(run, ("large",))

    assert seen.statistics is not None
    assert seen.statistics[0].tolist() == [[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]]
