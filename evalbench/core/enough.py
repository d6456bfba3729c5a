"""Below what a decision calls the evidence too thin, whatever it says."""

from __future__ import annotations

FEWEST_ITEMS = 20
FEWEST_GROUPS = 10
"""So many items, in so many groups where they come in groups."""

MOST_MISSING = 0.05
"""The share of items that may lack an answer."""
