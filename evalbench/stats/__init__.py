"""Pure statistics: intervals, paired tests, multiplicity and sample sizes."""
