"""From a finished run to a verdict for each task."""
