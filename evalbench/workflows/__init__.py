"""One function for each command: the stages wired together."""
