"""Tasks whose answers a model compares with those of the current tier: asked, paid, kept, refused."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.shell import environment, evalbench
from tests.cli.test_judged_tasks import asked, run
from tests.servers import ModelServer, answer_with, reply

MODELS = """
import json, pathlib, re, time

SECONDS = 0

def number(prompt):
    return int(prompt.rpartition(" ")[2])

def small(prompt):
    words = "a reply" if number(prompt) % 3 else "a longer reply"
    return {"text": f"{words} to {prompt[-4:]}", "cost_usd": 0.001}

def medium(prompt):
    return {"text": f"a reply to {prompt[-4:]}", "cost_usd": 0.005}

def large(prompt):
    return {"text": f"a reply to {prompt[-4:]}", "cost_usd": 0.01}

def judge(messages):
    time.sleep(SECONDS)
    with pathlib.Path(__file__).with_name("asked.txt").open("a") as file:
        file.write("1")
    first, second = re.findall(r"<<<(?:FIRST|SECOND) ANSWER \\\\w+\\n(.*)", messages[-1]["content"])
    better = "tie" if len(first) == len(second) else "first" if len(first) > len(second) else "second"
    return {"text": json.dumps({"reason": "secret opinion", "better": better}), "cost_usd": 0.002}
""".replace("\\\\", "\\")
ITEMS = 60
WON = ITEMS // 3
GRADER = "grader: {name: pairwise, rubric: 'The longer reply is better.'}"


def pairwise_project(folder: Path, items: int = ITEMS) -> Path:
    """On every third item small says more than large; elsewhere both say the same."""
    (folder / "models.py").write_text(MODELS, "utf-8")
    (folder / "evalbench.yaml").write_text(
        "tiers:\n"
        "  small: {model: 'python/models.py:small', price: {per_hour: 2}}\n"
        "  large: {model: 'python/models.py:large', price: {per_hour: 11}}\n"
        "judge: {model: 'python/models.py:judge', price: {per_hour: 3}}\n"
        "timeout_s: 3.6\n",  # A call is bounded by a thousandth of the hourly price.
        "utf-8",
    )
    task = folder / "evalsets" / "replies"
    task.mkdir(parents=True)
    (task / "evalset.yaml").write_text(
        f"task: generation\nitems: items.jsonl\nmax_drop: 0.2\n{GRADER}\n", "utf-8"
    )
    rows = [{"id": f"t{n}", "input": f"Reply to letter {1000 + n}"} for n in range(items)]
    (task / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_run_asks_both_orders_of_pairs_that_differ_and_tells_who_is_preferred(here: Path) -> None:
    folder = pairwise_project(here)

    plan = evalbench("run", "--dry-run", "--json", cwd=folder).json
    done, summary = run(folder)
    again, repeated = run(folder)
    dry = evalbench("grade", "--dry-run", cwd=folder)

    (task,) = summary["tasks"]
    (against,) = task["comparisons"]
    assert done.code == 0, done.err
    assert [tier["calls"] for tier in plan["tiers"]] == [ITEMS, ITEMS, 2 * ITEMS]
    assert asked(folder) == 2 * WON
    assert summary["run"]["judge"]["cost_usd"] == pytest.approx(2 * WON * 0.002)
    assert summary["totals"]["spent_usd"] == pytest.approx(ITEMS * 0.011 + 2 * WON * 0.002)
    assert (task["metric"], against["difference"]) == ("net_win_rate", pytest.approx(1 / 3))
    assert against["preferences"]["won_share"] == pytest.approx(1 / 3)
    assert against["preferences"]["tied_share"] == pytest.approx(2 / 3)
    assert against["preferences"]["flip_rate"]["value"] == 0
    assert [tier["score"] and tier["score"]["value"] for tier in task["tiers"]] == [
        pytest.approx(2 / 3),
        None,
    ]
    assert task["recommendation"]["outcome"] == "provisional"
    assert (
        "preferred on 33.3 % of 60 items, tied on 66.7 %, lost on 0 %" in task["recommendation"]["sentence"]
    )
    assert again.code == 0
    assert repeated["run"]["judge"] == {"answers_new": 0, "answers_reused": 2 * WON, "cost_usd": 0.0}
    assert dry.out.startswith(f"replies judge: 0 calls, {2 * WON} stored answers used again")


def test_a_judge_that_prefers_whatever_comes_first_is_all_ties_and_told_so_on_the_page(here: Path) -> None:
    folder = pairwise_project(here, items=24)
    opinion = reply(
        '{"reason": "it is first", "better": "first"}', {"prompt_tokens": 9, "completion_tokens": 9}
    )
    with ModelServer(always=answer_with(opinion)) as server:
        place = f"{{model: hosted_vllm/tiny, api_base: '{server.address}', price: {{input: 1, output: 10}}}}"
        edit(folder / "evalbench.yaml", "{model: 'python/models.py:judge', price: {per_hour: 3}}", place)
        done, summary = run(folder)
        calls = [call.document for call in server.calls if call.path.endswith("/chat/completions")]

    (against,) = summary["tasks"][0]["comparisons"]
    page = (
        (folder / "reports" / summary["run"]["id"] / "report.html").read_text("utf-8").replace("\u00a0", " ")
    )
    assert done.code == 0, done.err
    assert len(calls) == 16
    schema = calls[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["better"]["enum"] == ["first", "second", "tie"]
    assert (against["difference"], against["wins"], against["losses"]) == (0, 0, 0)
    assert against["preferences"]["flip_rate"]["value"] == 1.0
    assert against["preferences"]["first_position_preference"] == 1.0
    assert (against["verdict"], "judge_unsteady" in against["reasons"]) == ("unknown", True)
    for words in (
        "verdict on 100 % of 8 pairs",
        "leans to the answer it is shown first",
    ):
        assert words in page
    assert summary["run"]["judge"]["cost_usd"] == pytest.approx(16 * (9 * 1 + 9 * 10) / 1e6)


def test_what_the_judge_says_unreadably_is_missing_and_no_loss(here: Path) -> None:
    folder = pairwise_project(here)
    edit(folder / "models.py", '"better": better', '"best": better')

    done, summary = run(folder)

    (task,) = summary["tasks"]
    (against,) = task["comparisons"]
    assert done.code == 3
    assert f"{WON} answers could not be graded" in done.err
    assert "names none of first, second and tie" in done.err
    assert (against["items"], against["missing"], against["losses"]) == (ITEMS - WON, WON, 0)
    assert "too_many_missing" in against["reasons"]


def test_the_cap_holds_for_both_orders_and_the_rest_is_compared_later(here: Path) -> None:
    folder = pairwise_project(here)
    cap_usd = ITEMS * 0.011 + 0.03

    done, summary = run(folder, "--max-spend", str(cap_usd))
    first = asked(folder)
    rest, whole = run(folder, "--resume", "latest", "--max-spend", "5")

    assert done.code == 3
    assert summary["totals"]["spent_usd"] <= cap_usd + 1e-9
    assert first < 2 * WON
    assert rest.code == 0, rest.err
    assert asked(folder) == 2 * WON
    assert whole["tasks"][0]["comparisons"][0]["items"] == ITEMS


def judged(folder: Path) -> int:
    """What the judge said, as far as it is on disk."""
    with sqlite3.connect(folder / ".evalbench" / "ledger.sqlite") as ledger:
        return int(ledger.execute("SELECT count(*) FROM judgements").fetchone()[0])


def test_after_kill_9_no_comparison_that_was_stored_is_paid_again(here: Path) -> None:
    folder = pairwise_project(here, items=180)
    edit(folder / "models.py", "SECONDS = 0", "SECONDS = 0.05")
    with subprocess.Popen(
        [sys.executable, "-m", "evalbench", "run", "--quiet"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        ends_s = time.monotonic() + 60
        while asked(folder) < 20 and time.monotonic() < ends_s:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    before, paid = judged(folder), asked(folder)

    done, summary = run(folder, "--resume", "latest")

    assert 0 < before < 120
    assert done.code == 0, done.err
    assert asked(folder) - paid == 120 - before
    assert summary["tasks"][0]["comparisons"][0]["preferences"]["pairs_asked"] == 60
    assert summary["run"]["judge"]["answers_new"] == 120


def test_three_tiers_and_repeats_are_each_compared_with_the_current_one(here: Path) -> None:
    folder = pairwise_project(here, items=24)
    medium = "  medium: {model: 'python/models.py:medium', price: {per_hour: 4}}\n"
    edit(folder / "evalbench.yaml", "  large:", f"{medium}  large:")

    done, summary = run(folder, "--repeats", "2")

    small, other = summary["tasks"][0]["comparisons"]
    assert done.code == 0, done.err
    assert (small["tier"], small["difference"]) == ("small", pytest.approx(1 / 3))
    assert (other["tier"], other["difference"]) == ("medium", 0)
    assert asked(folder) == 16  # Equal questions of both repeats are one.


def test_stored_answers_are_compared_by_grade_and_judged_alone_again(here: Path) -> None:
    folder = pairwise_project(here)
    edit(folder / "evalsets" / "replies" / "evalset.yaml", GRADER, "grader: {name: length, max_words: 4}")
    run(folder)

    compared = evalbench(
        "grade", "--grader", "pairwise", "--option", "rubric=Longer is better.", "--json", cwd=folder
    )
    back = evalbench("grade", "--grader", "length", "--option", "max_words=9", "--json", cwd=folder)

    assert compared.code == 0, compared.err
    (task,) = compared.json["tasks"]
    assert (task["metric"], task["comparisons"][0]["preferences"]["pairs_asked"]) == ("net_win_rate", WON)
    assert back.json["tasks"][0]["metric"] == "mean"
    assert back.json["tasks"][0]["comparisons"][0]["preferences"] is None


def test_one_item_is_shown_and_tried_with_what_was_preferred_and_no_score_of_the_yardstick(
    here: Path,
) -> None:
    folder = pairwise_project(here, items=24)
    run(folder)

    stored = evalbench("show", "latest", "t2", cwd=folder)
    tried = evalbench("try", "evalsets/replies", "--item", "t2", cwd=folder)

    for done in (stored, tried):
        assert done.code == 0, done.err
        assert "read 'preferred in both orders', score 1: secret opinion" in done.out
        assert done.out.count("not scored: it is what the others are compared with") == 1


def test_what_needs_scores_of_a_tier_alone_is_refused_before_anything_is_paid(here: Path) -> None:
    folder = pairwise_project(here)

    refused = {
        "cannot be stopped early": evalbench("run", "--early-stop", cwd=folder),
        "'large' is not among --tiers": evalbench("run", "--tiers", "small", cwd=folder),
        "no other tier is asked": evalbench("run", "--tiers", "large", cwd=folder),
    }

    for words, done in refused.items():
        assert done.code == 2
        assert words in done.err
        assert "fix: " in done.err
    assert asked(folder) == 0
    assert not (folder / ".evalbench").exists()


def test_no_gate_and_no_comparison_of_runs_is_built_on_preferences(here: Path) -> None:
    folder = pairwise_project(here, items=24)
    other = folder / "evalsets" / "polite"
    other.mkdir()
    rows = [{"id": f"p{n}", "input": f"Be polite to {1000 + n}", "target": "any"} for n in range(24)]
    (other / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (other / "evalset.yaml").write_text("task: generation\ngrader: {name: length, max_words: 4}\n", "utf-8")
    run(folder)
    both = evalbench("gate", "accept", "latest", "--baseline", "both.json", cwd=folder)
    evalbench("run", "evalsets/replies", cwd=folder)

    accepted = evalbench("gate", "accept", "latest", "--baseline", "b.json", cwd=folder)
    compared = evalbench("compare", "latest", "latest", cwd=folder)

    assert both.code == 0, both.err
    assert "replies is not guarded: its answers are compared in pairs" in both.out + both.err
    assert list(json.loads((folder / "both.json").read_text("utf-8"))["tasks"]) == ["polite"]
    assert (accepted.code, compared.code) == (2, 2)
    assert "there is no bar for a gate" in accepted.err
    assert "no common measure" in compared.err
    assert not (folder / "b.json").exists()
