"""Judgements of answers, one grader a file."""
