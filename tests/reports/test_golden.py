from __future__ import annotations

import pytest

from tests.golden.update import FOLDER, rendered


@pytest.mark.parametrize("name", ["report.html", "index.html", "summary.md", "summary.json", "verdict.txt"])
def test_a_page_looks_as_it_was_last_approved(name: str) -> None:
    approved = (FOLDER / name).read_text(encoding="utf-8")

    assert rendered()[name] == approved, "if this is meant: python -m tests.golden.update"
