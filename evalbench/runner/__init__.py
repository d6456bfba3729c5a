"""Plan the calls of a run, make them, and hand every answer on as it arrives."""
