"""Adapters that turn a prompt into an answer: classical models, recordings, any callable."""
