"""Turn files and hub sets into eval sets, and say everything that is wrong with them at once."""
