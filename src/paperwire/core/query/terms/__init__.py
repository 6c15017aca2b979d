"""Terms of queries: one file for each kind of term, listed in `kinds.KINDS`."""
