from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.shell import Done, evalbench
from tests.cli.test_judged_tasks import judged_project
from tests.servers import Exchange, ModelServer, reply

ITEMS = 40
ANSWER_USD = 132e-6  # 100 tokens in at 1 USD and 8 out at 4 USD per million
LEAST_QUESTION_USD = 0.003  # what one question to the judge is bounded by, at least


async def eight_tokens(exchange: Exchange) -> None:
    await exchange.send(200, _reply(exchange, 8))


async def as_long_as_it_likes(exchange: Exchange) -> None:
    await exchange.send(200, _reply(exchange, 3_000))


def _reply(exchange: Exchange, tokens: int) -> bytes:
    used = {"prompt_tokens": 100, "completion_tokens": tokens, "total_tokens": 100 + tokens}
    return json.dumps(reply(exchange.call.answer, used)).encode()


def write_project(folder: Path, address: str, more: str = "", price: str = "{input: 1, output: 4}") -> Path:
    (folder / "evalbench.yaml").write_text(
        f"tiers:\n  small: {{model: openai/tiny, api_base: '{address}', params: {{max_tokens: 8}},\n"
        f"    price: {price}}}\nclassical: off\n{more}",
        "utf-8",
    )
    lines = [
        json.dumps({"id": f"t{number}", "text": f"ticket {number} label=bug", "label": "bug"})
        for number in range(ITEMS)
    ]
    tickets = folder / "evalsets" / "tickets"
    tickets.mkdir(parents=True)
    (tickets / "items.jsonl").write_text("\n".join(lines), "utf-8")
    (tickets / "evalset.yaml").write_text(
        "items: items.jsonl\ncolumns: {id: id, input: text, target: label}\n"
        "task: classification\nlabels: [billing, bug]\nprompt: 'Which is it? {{ text }}'\n",
        "utf-8",
    )
    return folder


def run(folder: Path, *arguments: str, **variables: str) -> Done:
    return evalbench("run", "--quiet", *arguments, cwd=folder, **variables)


