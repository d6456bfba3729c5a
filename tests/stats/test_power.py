from __future__ import annotations

import pytest

from evalbench.stats.power import detectable_drop, items_needed, provable_margin


@pytest.mark.parametrize("items", [60, 274, 1000, 20_000])
def test_the_provable_margin_needs_just_the_items_there_are(items: int) -> None:
    margin = provable_margin(items, 0.1)

    assert items_needed(margin, 0.1) <= items
    assert items_needed(margin * 0.99, 0.1) > items


def test_without_items_only_the_whole_scale_is_provable() -> None:
    assert provable_margin(0, 0.1) == 1.0


def test_clusters_need_more_items_in_proportion() -> None:
    assert items_needed(0.05, 0.1, dispersion=3.0) == pytest.approx(3 * 274, abs=3)


def test_more_items_see_smaller_drops() -> None:
    assert detectable_drop(400, 0.1) == pytest.approx(detectable_drop(100, 0.1) / 2)


def test_a_difference_beyond_the_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="theta above -margin"):
        items_needed(0.05, 0.2, theta=-0.05)


def test_a_discordance_below_the_difference_is_refused() -> None:
    with pytest.raises(ValueError, match="discordance"):
        items_needed(0.05, 0.01, theta=-0.02)
