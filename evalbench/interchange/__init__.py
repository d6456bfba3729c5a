"""Answers of other origin come in, and results leave, one format a file."""
