"""Propose the first tiers of a project from the keys and model servers that were found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from evalbench.assembly.families import FAMILIES, Ladder, ladder_of
from evalbench.assembly.options import ModelChoice
from evalbench.assembly.wiring import LOCAL_TIERS
from evalbench.core.models import Model, Tier
from evalbench.errors import InputError, UnknownNameError
from evalbench.providers.discovery import Key, Server
from evalbench.providers.endpoints import key_variables

LONGEST_ANSWER_TOKENS = 4000
"""The limit that paid tiers start with: without one, a spend cap has to reckon with very long answers."""

_NAMES: Mapping[int, tuple[Tier, ...]] = {
    1: ("large",),
    2: ("small", "large"),
    3: ("small", "medium", "large"),
}
_NO_CHAT = re.compile(r"embed|rerank|whisper|\bbge\b|\btts\b|\bclip\b|minilm", re.IGNORECASE)
_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)(b|m)(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The tiers a project starts with, and the reasons in plain words.

    `key` is the provider's key where the tiers need one, `others` are ladders of further
    providers whose keys are there. `is_served` says that the models answer on this machine.
    """

    tiers: Mapping[Tier, Model]
    why: tuple[str, ...]
    key: Key | None = None
    others: tuple[Ladder, ...] = ()
    is_served: bool = False

    @property
    def current(self) -> Tier:
        """The dearest tier stands for what is in use today, until somebody says otherwise."""
        return list(self.tiers)[-1]


def propose(keys: Sequence[Key], servers: Sequence[Server], choice: ModelChoice, today: date) -> Proposal:
    """The best start from what is there: a paid provider, else a local server, else classical models."""
    if choice.is_local and choice.provider is not None:
        raise InputError("--provider and --local exclude each other", "leave one of them out.")
    if choice.provider is not None:
        return _of_provider(choice.provider, keys, today)
    served = _served(servers)
    if choice.is_local:
        return served or _classical(keys, is_wanted=True)
    paid = _paid(keys, today)
    if paid is not None and served is not None:
        aside = "models that are served on this machine are left aside; --local proposes these"
        return replace(paid, why=(*paid.why, aside))
    return paid or served or _classical(keys, is_wanted=False)


def _of_provider(name: str, keys: Sequence[Key], today: date) -> Proposal:
    if name not in FAMILIES:
        raise UnknownNameError("provider", name, FAMILIES)
    ladder = ladder_of(name, today)
    if ladder is None:
        raise InputError(
            f"the price list of this version has no models of {name!r} to choose between",
            f"write the tiers yourself, e.g. model: {name}/NAME with a `price:`, or name another provider.",
        )
    key = next((each for each in keys if each.provider == name), None)
    why = f"all from {name}, as asked for"
    if key is None:
        key = Key(name, key_variables(name)[0])
        why += f"; {key.variable} is not set yet"
    return Proposal(_bounded(ladder).tiers, (why,), key)


def _paid(keys: Sequence[Key], today: date) -> Proposal | None:
    by_provider = {key.provider: key for key in keys}
    ladders = [
        ladder
        for provider in FAMILIES
        if provider in by_provider and (ladder := ladder_of(provider, today)) is not None
    ]
    if not ladders:
        return None
    # A key that is loaded already works without a further flag; otherwise the order of the table decides.
    first = min(ladders, key=lambda ladder: by_provider[ladder.provider].file is not None)
    others = tuple(_bounded(ladder) for ladder in ladders if ladder is not first)
    why = [f"all from {first.provider}: one provider is enough to start with"]
    if others:
        names = ", ".join(ladder.provider for ladder in others)
        why.append(f"{names}: models of these stand in the file as a comment; --provider NAME proposes them")
    without = sorted(by_provider.keys() - {ladder.provider for ladder in ladders})
    if without:
        why.append(_without_proposal(without))
    return Proposal(_bounded(first).tiers, tuple(why), by_provider[first.provider], others)


def _bounded(ladder: Ladder) -> Ladder:
    params = {"max_tokens": LONGEST_ANSWER_TOKENS}
    return replace(
        ladder, tiers={tier: replace(model, params=params) for tier, model in ladder.tiers.items()}
    )


def _served(servers: Sequence[Server]) -> Proposal | None:
    models = [
        Model(f"{server.place.provider}/{name}", api_base=server.place.base)
        for server in servers
        for name in server.models
        if not _NO_CHAT.search(name)
    ]
    if not models:
        return None
    by_size = _one_for_each_size(models)
    is_sized = len(by_size) > 1 or len(by_size) == len(models)
    chosen = _spread(by_size if is_sized else models)
    why = [
        "models that are served on this machine, the smallest first, going by the sizes in their names"
        if is_sized
        else "models that are served on this machine; their names tell no sizes, so put the cheapest first"
    ]
    left = [model.label for model in models if model not in chosen]
    if left:
        why.append(f"also served: {', '.join(left[:10])}{' …' if len(left) > 10 else ''}")  # noqa: PLR2004 - a line's worth
    return Proposal(dict(zip(_NAMES[len(chosen)], chosen, strict=True)), tuple(why), is_served=True)


def size_in_billions(name: str) -> float | None:
    """How many billion parameters a model's name says it has: `8x7b` is 56, `135m` is 0.135."""
    found = _SIZE.search(name)
    if found is None:
        return None
    experts, size, unit = int(found[1] or 1), float(found[2]), found[3].lower()
    return experts * size / (1 if unit == "b" else 1000)


def _one_for_each_size(models: Iterable[Model]) -> list[Model]:
    sizes: dict[float, Model] = {}
    for model in models:
        size = size_in_billions(model.id)
        if size is not None:
            sizes.setdefault(size, model)
    return [model for _, model in sorted(sizes.items(), key=lambda pair: pair[0])]


def _spread(models: Sequence[Model]) -> list[Model]:
    """At most three of them: the first, the last, and the one in the middle."""
    most = 3
    return list(models) if len(models) <= most else [models[0], models[len(models) // 2], models[-1]]


def _classical(keys: Sequence[Key], *, is_wanted: bool) -> Proposal:
    why = [
        "classical models that run in this process, with no key and no network: they are no language models"
    ]
    if keys and not is_wanted:
        why.append(_without_proposal(sorted({key.provider for key in keys})))
    return Proposal(LOCAL_TIERS, tuple(why))


def _without_proposal(providers: Sequence[str]) -> str:
    names = ", ".join(providers)
    return f"no models are known here to propose of {names}; write {providers[0]}/MODEL for a tier yourself"
