from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from evalbench.core.completion import Completion
from evalbench.core.evalset import Message, Prompt
from evalbench.core.models import Model, ModelPool
from evalbench.core.plan import Request, Slot
from evalbench.providers.scripted import ScriptedProvider
from evalbench.runner.keys import answer_key
from evalbench.runner.plan import TaskJob, plan_task
from tests.build import make_item, make_task
from tests.runner.test_execute import Equal

PROVIDER = ScriptedProvider(lambda _: Completion("yes"))


def make_job(texts: Sequence[str], repeats: int = 1) -> TaskJob:
    pool = ModelPool({"small": Model("scripted/s"), "large": Model("scripted/l")}, "large")
    return TaskJob(
        position=0,
        task=make_task(),
        items=tuple(make_item(f"i{number}", text) for number, text in enumerate(texts)),
        pool=pool,
        providers={"small": PROVIDER, "large": PROVIDER},
        grader=Equal(),
        prompt=lambda item, _: Prompt(item.prompt.text, (Message("user", item.prompt.text),)),
        repeats=repeats,
    )


def none_stored(keys: Sequence[bytes]) -> set[bytes]:
    del keys
    return set()


def test_a_run_cut_short_has_all_tiers_of_its_first_items() -> None:
    work = plan_task(make_job(("a", "b")), none_stored, set())

    assert [(each.slot.item, each.slot.tier) for each in work.pending] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_repeats_of_one_item_are_answers_of_their_own() -> None:
    work = plan_task(make_job(("a",), repeats=3), none_stored, set())

    assert len({each.key for each in work.pending}) == 6
    assert not work.shared


def test_two_tasks_with_one_prompt_pay_once() -> None:
    claimed: set[bytes] = set()

    first = plan_task(make_job(("a",)), none_stored, claimed)
    second = plan_task(replace(make_job(("a",)), position=1), none_stored, claimed)

    assert (len(first.pending), len(second.pending), len(second.shared)) == (2, 0, 2)


def test_a_resumed_run_asks_only_for_what_it_lacks() -> None:
    done = {Slot(0, 0, 0, 0), Slot(0, 1, 0, 0)}

    work = plan_task(make_job(("a", "b")), none_stored, set(), done)

    assert {each.slot for each in work.pending} == {Slot(0, 0, 1, 0), Slot(0, 1, 1, 0)}


def test_a_resumed_run_counts_its_own_answers_as_new() -> None:
    work = plan_task(make_job(("a", "a")), none_stored, set(), {Slot(0, 0, 0, 0), Slot(0, 1, 0, 0)})

    assert [each.is_own for each in work.stored] == [True, True]


def test_work_carries_the_size_of_its_question() -> None:
    work = plan_task(make_job(("a", "a longer text")), none_stored, set())

    short, _, long, _ = work.pending

    assert long.sent_bytes - short.sent_bytes == long.most_input_tokens - short.most_input_tokens == 12
    assert short.most_input_tokens > short.sent_bytes


def request(**changes: Any) -> Request:
    plain = Request("demo", "i1", "small", Model("scripted/s"), Prompt("a", (Message("user", "a"),)))
    return replace(plain, **changes)


def test_everything_that_can_change_an_answer_changes_its_key() -> None:
    model = Model("scripted/s")
    changed = [
        request(model=replace(model, id="scripted/t")),
        request(model=replace(model, api_base="http://127.0.0.1:1/v1")),
        request(model=replace(model, params={"temperature": 0})),
        request(prompt=Prompt("a", (Message("system", "a"),))),
        request(schema={"type": "object"}),
        request(tools=[{"name": "x"}]),
        request(repeat=1),
    ]

    keys = {answer_key(each, PROVIDER) for each in (request(), *changed)}

    assert len(keys) == 1 + len(changed)


def test_the_name_of_item_and_tier_do_not_change_a_key() -> None:
    other = request(item_id="i2", tier="large", task="another")

    assert answer_key(other, PROVIDER) == answer_key(request(), PROVIDER)


def test_keys_are_those_under_which_ledgers_hold_answers() -> None:
    long = request(model=replace(Model("scripted/s"), params={"seed": 2**70, "t": 0.5}))

    assert answer_key(request(), PROVIDER).hex() == (
        "c3b28fd408fec4563246bdae814844065dd6968df03cb0061c28552d7100aa69"
    )
    assert (
        answer_key(long, PROVIDER).hex() == "be08e11c72ce9427c03f1cc7f7a51447ddf64f36a394c736dcd2002006dae461"
    )


def test_what_is_stored_is_asked_for_a_few_keys_at_a_time() -> None:
    asked: list[int] = []

    def stored(keys: Sequence[bytes]) -> set[bytes]:
        asked.append(len(keys))
        return set(keys[::2])

    work = plan_task(make_job([f"text {number}" for number in range(1500)]), stored, set())

    assert max(asked) <= 1000
    assert (len(work.stored), len(work.pending)) == (1500, 1500)


def test_an_answer_that_was_not_judged_is_taken_up_as_the_runs_own() -> None:
    ungraded = {Slot(0, 0, 0, 0)}

    work = plan_task(make_job(("a", "b")), none_stored, set(), {Slot(0, 1, 0, 0)}, ungraded)

    assert [(each.slot, each.is_own) for each in work.stored] == [(Slot(0, 0, 0, 0), True)]
    assert {each.slot for each in work.pending} == {Slot(0, 0, 1, 0), Slot(0, 1, 1, 0)}
