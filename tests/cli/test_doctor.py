"""What `doctor` looks at, and what it says and spends."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Done, evalbench, write_project
from tests.cli.test_judged_tasks import judged_project
from tests.servers import ModelServer, answer_with, refuse, reply, serving

KEY = "sk-proj-0123456789abcdefKEY"
PRICED = "price: {per_hour: 36}\n    "


def project(folder: Path, *tiers: str) -> Path:
    """A project over tickets whose tiers are these lines of YAML."""
    write_project(folder, 20)
    names = ("small", "medium", "large")
    text = "tiers:\n" + "".join(f"  {name}:\n    {tier}\n" for name, tier in zip(names, tiers, strict=False))
    (folder / "evalbench.yaml").write_text(text, "utf-8")
    return folder


def served(model: str, server: ModelServer, more: str = "") -> str:
    return f"{more}model: hosted_vllm/{model}\n    api_base: {server.address}"


def lines(done: Done, name: str) -> list[str]:
    return [line for line in done.out.splitlines() if f" {name}" in line]


def test_a_key_is_named_as_set_or_not_set_with_what_to_do(here: Path) -> None:
    folder = project(here, "model: openai/gpt-5-nano", "model: mistral/mistral-large-4")

    done = evalbench("doctor", cwd=folder, OPENAI_API_KEY=KEY)

    assert done.code == 2
    assert lines(done, "key of small") == ["ok  key of small: OPENAI_API_KEY is set"]
    assert lines(done, "key of medium") == ["BAD key of medium: MISTRAL_API_KEY is not set"]
    assert "fix: export MISTRAL_API_KEY=..., or put it in a file and add --env-file .env" in done.out
    assert KEY not in done.out + done.err


def test_a_key_that_is_in_a_file_but_not_loaded_is_told(here: Path) -> None:
    folder = project(here, "model: openai/gpt-5-nano")
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\n", "utf-8")

    without = evalbench("doctor", cwd=folder)
    loaded = evalbench("doctor", "--env-file", ".env", cwd=folder)

    assert (without.code, loaded.code) == (2, 0), loaded.out
    assert "OPENAI_API_KEY is set in ./.env but not loaded" in without.out
    assert "fix: add --env-file .env" in without.out
    assert KEY not in without.out + loaded.out


def test_a_model_that_does_not_exist_is_no_matter_of_its_key(here: Path) -> None:
    done = evalbench("doctor", cwd=project(here, "model: anthropicc/claude-haiku-4-5"))

    assert lines(done, "model of small") == ["BAD model of small: there is no provider named 'anthropicc'"]
    assert not lines(done, "key of small")


def test_a_missing_key_is_told_once_and_the_eval_set_is_looked_at_all_the_same(here: Path) -> None:
    done = evalbench("doctor", cwd=project(here, "model: openai/gpt-5-nano"))

    assert done.out.count("OPENAI_API_KEY is not set") == 1
    assert lines(done, "eval set") == ["ok  eval set tickets: 20 items, 0 to learn from"]


def test_prices_come_with_source_and_date(here: Path) -> None:
    done = evalbench("doctor", cwd=project(here, "model: openai/gpt-5-nano"), OPENAI_API_KEY=KEY)

    (line,) = lines(done, "tier small")
    assert "price $0.05 in, $0.40 out per million tokens (list price, litellm" in line
    assert " of 20" in line


def test_an_endpoint_that_serves_the_model_is_good(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        done = evalbench("doctor", cwd=project(here, served("tiny", server)))

        assert [call.path for call in server.calls] == ["/v1/models"]
    assert done.code == 0, done.out
    assert "answers and has this model" in done.out
    assert not lines(done, "key of small")


def test_a_model_that_is_not_served_comes_with_the_nearest_name(here: Path) -> None:
    with ModelServer(always=serving("llama3.2:1b", "qwen3:8b")) as server:
        done = evalbench("doctor", cwd=project(here, served("lama3.2:1b", server)))

    assert done.code == 2
    assert "has no model named 'lama3.2:1b'" in done.out
    assert "fix: did you mean 'llama3.2:1b'?" in done.out


def test_a_server_that_takes_any_name_stops_no_run(here: Path) -> None:
    with ModelServer(always=serving("tiny.gguf", owner="llamacpp")) as server:
        done = evalbench("doctor", cwd=project(here, served("tiny", server)))

    assert done.code == 0, done.out
    assert "answers every name with its model 'tiny.gguf'" in done.out


def test_an_endpoint_where_nothing_listens_would_stop_a_run(here: Path) -> None:
    with ModelServer() as gone:
        folder = project(here, served("tiny", gone))

    done = evalbench("doctor", cwd=folder)

    assert done.code == 2
    assert f"{gone.address}: nothing listens there" in done.out


def test_every_tier_is_called_once_however_many_tasks_there_are(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, PRICED), served("tiny", server))
        sets = folder / "evalsets"
        (sets / "more").mkdir()
        for path in (sets / "tickets").iterdir():
            (sets / "more" / path.name).write_text(path.read_text("utf-8"), "utf-8")

        done = evalbench("doctor", "--call", cwd=folder)

        assert [call.path for call in server.calls].count("/v1/chat/completions") == 2
    small, medium = lines(done, "call")
    assert done.code == 0, done.out
    assert small.startswith("ok  call small: answered in ")
    assert "tokens in and 3 out, cost $0." in small
    assert medium.endswith("cost unknown")


def test_a_call_that_is_cut_off_says_so(here: Path) -> None:
    cut = answer_with(reply("bill", finish_reason="length"))
    with ModelServer(always=cut) as server:
        done = evalbench("doctor", "--call", cwd=project(here, served("tiny", server)))

    assert "the answer was cut off; raise max_tokens" in done.out


def test_a_prompt_that_is_too_long_for_a_model_is_not_taken_for_a_long_answer(here: Path) -> None:
    too_long = refuse(400, "maximum context length is 8 tokens", code="context_length_exceeded")
    with ModelServer(always=too_long) as server:
        done = evalbench("doctor", "--call", cwd=project(here, served("tiny", server)))

    assert "the prompt is longer than this model can read" in done.out
    assert "max_tokens" not in done.out


def test_a_call_that_is_refused_by_the_endpoint_leaves_with_2(here: Path) -> None:
    with ModelServer(always=refuse(404, "no such model")) as server:
        done = evalbench("doctor", "--call", cwd=project(here, served("tiny", server)))

    assert done.code == 2
    assert "BAD call small: " in done.out


def test_a_dry_run_says_what_would_be_asked_and_asks_nobody(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, PRICED))

        done = evalbench("doctor", "--call", "--dry-run", cwd=folder)
        alone = evalbench("doctor", "--dry-run", cwd=folder)

        assert {call.path for call in server.calls} == {"/v1/models"}
    assert done.code == 0
    assert "would be asked item " in done.out
    assert "$0.60 at most" in done.out
    assert alone.code == 2


def test_a_cap_below_one_call_is_told_before_anything_is_asked(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, PRICED))

        capped = evalbench("doctor", "--call", "--max-spend", "0.5", cwd=folder)

        assert {call.path for call in server.calls} == {"/v1/models"}
    assert capped.code == 2
    assert "can cost up to $0.60, more than the cap of $0.50" in capped.out


def test_the_cap_of_the_project_holds_for_single_questions_too(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server))
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("max_spend_usd: 1\n")

        called = evalbench("doctor", "--call", cwd=folder)
        tried = evalbench("try", "evalsets/tickets", cwd=folder)

        assert {call.path for call in server.calls} == {"/v1/models"}
    assert (called.code, tried.code) == (2, 2)
    assert "nobody knows what a call of 'small' costs at most, so a spend cap cannot hold" in tried.err


PAID = """\
def answer(prompt):
    return {"text": "bug", "cost_usd": 0.5}
