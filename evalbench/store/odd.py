"""What is kept of an entry that the ledger does not take as it is."""

from __future__ import annotations

from dataclasses import replace

from evalbench.core.completion import Effort, Failure
from evalbench.core.plan import Entry


def without_odd_parts(entry: Entry, error: Exception) -> tuple[Entry, ...]:
    """The same entry with ever less of it: without its grade, and without its answer.

    The failure in their place says why; what the answer was billed for stays on it.
    """
    why = f"could not be stored: {error}".encode("ascii", "backslashreplace").decode()
    nothing = replace(
        entry,
        key=None,
        completion=None,
        score=None,
        failure=Failure("not_stored", f"what came back {why}", effort=_paid(entry)),
    )
    if entry.key is None:
        return (nothing,)
    not_graded = replace(entry, score=None, failure=Failure("not_stored", f"its grade {why}"))
    # Where the answer was stored before, it cannot be what is odd.
    return (not_graded,) if entry.completion is None else (not_graded, nothing)


def _paid(entry: Entry) -> Effort:
    if entry.completion is not None:
        effort = entry.completion.effort
        lost = entry.completion.usage.plus(effort.lost)
        return replace(effort, lost=lost, busy_s=entry.completion.busy_s or 0.0)
    return Effort() if entry.failure is None else entry.failure.effort
