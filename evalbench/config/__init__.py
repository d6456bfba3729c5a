"""The two files a user writes, evalbench.yaml and evalset.yaml, read strictly and with helpful errors."""