"""


def test_what_did_not_fit_the_cap_is_told_and_leaves_with_3(here: Path) -> None:
    folder = project(here, *(f"{PRICED}model: python/paid.py:answer" for _ in range(3)))
    (folder / "paid.py").write_text(PAID, "utf-8")

    tried = evalbench("try", "evalsets/tickets", "-n", "1", "--max-spend", "0.9", cwd=folder)
    called = evalbench("doctor", "--call", "--max-spend", "0.9", cwd=folder)

    assert (tried.code, called.code) == (3, 3), tried.err + called.out
    assert "2 questions were not asked" in tried.err
    assert called.out.count("not asked: it could have gone over the spend cap") == 2
    assert "2 tiers were not asked" in called.err
    for done, arguments in (
        (tried, ("try", "evalsets/tickets", "-n", "1")),
        (called, ("doctor", "--call")),
    ):
        enough = done.err.rpartition("--max-spend ")[2].strip()
        assert evalbench(*arguments, "--max-spend", enough, cwd=folder).code == 0


def test_a_cap_of_the_project_that_cannot_hold_is_told_without_a_call(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, "price: {input: 1, output: 2}\n    "))
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("max_spend_usd: 1\n")

        looked = evalbench("doctor", cwd=folder)
        planned = evalbench("run", "--dry-run", cwd=folder)

    assert looked.code == 2
    assert "BAD spend cap: nobody knows what a call of 'small' costs at most" in looked.out
    assert "a run would be refused: nobody knows what a call of 'small' costs at most" in planned.err
    assert "fix: give tier small `params: {max_tokens: 512}` in evalbench.yaml" in planned.err


def test_a_cap_of_the_project_that_holds_is_told(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, PRICED))
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("max_spend_usd: 1\n")

        looked = evalbench("doctor", cwd=folder)

    assert looked.code == 0, looked.out
    assert lines(looked, "spend cap") == ["ok  spend cap: a run stops before it could spend $1.00"]


def test_a_cap_is_no_obstacle_once_every_answer_is_stored(here: Path) -> None:
    with ModelServer(always=serving("tiny")) as server:
        folder = project(here, served("tiny", server, "price: {input: 1, output: 2}\n    "))
        ran = evalbench("run", "--quiet", cwd=folder)
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("max_spend_usd: 0.0000001\n")

        stored = evalbench("doctor", cwd=folder)
        again = evalbench("run", "--quiet", cwd=folder)
        with (folder / "evalbench.yaml").open("a", encoding="utf-8") as file:
            file.write("repeats: 2\n")
        repeated = evalbench("doctor", cwd=folder)

    assert (ran.code, stored.code, again.code) == (0, 0, 0), stored.out
    assert lines(stored, "spend cap") == [
        "ok  spend cap: every answer is stored, so a run has nothing to ask of any tier"
    ]
    assert repeated.code == 2
    assert "BAD spend cap: nobody knows what a call of 'small' costs at most" in repeated.out


def test_a_cap_that_no_question_to_the_judge_fits_is_told(here: Path) -> None:
    settings = judged_project(here, 3) / "evalbench.yaml"
    text = settings.read_text("utf-8").replace("per_hour: 3}", "per_hour: 3000}")
    settings.write_text(f"{text}max_spend_usd: 1\n", "utf-8")

    looked = evalbench("doctor", cwd=here)

    assert looked.code == 2
    assert "BAD spend cap: one call of tier 'judge' can cost up to $3.00, more than the cap" in looked.out
