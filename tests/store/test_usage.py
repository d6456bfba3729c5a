from __future__ import annotations

from pathlib import Path

from evalbench.core.plan import Entry, Slot
from evalbench.store.ledger import connect
from evalbench.store.usage import Used, used_by
from evalbench.store.write import write_entries
from tests.store.test_ledger import ANSWER, KEY, begin


def test_the_newest_answers_of_a_model_on_a_task_tell_what_they_used(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER)], [row])

        found = used_by(connection, "demo", "python/models:small")

    assert found == [Used(input_tokens=21, output_tokens=3, busy_s=0.4)]


def test_another_task_or_model_tells_nothing(tmp_path: Path) -> None:
    with connect(tmp_path / "ledger.sqlite") as connection:
        row = begin(connection)
        write_entries(connection, [Entry(Slot(0, 0, 0, 0), KEY, completion=ANSWER)], [row])

        assert used_by(connection, "another", "python/models:small") == []
        assert used_by(connection, "demo", "python/models:large") == []
