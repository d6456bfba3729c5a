"""Write the first `evalbench.yaml` of a project: short, with the reasons beside the settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from evalbench.assembly.proposal import Proposal
from evalbench.core.models import Model, Price, Tier
from evalbench.providers.discovery import Key
from evalbench.reports.numbers import price as unit_price

_PLAIN = re.compile(r"[A-Za-z][\w./@+-]*(?::[\w./@+-]+)*", re.ASCII)

_HEAD = """\
# Which models stand at which tier, cheapest first, and which one you use today.
# Every tier is compared with `current`, item by item.
"""

_CLASSICAL_HEAD = """\
  # Classical models that run in this process: no key and no network. They are no language
  # models; they answer the question whether a task needs one at all.
"""

_CLASSICAL_FOOT = """\
  # What else can stand here:
  #   small: openai/gpt-5-nano                      any model with a key, or with an api_base
  #   small: recorded/answers.jsonl#gpt-4o-mini     answers that were collected before
  #   large: python/pipeline.py:answer              any function that takes a prompt
"""

_SERVED_HEAD = """\
  # These are served on this machine. What they cost is for you to say: USD per hour while the
  # machine answers. Without it their quality is compared all the same, but no saving.
"""

_REST = """\
# evalsets: [evalsets/*]     where the eval sets are, relative to this file
# repeats: 1                 how often each item is asked
"""


def starter_text(proposal: Proposal) -> str:
    """The whole file."""
    return "".join([_HEAD, "tiers:\n", *_tiers(proposal), _current(proposal), "\n", _spend(proposal), _REST])


def price_words(price: Price | None) -> str:
    """A list price as people compare it."""
    if price is None or price.input is None or price.output is None:
        return "price unknown"
    return f"{unit_price(price.input)} in, {unit_price(price.output)} out"


def _tiers(proposal: Proposal) -> Iterator[str]:
    if proposal.key is not None:
        yield from _paid(proposal.key, proposal)
    elif proposal.is_served:
        yield _SERVED_HEAD
        yield from _served(proposal.tiers)
    else:
        yield _CLASSICAL_HEAD
        yield from (f"  {tier}: {model.id}\n" for tier, model in proposal.tiers.items())
        yield _CLASSICAL_FOOT


def _paid(key: Key, proposal: Proposal) -> Iterator[str]:
    price = next(iter(proposal.tiers.values())).price
    yield f"  # The key is read from {key.variable}. Prices: USD per million tokens, {source_words(price)}.\n"
    yield "  # max_tokens bounds an answer, thinking included; one that is cut off there is reported.\n"
    yield from _lines(proposal.tiers, "  ")
    for ladder in proposal.others:
        yield f"  # {ladder.provider} has a key, too. Any of these can stand at a tier instead:\n"
        yield from _lines(ladder.tiers, "  #   ")


def _lines(tiers: Mapping[Tier, Model], indent: str) -> Iterator[str]:
    written = {tier: f"{tier}: {_flow(model)}" for tier, model in tiers.items()}
    width = max(len(text) for text in written.values())
    for tier, text in written.items():
        yield f"{indent}{text:{width}}  # {price_words(tiers[tier].price)}\n"


def _flow(model: Model) -> str:
    params = ", ".join(f"{name}: {json.dumps(value)}" for name, value in model.params.items())
    return f"{{model: {_scalar(model.id)}, params: {{{params}}}}}"


def source_words(price: Price | None) -> str:
    """Where a price comes from, and of what date it is."""
    if price is None:
        return "unknown"
    return price.source if price.as_of is None else f"{price.source} of {price.as_of}"


def _served(tiers: Mapping[Tier, Model]) -> Iterator[str]:
    for tier, model in tiers.items():
        yield f"  {tier}:\n    model: {_scalar(model.id)}\n    api_base: {model.api_base}\n"
        yield "    # price: {per_hour: 0.50}   # fill in\n"


def _current(proposal: Proposal) -> str:
    return f"current: {proposal.current}\n"


def _spend(proposal: Proposal) -> str:
    if proposal.key is not None:
        return "max_spend_usd: 5             # a run stops before it could spend more\n"
    return "# max_spend_usd: 5           a run stops before it could spend more\n"


def _scalar(text: str) -> str:
    """Text as YAML reads it back, whatever a server calls its models."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
