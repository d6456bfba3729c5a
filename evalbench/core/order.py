"""The random order in which a run that may stop early asks its items."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from evalbench.core.evalset import Item


@dataclass(frozen=True, slots=True)
class AskingOrder:
    """Positions of the items in the order they are asked, and the cluster that each stands in.

    `clusters` runs beside `places` and rises from 0: items of a group stand together, an item
    without a group is a cluster of its own.
    """

    places: array[int]
    clusters: array[int]

    def __len__(self) -> int:
        return len(self.places)


def asking_order(items: Iterable[Item], task: str, seed: int) -> AskingOrder:
    """The order of a task's items by this seed, whole groups together.

    Groups are sorted by a hash of seed, task and name, and the items of a group likewise, so the
    order of the file does not matter: the same items always come in the same order.
    """

    def ranks(item: Item) -> tuple[bytes, bytes]:
        own = _rank(seed, task, "item", item.id)
        return (own if item.group is None else _rank(seed, task, "group", item.group)), own

    ranked = sorted((*ranks(item), place) for place, item in enumerate(items))
    places, clusters, before = array("q"), array("q"), b""
    for cluster, _, place in ranked:
        places.append(place)
        clusters.append((clusters[-1] + (cluster != before)) if clusters else 0)
        before = cluster
    return AskingOrder(places, clusters)


def _rank(seed: int, task: str, kind: str, name: str) -> bytes:
    return sha256("\0".join((str(seed), task, kind, name)).encode("utf-8", "surrogatepass")).digest()
