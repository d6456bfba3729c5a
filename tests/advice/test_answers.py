from __future__ import annotations

from dataclasses import replace

from evalbench.advice.recommend import find
from evalbench.core.completion import Completion, Failure, Status
from evalbench.core.run import TaskRun
from evalbench.core.score import Score
from tests.advice.runs import make_run


def changed(run: TaskRun, tier: str, count: int, answer: Completion, *, is_reused: bool = False) -> TaskRun:
    """The run with the first answers of a tier replaced."""
    left, trials = count, []
    for trial in run.trials:
        if trial.tier == tier and left:
            left -= 1
            score = Score(0.0) if answer.status is not Status.OK else trial.score
            trials.append(replace(trial, completion=answer, score=score, is_reused=is_reused))
        else:
            trials.append(trial)
    return replace(run, trials=tuple(trials))


def told(run: TaskRun) -> str:
    return "\n".join(find(run).recommendation.caveats)


RUN = make_run(190, 200, {"small": (5, 5)})


def test_an_answer_cut_while_reasoning_is_flagged_as_such() -> None:
    cut = Completion("", Status.TRUNCATED, cost_usd=0.1, detail={"truncated_by": "reasoning"})

    assert "3 answers of small cut off while it was still reasoning" in told(changed(RUN, "small", 3, cut))


def test_a_prompt_that_does_not_fit_is_told_from_an_answer_that_is_cut() -> None:
    too_long = Completion("", Status.TRUNCATED, cost_usd=0.0, finish_reason="context_overflow")
    cut = Completion("yes", Status.TRUNCATED, cost_usd=0.1)

    both = changed(changed(RUN, "small", 2, too_long), "large", 1, cut)

    assert "2 prompts too long for the context of small" in told(both)
    assert "1 answer of large cut off by the token limit" in told(both)


def test_a_parameter_that_was_left_out_is_named_once() -> None:
    answer = Completion("yes", cost_usd=0.1, detail={"params_left_out": "temperature, top_p"})

    lines = told(changed(RUN, "large", 5, answer)).splitlines()

    assert sum("large does not take temperature and top_p" in line for line in lines) == 1


def test_answers_of_an_earlier_run_are_marked() -> None:
    answer = Completion("yes", cost_usd=0.1)

    assert "7 answers of small stored earlier" in told(changed(RUN, "small", 7, answer, is_reused=True))


def test_plain_answers_need_no_word() -> None:
    assert "cut off" not in told(RUN)
    assert "stored earlier" not in told(RUN)


def test_answers_that_could_not_be_graded_are_counted_with_the_reason_and_no_score() -> None:
    no_sandbox = Failure("sandbox", "there is no sandbox")
    trials = tuple(
        replace(trial, score=None, failure=no_sandbox) if trial.tier == "small" and number < 3 else trial
        for number, trial in enumerate(RUN.trials)
    )

    finding = find(replace(RUN, trials=trials))

    assert "3 answers of small could not be graded and count for nothing (there is no sandbox)" in "\n".join(
        finding.recommendation.caveats
    )
    assert finding.recommendation.next_commands[0] == "evalbench grade latest"
    score = finding.estimate("small").score
    assert score is not None
    assert score.count == len(RUN.items) - 3


def test_answers_that_could_not_be_read_are_told_with_one_to_look_at() -> None:
    unread = Completion("The label?", Status.INVALID, cost_usd=0.1)

    assert (
        "3 answers of small unreadable for the grader, and scored 0: read one with `evalbench show latest "
    ) in told(changed(RUN, "small", 3, unread))


def test_a_rare_answer_that_could_not_be_read_is_no_matter() -> None:
    unread = Completion("The label?", Status.INVALID, cost_usd=0.1)

    assert "unreadable" not in told(changed(RUN, "small", 2, unread))


def test_a_run_whose_answers_all_have_scores_has_nothing_to_grade_again() -> None:
    assert "evalbench grade latest" not in find(RUN).recommendation.next_commands
