"""Read rows of a data set on the hub: the only loader that uses the network, and only when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evalbench.errors import EvalSetError
from evalbench.loaders.dataset_rows import silence, table_rows
from evalbench.loaders.problems import Problems
from evalbench.loaders.rows import Row


def read_hub_rows(place: Mapping[str, str], problems: Problems, default_split: str = "test") -> Iterator[Row]:
    """The rows of `place`, which has `hub` and may have `config`, `split` and `revision`."""
    name, split = place["hub"], place.get("split", default_split)
    yield from table_rows(f"hub {name}", _download(place, name, split), problems)


def _download(place: Mapping[str, str], name: str, split: str) -> Any:
    silence()
    from datasets import load_dataset

    try:
        return load_dataset(name, place.get("config"), split=split, revision=place.get("revision"))
    except (OSError, ValueError, RuntimeError, LookupError) as error:
        # Everything the library raises for a name, a split or a network that is not there.
        reason = str(error).partition("\n")[0]
        raise EvalSetError(
            f"cannot read {split!r} of {name!r} from the hub: {reason}",
            "check the name and the network, or save the rows as a .jsonl file and give `items: FILE`.",
        ) from error
