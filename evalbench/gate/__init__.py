"""Whether a run is still as good as an accepted one: for checks that may fail a build."""
