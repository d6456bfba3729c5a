"""One item of a stored run with everything that was asked, answered and judged."""

from __future__ import annotations

from dataclasses import replace

from evalbench.assembly.options import ProjectOptions
from evalbench.assembly.project import settle
from evalbench.assembly.shown import PaidInVain, Shown
from evalbench.assembly.wiring import finish
from evalbench.core.completion import Effort
from evalbench.core.evalset import EvalSet, Item, Message, Task
from evalbench.core.models import Price, Tier
from evalbench.core.score import NET_WIN_RATE
from evalbench.core.trial import Trial
from evalbench.errors import InputError, UnknownNameError
from evalbench.loaders.prompts import PromptBuilder, sight_of
from evalbench.pricing.cost import lost_usd, unknown_bills
from evalbench.store.ledger import connect_stored
from evalbench.store.read import RunRow, find_run, read_tasks
from evalbench.store.records import StoredTask
from evalbench.store.trials import read_trials


def show(options: ProjectOptions, reference: str, item_id: str, task: str | None = None) -> list[Shown]:
    """Every trial of the item `item_id`, over all tasks of the run that have such an item."""
    with connect_stored(settle(options).ledger) as connection:
        run = find_run(connection, reference)
        tasks = read_tasks(connection, run.row)
        names = [each.card.task.name for each in tasks]
        if task is not None and task not in names:
            raise UnknownNameError("task", task, names)
        chosen = [each for each in tasks if task in (None, each.card.task.name)]
        found = [
            _shown(each, trial)
            for each in chosen
            if any(item.id == item_id for item in each.items)
            for trial in read_trials(connection, each, finish)
            if trial.item_id == item_id
        ]
    if not found and any(item.id == item_id for each in chosen for item in each.items):
        raise _not_asked(item_id, run)
    if not found:
        raise UnknownNameError("item", item_id, [item.id for each in chosen for item in each.items])
    return found


def _not_asked(item_id: str, run: RunRow) -> InputError:
    if run.state == "complete":
        return InputError(
            f"item {item_id!r} was not asked: the run was settled before its turn came",
            "run again without --early-stop to have every item answered.",
        )
    return InputError(
        f"item {item_id!r} was not asked: run {run.name} ended before its turn came",
        f"evalbench run --resume {run.name}",
    )


def _shown(stored: StoredTask, trial: Trial) -> Shown:
    card = stored.card
    item = next(item for item in stored.items if item.id == trial.item_id)
    model = card.models.models[trial.tier]
    is_classical = model.is_classical
    opening = tuple(Message(role, content) for role, content in card.openings.get(trial.tier, []))
    return Shown(
        task=card.task.name,
        grader=card.grader,
        item=item,
        tier=trial.tier,
        model=model.id,
        is_classical=is_classical,
        messages=() if is_classical else (*opening, *_question(card.task, item, trial.tier)),
        trial=trial,
        is_yardstick=card.task.metric == NET_WIN_RATE and trial.tier == card.models.current,
        read=sight_of(card.task, trial.tier).of(item.prompt) if is_classical else None,
        in_vain=None if trial.in_vain is None else _paid(trial.in_vain, model.price),
    )


def _paid(effort: Effort, price: Price | None) -> PaidInVain | None:
    paid = PaidInVain(lost_usd(effort, price), unknown_bills(effort, price))
    return paid if paid != PaidInVain(0.0, 0) else None


def _question(task: Task, item: Item, tier: Tier) -> tuple[Message, ...]:
    """The item's own messages; what stood before them is stored, since it may depend on the train split."""
    bare = replace(
        task,
        prompt=replace(task.prompt, system=None, shots=0),
        per_tier={name: replace(spec, system=None, shots=0) for name, spec in task.per_tier.items()},
    )
    return PromptBuilder(EvalSet(bare, (item,)), seed=0).prompt(item, tier).messages
