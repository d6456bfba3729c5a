"""One run rendered for people and for scripts."""
