"""Many settings of one scenario tried on the observations of a run, each judged against what a person saw (调参)."""