def test_a_resumed_run_has_what_is_left_of_its_cap(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        run(folder, "--max-spend", "0.002")
        before = len(server.calls)

        again = run(folder, "--resume", "latest")

    assert again.code == 3
    assert before * ANSWER_USD <= len(server.calls) * ANSWER_USD <= 0.002
    assert "of its cap of $0.002" in again.err
    assert enough_of(again) > 0


def enough_of(done: Done) -> float:
    """The number beside `--max-spend` in the fix, as somebody would paste it."""
    (fix,) = [line for line in done.err.splitlines() if line.startswith("  fix:")]
    return float(fix.partition(" --max-spend ")[2].split()[0])


def test_the_cap_that_is_advised_lets_the_rest_be_asked(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        capped = run(folder, "--max-spend", "0.002")
        used_up = run(folder, "--resume", "latest")
        too_small = run(folder, "--refresh", "--max-spend", "0.00001")
        rest = run(folder, "--resume", "latest", "--max-spend", str(enough_of(used_up)))
        afresh = run(folder, "--refresh", "--max-spend", str(enough_of(too_small)))

    assert (capped.code, used_up.code, too_small.code) == (3, 3, 2)
    assert enough_of(capped) >= enough_of(used_up)
    assert (rest.code, afresh.code) == (0, 0)


def test_a_cap_of_the_environment_is_no_new_allowance(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        run(folder, EVALBENCH_MAX_SPEND="0.002")

        again = run(folder, "--resume", "latest", EVALBENCH_MAX_SPEND="0.002")

    assert again.code == 3
    assert len(server.calls) * ANSWER_USD <= 0.002


def test_a_new_cap_is_the_allowance_of_one_command(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        run(folder, "--max-spend", "0.002")

        again = run(folder, "--resume", "latest", "--max-spend", "1")

    assert again.code == 0
    assert len(server.calls) == ITEMS


def test_bills_that_nobody_knows_count_as_the_most_they_can_be_when_a_run_goes_on(tmp_path: Path) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    with ModelServer(always=reset) as server:
        folder = write_project(tmp_path, server.address, "retries: 0\n")
        run(folder, "--max-spend", "0.001")
        before = len(server.calls)

        again = run(folder, "--resume", "latest")

    assert again.code == 3
    assert "has spent" in again.err
    assert len(server.calls) == before


def test_a_judge_that_takes_money_and_says_nothing_is_not_paid_over_the_cap(tmp_path: Path) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    with ModelServer(always=reset) as server:
        folder = judged_project(tmp_path, judge="openai/tiny")
        models = (folder / "models.py").read_text("utf-8")
        (folder / "models.py").write_text(re.sub(r'"cost_usd": [0-9.]+', '"cost_usd": 0', models), "utf-8")
        settings = (folder / "evalbench.yaml").read_text("utf-8")
        price = f"api_base: '{server.address}', params: {{max_tokens: 8}}, price: {{input: 2, output: 2}}"
        (folder / "evalbench.yaml").write_text(
            settings.replace("price: {per_hour: 3}", price) + "retries: 0\nmax_spend_usd: 0.02\n", "utf-8"
        )
        first = run(folder)
        before = len(server.calls)

        again = [run(folder, "--resume", "latest") for _ in range(2)]

    assert (first.code, [each.code for each in again]) == (3, [3, 3])
    assert 0 < before <= len(server.calls) <= 0.02 / LEAST_QUESTION_USD


def test_a_capped_run_advises_only_what_works(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        done = run(write_project(tmp_path, server.address), "--max-spend", "0.002")

    assert [line for line in done.err.splitlines() if "--resume" in line] == [
        line for line in done.err.splitlines() if line.startswith("  fix:") and " --max-spend 0.0" in line
    ]


def test_an_endpoint_that_ignores_its_limit_overspends_by_what_was_under_way(tmp_path: Path) -> None:
    dear_usd = 0.0121

    with ModelServer(always=as_long_as_it_likes) as server:
        folder = write_project(tmp_path, server.address)
        done = run(folder, "--max-spend", "1", "--concurrency", "2")

    assert done.code == 3
    assert len(server.calls) * dear_usd <= 2 * dear_usd
    assert "small is asked no further: a call cost $0.012, more than the $0.00" in done.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--limit", "10"), "--limit"),
        (("--tiers", "small"), "--tiers"),
        (("--repeats", "5", "--seed", "9"), "--repeats, --seed"),
        (("--refresh",), "--refresh"),
        (("--max-age", "1h"), "--max-age"),
        (("evalsets/tickets",), "EVALSETS"),
    ],
)
def test_what_a_resumed_run_has_settled_cannot_be_said_again(
    tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = run(tmp_path, "--resume", "latest", *arguments)

    assert done.code == 2
    assert f"it cannot take {named}\n" in done.err
    assert "fix: evalbench run --resume latest" in done.err


def test_settings_of_the_environment_do_not_stand_in_the_way_of_a_resume(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        run(folder, "--max-spend", "0.002")

        again = run(folder, "--resume", "latest", "--max-spend", "1", EVALBENCH_LIMIT="3", EVALBENCH_SEED="9")

    assert again.code == 0
    assert len(server.calls) == ITEMS


def test_where_and_how_fast_a_resumed_run_goes_on_can_be_said(tmp_path: Path) -> None:
    with ModelServer(always=eight_tokens) as server:
        folder = write_project(tmp_path, server.address)
        run(folder, "--max-spend", "0.002")

        said = ("--concurrency", "1", "--out", "elsewhere", "-c", "evalbench.yaml", "--json")
        again = run(folder, "--resume", "latest", "--max-spend", "1", *said)

    assert again.json["run"]["complete"]
    assert [path.name for path in (folder / "elsewhere").glob("*/report.html")] == ["report.html"]
