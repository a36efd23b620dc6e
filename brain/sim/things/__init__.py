"""Things with a life: they appear, grow, shrink and vanish at known instants. One file a family."""
