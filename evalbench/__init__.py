"""Measure which model tier is good enough for each task, what it saves, and whether that is still true."""

__version__ = "0.1.0"
