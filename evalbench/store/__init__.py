"""The ledger: every answer that was ever paid for, every score, every run."""
