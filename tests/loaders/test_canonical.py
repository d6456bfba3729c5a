from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalbench.loaders.canonical import canonical, is_canonical

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


def standard(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(VALUES)
def test_the_text_is_that_of_the_standard_writer_to_the_byte(value: Any) -> None:
    assert canonical(value) == standard(value)


@pytest.mark.parametrize("value", [1e16, [1e-7], {"a": 2**64}, [-(2**63) - 1], {"b": 1, "a": [0.1]}])
def test_numbers_that_writers_disagree_on_are_written_as_ledgers_have_them(value: Any) -> None:
    assert canonical(value) == standard(value)


def test_what_has_unsorted_keys_or_floats_is_not_canonical_as_it_stands() -> None:
    assert is_canonical(["a", {"a": 1, "b": [None, {"c": "x"}]}])
    assert not is_canonical([{"b": 1, "a": 2}])
    assert not is_canonical([{"a": {"d": 1, "c": 2}}])
    assert not is_canonical({"a": [1.5]})
